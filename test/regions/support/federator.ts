import { fileURLToPath } from "node:url";
import { startServerProcess } from "../../support/process.ts";
import type { HttpServer } from "../../support/reference.ts";

const main = fileURLToPath(new URL("../../../apps/federator/src/main.ts", import.meta.url));

/** Starts one federator of this repository, as an operator would; `flags` say at least where Redis and the peers are. */
export async function startFederator(port: number, flags: readonly string[]): Promise<HttpServer> {
  const url = `http://127.0.0.1:${port}`;
  const federator = await startServerProcess({
    command: process.execPath,
    args: [main, `--web.listen-address=127.0.0.1:${port}`, ...flags],
    readyUrl: `${url}/-/ready`,
  });
  return { url, process: federator, [Symbol.asyncDispose]: () => federator[Symbol.asyncDispose]() };
}
