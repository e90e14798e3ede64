/** Real reapers on a real Redis, and ways to look at what they do. */
import { createRedisStore, type GroupStore } from "@pushfleet/store";
import { Redis } from "ioredis";
import { gauge, group } from "../../packages/store/src/contract/families.ts";
import { startReaper as startReaperWith } from "../support/reaper.ts";
import { startRedis } from "../support/redis.ts";
import type { HttpServer } from "../support/reference.ts";

/** Starts one reaper as an operator would. */
export function startReaper(redisUrl: string, flags: readonly string[] = []): Promise<HttpServer> {
  return startReaperWith([`--redis.url=${redisUrl}`, ...flags]);
}

/** The value of one of its own metrics. */
export async function metric({ url }: HttpServer, name: string): Promise<number> {
  const text = await (await fetch(`${url}/-/metrics`)).text();
  const line = text.split("\n").find((each) => each.startsWith(`${name} `));
  if (line === undefined) throw new Error(`no metric ${name}`);
  return Number(line.slice(name.length));
}

export interface Bench extends AsyncDisposable {
  readonly server: Awaited<ReturnType<typeof startRedis>>;
  readonly redis: Redis;
  readonly store: GroupStore;
  /** Pushes so many groups of five families and twelve series. */
  fill(count: number, options: { readonly ttlMs: number }): Promise<void>;
  /** How many groups wait for the end of their time to live, or for a reaper. */
  awaitingExpiry(): Promise<number>;
}

const pushesAtOnce = 64;

export async function openBench(settings: Readonly<Record<string, string>> = {}): Promise<Bench> {
  const server = await startRedis({ settings });
  const redis = new Redis(server.url);
  redis.on("error", () => {}); // some tests kill the server
  const store = await createRedisStore({ url: server.url });

  const pushGroup = async (number: number, ttlMs: number): Promise<void> => {
    const owner = group({ job: `job_${number % 100}`, instance: `host-${number}.example.com` });
    const names = ["duration_seconds", "rows_total", "errors_total", "bytes"];
    const families = names.map((name) =>
      gauge(owner, `batch_${name}`, number, [{ step: "a" }, { step: "b" }]),
    );
    const steps = ["a", "b", "c", "d"].map((step) => ({ step }));
    families.push(gauge(owner, "batch_last_success_timestamp_seconds", number, steps));
    await store.push(owner, families, { mode: "replace", ttlMs });
  };

  return {
    server,
    redis,
    store,
    async fill(count, { ttlMs }) {
      let next = 0;
      const pushRemaining = async () => {
        while (next < count) await pushGroup(next++, ttlMs);
      };
      await Promise.all(Array.from({ length: pushesAtOnce }, pushRemaining));
    },
    awaitingExpiry: () => redis.zcard("pushfleet:{0}:expiry"),
    async [Symbol.asyncDispose]() {
      redis.disconnect();
      await store.close();
      await server[Symbol.asyncDispose]();
    },
  };
}
