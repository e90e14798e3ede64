import { fileURLToPath } from "node:url";
import { freePort } from "./ports.ts";
import { startServerProcess } from "./process.ts";
import type { HttpServer } from "./reference.ts";

/** The load balancer at `url`. */
export interface LoadBalancer extends HttpServer {
  /** HAProxy's own health, metrics and statistics. */
  readonly statisticsUrl: string;
}

/** The project's own configuration, as an operator runs it. */
export const haproxyConfig = fileURLToPath(new URL("../../ops/haproxy/haproxy.cfg", import.meta.url));

/**
 * Starts HAProxy in front of three gateways, given by their addresses. Resolves when it answers; it believes in each gateway
 * until its first check. Listens at `atPort`, or at a free one.
 */
export async function startHaproxy(
  gateways: readonly [string, string, string],
  atPort?: number,
): Promise<LoadBalancer> {
  const [port, statisticsPort] = [atPort ?? (await freePort()), await freePort()];
  const statisticsUrl = `http://127.0.0.1:${statisticsPort}`;
  const [first, second, third] = gateways.map((url) => new URL(url).host);
  const process = await startServerProcess({
    command: "haproxy",
    args: ["-db", "-f", haproxyConfig],
    env: {
      PUSHFLEET_BIND: `127.0.0.1:${port}`,
      PUSHFLEET_STATS_BIND: `127.0.0.1:${statisticsPort}`,
      GATEWAY_1: first ?? "",
      GATEWAY_2: second ?? "",
      GATEWAY_3: third ?? "",
    },
    readyUrl: `${statisticsUrl}/-/ready`,
    missing: "HAProxy is missing: apt-get install haproxy",
  });
  return {
    url: `http://127.0.0.1:${port}`,
    statisticsUrl,
    process,
    [Symbol.asyncDispose]: () => process[Symbol.asyncDispose](),
  };
}
