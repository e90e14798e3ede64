<?php

// Does what each line of the standard input says; ../program.ts tells what is in them. No Debian package has PromPHP's
// prometheus_push_gateway_php: this sends what it sends, by Guzzle as it does. The argument is the folder of what to push.

declare(strict_types=1);

require 'GuzzleHttp/autoload.php';

use GuzzleHttp\Client;

while (($line = fgets(STDIN)) !== false) {
    try {
        carryOut(rtrim($line, "\n"), $argv[1]);
        echo "ok\n";
    } catch (Throwable $error) {
        echo 'failed: ' . preg_replace('/\s+/', ' ', $error->getMessage()) . "\n";
    }
}

function carryOut(string $line, string $expositions): void
{
    [$operation, $metrics, $address, $login] = $fields = explode("\t", $line);
    // As they are: PromPHP escapes nothing.
    $url = "$address/metrics/" . implode('/', array_slice($fields, 5));
    $options = ['headers' => ['Content-Type' => 'text/plain; version=0.0.4']];
    if ($operation !== 'delete') {
        $options['body'] = file_get_contents("$expositions/$metrics.txt");
    }
    $methods = ['push' => 'PUT', 'add' => 'POST', 'delete' => 'DELETE'];
    $client = new Client(
        ['connect_timeout' => 10, 'timeout' => 20] + ($login === '' ? [] : ['auth' => explode(':', $login, 2)])
    );
    $response = $client->request($methods[$operation], $url, $options);
    if (!in_array($response->getStatusCode(), [200, 202], true)) {
        throw new RuntimeException("Unexpected status code {$response->getStatusCode()}");
    }
}
