import { freePort } from "./ports.ts";
import { type ServerProcess, startServerProcess } from "./process.ts";

/** A running server with its address, e.g. `http://127.0.0.1:9091`, without a trailing slash. */
export interface HttpServer extends AsyncDisposable {
  readonly url: string;
  readonly process: ServerProcess;
}

/** Starts Debian's Prometheus Pushgateway (1.5.1 in bookworm), without persistence. */
export async function startReference(
  flags: readonly string[] = [],
  { scheme = "http" }: { readonly scheme?: "http" | "https" } = {},
): Promise<HttpServer> {
  const port = await freePort();
  const url = `${scheme}://127.0.0.1:${port}`;
  const process = await startServerProcess({
    command: "prometheus-pushgateway",
    args: [`--web.listen-address=127.0.0.1:${port}`, "--persistence.file=", ...flags],
    readyUrl: `${url}/-/ready`,
    missing: "The reference Pushgateway is missing: apt-get install prometheus-pushgateway",
  });
  return { url, process, [Symbol.asyncDispose]: () => process[Symbol.asyncDispose]() };
}
