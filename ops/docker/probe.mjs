// Asks the program in this container, as HEALTHCHECK and operators do: node ops/docker/probe.mjs [PATH] [PORT]
// Ends with 0 and prints the answer when it is a 200, else with 1. The gateway's port is the default.

const [path = "/-/healthy", port = "9091"] = process.argv.slice(2);
const response = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(2_500) });
process.stdout.write(await response.text());
process.exitCode = response.ok ? 0 : 1;
