import { spawn } from "node:child_process";

/** What a client of OpenSSL found. */
export interface Handshake {
  /** Whether a request sent over the connection was answered 200. */
  readonly isServed: boolean;
  /** e.g. `TLSv1.3`. */
  readonly protocol: string | undefined;
  /** By OpenSSL's name. */
  readonly cipher: string | undefined;
  /** What the key was agreed upon by, e.g. `X25519`. */
  readonly curve: string | undefined;
  readonly output: string;
}

/** Connects by `openssl s_client` and asks for `/-/healthy`. The options are the client's, as in `-tls1_2`. */
export async function shakeHands(port: number, options: readonly string[] = []): Promise<Handshake> {
  const client = spawn("openssl", ["s_client", "-connect", `127.0.0.1:${port}`, "-ign_eof", ...options], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  let output = "";
  client.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  client.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
  // A server that closes at once breaks the pipe: what became of the connection is in the output.
  client.stdin.on("error", () => {});
  client.stdin.end("GET /-/healthy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  await new Promise((resolve) => client.on("close", resolve));
  const [, protocol, cipher] = /^New, (TLSv[\d.]+), Cipher is (\S+)$/m.exec(output) ?? [];
  return {
    isServed: output.includes("HTTP/1.1 200 OK"),
    // The line above tells TLS 1.0 for all that have its ciphers.
    protocol: /^ *Protocol *: *(\S+)$/m.exec(output)?.[1] ?? protocol,
    cipher,
    curve: /^Server Temp Key: (?:ECDH, )?([^,\n]+)/m.exec(output)?.[1],
    output,
  };
}
