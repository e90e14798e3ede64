import { expect } from "vitest";
import { startFederator } from "../support/federator.ts";
import { startGateway } from "../support/gateway.ts";
import { type RedisServer, startRedis } from "../support/redis.ts";
import type { HttpServer } from "../support/reference.ts";

/** One region: Redis and a gateway. */
export interface Region extends AsyncDisposable {
  readonly id: string;
  readonly redis: RedisServer;
  readonly gateway: HttpServer;
  push(job: string, body?: string): Promise<void>;
  delete(job: string): Promise<void>;
  /** The jobs on a scrape, sorted. */
  jobs(): Promise<readonly string[]>;
  /** The lines of a scrape but for what gateways tell of themselves, sorted. */
  lines(): Promise<readonly string[]>;
}

export async function startRegion(
  id: string,
  flags: readonly string[] = [],
  scheme: "http" | "https" = "http",
): Promise<Region> {
  const redis = await startRedis();
  const gateway = await startGateway({
    redisUrl: redis.url,
    scheme,
    flags: [`--federation.region=${id}`, ...flags],
  });
  const scrape = async () => {
    const response = await fetch(`${gateway.url}/metrics`);
    expect(response.status).toBe(200);
    return response.text();
  };
  return {
    id,
    redis,
    gateway,
    async push(job, body = "m 1\n") {
      const response = await fetch(`${gateway.url}/metrics/job/${job}`, { method: "PUT", body });
      expect(response.status).toBe(200);
    },
    async delete(job) {
      const response = await fetch(`${gateway.url}/metrics/job/${job}`, { method: "DELETE" });
      expect(response.status).toBe(202);
    },
    async jobs() {
      const found = (await scrape()).matchAll(/^push_time_seconds\{.*job="([^"]*)"/gm);
      return Array.from(found, ([, job]) => job ?? "").sort();
    },
    async lines() {
      return (await scrape())
        .split("\n")
        .filter((line) => !line.startsWith("#") && line !== "")
        .sort();
    },
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      await redis[Symbol.asyncDispose]();
    },
  };
}

/** A federator from one region to others, at their gateways or at other URLs. */
export function federate(
  from: Region,
  peers: Readonly<Record<string, string>>,
  flags: readonly string[] = [],
): Promise<HttpServer> {
  return startFederator({ redisUrl: from.redis.url, region: from.id, peers, flags });
}

/** The value of one of the federator's own metrics for a peer. */
export async function peerMetric(federator: HttpServer, name: string, peer: string): Promise<number> {
  const text = await (await fetch(`${federator.url}/-/metrics`)).text();
  const [, value] =
    new RegExp(`^pushfleet_federator_${name}\\{peer="${peer}"\\} (\\S+)$`, "m").exec(text) ?? [];
  return Number(value);
}

export const soon = { timeout: 10_000, interval: 20 };
export const patient = { timeout: 30_000, interval: 50 };
