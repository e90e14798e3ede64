import { fileURLToPath } from "node:url";
import { freePort } from "./ports.ts";
import { startServerProcess } from "./process.ts";
import type { HttpServer } from "./reference.ts";

const main = fileURLToPath(new URL("../../apps/reaper/src/main.ts", import.meta.url));

/** Starts one reaper of this repository, as an operator would; `flags` say at least where Redis is. */
export async function startReaper(flags: readonly string[]): Promise<HttpServer> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const reaper = await startServerProcess({
    command: process.execPath,
    args: [main, `--web.listen-address=127.0.0.1:${port}`, ...flags],
    readyUrl: `${url}/-/ready`,
  });
  return { url, process: reaper, [Symbol.asyncDispose]: () => reaper[Symbol.asyncDispose]() };
}
