import { fileURLToPath } from "node:url";
import { freePort } from "./ports.ts";
import { startServerProcess } from "./process.ts";
import type { HttpServer } from "./reference.ts";

export interface FederatorOptions {
  /** Unless `flags` say where Redis is. */
  readonly redisUrl?: string;
  /** Unless `flags` or `env` say it. */
  readonly region?: string;
  /** URLs of the gateways of other regions, by region. */
  readonly peers?: Readonly<Record<string, string>>;
  readonly flags?: readonly string[];
  /** A free one unless set. */
  readonly port?: number;
  /** As for `startServerProcess`. */
  readonly yields?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

const main = fileURLToPath(new URL("../../apps/federator/src/main.ts", import.meta.url));

/** Starts one federator of this repository, as an operator would. */
export async function startFederator({
  redisUrl,
  region,
  peers = {},
  flags = [],
  port: wantedPort,
  yields,
  env,
}: FederatorOptions): Promise<HttpServer> {
  const port = wantedPort ?? (await freePort());
  const url = `http://127.0.0.1:${port}`;
  const federator = await startServerProcess({
    command: process.execPath,
    args: [
      main,
      `--web.listen-address=127.0.0.1:${port}`,
      ...(redisUrl === undefined ? [] : [`--redis.url=${redisUrl}`]),
      ...(region === undefined ? [] : [`--federation.region=${region}`]),
      ...Object.entries(peers).map(([id, peer]) => `--federation.peers=${id}=${peer}`),
      ...flags,
    ],
    ...(yields === undefined ? {} : { yields }),
    ...(env === undefined ? {} : { env }),
    readyUrl: `${url}/-/ready`,
  });
  return { url, process: federator, [Symbol.asyncDispose]: () => federator[Symbol.asyncDispose]() };
}
