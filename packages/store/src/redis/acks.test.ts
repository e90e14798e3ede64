import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type RedisServer, startRedis } from "../../../../test/support/redis.ts";
import { gauge, group } from "../contract/families.ts";
import { Reader } from "../contract/reader.ts";
import { type GroupStore, StoreUnavailable } from "../store.ts";
import { createRedisStore, type RedisStoreOptions } from "./store.ts";

const a = group({ job: "a" });
const replace = { mode: "replace" } as const;
const size = (value: number) => [gauge(a, "size", value)];

let primary: RedisServer;
let replica: RedisServer;
let redis: Redis;
let stores: GroupStore[];

const open = async (options: Partial<RedisStoreOptions> = {}): Promise<GroupStore> => {
  const store = await createRedisStore({ url: primary.url, acks: 1, ...options });
  stores.push(store);
  return store;
};

beforeAll(async () => {
  primary = await startRedis({ settings: { "repl-diskless-sync-delay": "0" } });
  replica = await startRedis({ settings: { replicaof: `${primary.host} ${primary.port}` } });
  redis = new Redis(primary.url);
});
afterAll(async () => {
  redis.disconnect();
  await replica[Symbol.asyncDispose]();
  await primary[Symbol.asyncDispose]();
});
beforeEach(() => {
  stores = [];
});
afterEach(async () => {
  await replica.resume();
  await Promise.all(stores.map((store) => store.close()));
});

const longStart = { holdMs: 20_000 };

test("a push resolves when a replica holds it", async () => {
  const store = await open(longStart);
  await store.push(a, size(1), replace);
  const copy = new Redis(replica.url);
  try {
    const ids = await copy.zrange("pushfleet:{0}:changes", "0", "-1");
    expect(ids).toContain(a.id);
  } finally {
    copy.disconnect();
  }
});

test("without a replica that answers, neither pushes nor reads are confirmed", async () => {
  const store = await open();
  await store.push(a, size(1), replace);
  await replica.pause();
  await expect(store.push(a, size(2), replace)).rejects.toThrow(StoreUnavailable);
  await expect(store.push(a, size(3), replace)).rejects.toThrow(/0 of 1 replicas confirm/);
  await expect(store.changes(null, 100)).rejects.toThrow(StoreUnavailable);
  await expect(store.ready()).rejects.toThrow(StoreUnavailable);
});

test("a push is held until a replica answers again", async () => {
  const store = await open(longStart);
  await replica.pause();
  let isDone = false;
  const push = store.push(a, size(4), replace).then(() => {
    isDone = true;
  });
  await expect(store.changes(null, 100)).rejects.toThrow(StoreUnavailable);
  expect(isDone).toBe(false);
  await replica.resume();
  await push;
  const reader = new Reader(store);
  await reader.sync();
  expect(reader.groups.get(a.id)?.families[0]?.text).toEndWith(" 4\n");
});

test("pushes of one turn share one confirmation", async () => {
  const store = await open(longStart);
  const waits = async () =>
    Number(/cmdstat_wait:calls=(\d+)/.exec(await redis.info("commandstats"))?.[1] ?? 0);
  const before = await waits();
  await Promise.all(Array.from({ length: 200 }, (_, i) => store.push(group({ job: `j${i}` }), [], replace)));
  expect((await waits()) - before).toBeLessThan(20);
});
