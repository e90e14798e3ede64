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

export interface HaproxyOptions {
  /** Absent = a free one. */
  readonly port?: number;
  /** Address of one more gateway. Absent: the three take what other regions bring. */
  readonly gatewayForRegions?: string;
}

/**
 * Starts HAProxy in front of three gateways, given by their addresses. Resolves when it answers; it believes in each gateway
 * until its first check.
 */
export async function startHaproxy(
  gateways: readonly [string, string, string],
  { port: wantedPort, gatewayForRegions }: HaproxyOptions = {},
): Promise<LoadBalancer> {
  const [port, statisticsPort] = [wantedPort ?? (await freePort()), await freePort()];
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
      ...(gatewayForRegions === undefined ? {} : { GATEWAY_FOR_REGIONS: new URL(gatewayForRegions).host }),
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
