import { fileURLToPath } from "node:url";
import { freePort } from "./ports.ts";
import { startServerProcess } from "./process.ts";
import type { HttpServer } from "./reference.ts";

export interface GatewayOptions {
  /** e.g. `redis://127.0.0.1:6379`; absent = the embedded store. */
  readonly redisUrl?: string;
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** As for `startServerProcess`. */
  readonly yields?: boolean;
  /** Absent = a free one. */
  readonly port?: number;
  /** Absent = `/-/ready`; differs under a route prefix. */
  readonly readyPath?: string;
  /** Absent = `http`; the certificate is not looked at. */
  readonly scheme?: "http" | "https";
}

const main = fileURLToPath(new URL("../../apps/gateway/src/main.ts", import.meta.url));

/** Starts one gateway replica of this repository, as an operator would. */
export async function startGateway(options: GatewayOptions = {}): Promise<HttpServer> {
  const port = options.port ?? (await freePort());
  const url = `${options.scheme ?? "http"}://127.0.0.1:${port}`;
  const replica = await startServerProcess({
    command: process.execPath,
    args: [
      main,
      `--web.listen-address=127.0.0.1:${port}`,
      ...(options.redisUrl === undefined ? [] : [`--redis.url=${options.redisUrl}`]),
      ...(options.flags ?? []),
    ],
    ...(options.env === undefined ? {} : { env: options.env }),
    ...(options.yields === undefined ? {} : { yields: options.yields }),
    readyUrl: `${url}${options.readyPath ?? "/-/ready"}`,
  });
  return { url, process: replica, [Symbol.asyncDispose]: () => replica[Symbol.asyncDispose]() };
}
