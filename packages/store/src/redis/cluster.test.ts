import { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type RedisServer, startRedis } from "../../../../test/support/redis.ts";
import type { Cluster, MemberReport } from "../cluster/cluster.ts";
import { regionId } from "../replication/version.ts";
import { StoreUnavailable } from "../store.ts";
import { createRedisStore, type RedisStore } from "./store.ts";

const membersKey = "pushfleet:{0}:members";
const noRequests = { pushes: [], refused: [], failed: [], scrapes: [] };

let server: RedisServer;
let redis: Redis;
let store: RedisStore;
let cluster: Cluster;

beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.url);
  store = await createRedisStore({ url: server.url });
  ({ cluster } = store);
});
afterAll(async () => {
  await store.close();
  redis.disconnect();
  await server[Symbol.asyncDispose]();
});
beforeEach(() => redis.flushall());

function gateway(id: string): MemberReport {
  const rates = { intervalMs: 10_000, ageMs: 1, ...noRequests };
  return { kind: "gateway", id, name: "host:1", version: "1", uptimeMs: 5, isStopping: false, rates };
}

function reaper(id: string): MemberReport {
  return {
    kind: "reaper",
    id,
    name: "host:2",
    version: "1",
    uptimeMs: 5,
    isStopping: false,
    sweepAgeMs: null,
  };
}

function federator(id: string): MemberReport {
  const [here, there] = [regionId("here"), regionId("there")];
  if (here === undefined || there === undefined) throw new Error("these are no regions");
  const peers = [{ id: there, isActive: true, isUp: null, lagMs: 1.5 }];
  return {
    kind: "federator",
    id,
    name: "host:3",
    version: "1",
    uptimeMs: 5,
    isStopping: false,
    region: here,
    peers,
  };
}

async function ids(): Promise<readonly string[]> {
  return (await cluster.describe()).members.map(({ report }) => report.id).sort();
}

/** Makes the last heartbeat of this process one of so many milliseconds ago. */
async function age(id: string, ms: number): Promise<void> {
  const [time = "", ...report] = ((await redis.hget(membersKey, id)) ?? "").split(" ");
  await redis.hset(membersKey, id, [Number(time) - ms, ...report].join(" "));
}

test("members are shown as they last told, by the store's clock", async () => {
  await cluster.beat(reaper("r"));
  await cluster.beat(gateway("g"));
  await cluster.beat({ ...gateway("g"), isStopping: true });
  const { nowMs, members } = await cluster.describe();
  expect(members.map(({ report }) => report)).toIncludeSameMembers([
    reaper("r"),
    { ...gateway("g"), isStopping: true },
  ]);
  const [seconds = 0] = (await redis.time()).map(Number);
  expect(nowMs).toBeWithin((seconds - 5) * 1000, (seconds + 5) * 1000);
  for (const { seenAtMs } of members) expect(nowMs - seenAtMs).toBeWithin(0, 5_000);
});

test("federators are shown with their peers", async () => {
  await cluster.beat(federator("f"));
  const { members } = await cluster.describe();
  expect(members.map(({ report }) => report)).toEqual([federator("f")]);
});

test("who leaves is gone at once", async () => {
  await cluster.beat(gateway("a"));
  await cluster.beat(gateway("b"));
  await cluster.leave("a");
  expect(await ids()).toEqual(["b"]);
});

test("who is not heard of for half a minute is not shown, and forgotten with the next heartbeat", async () => {
  for (const id of ["dead", "late", "up"]) await cluster.beat(gateway(id));
  await age("dead", 31_000);
  await age("late", 25_000);
  expect(await ids()).toEqual(["late", "up"]);
  await cluster.beat(gateway("up"));
  expect((await redis.hkeys(membersKey)).sort()).toEqual(["late", "up"]);
});

test.each([
  "",
  "no time",
  "{}",
  `${JSON.stringify({ ...gateway("x"), kind: "router" })}`,
  `${JSON.stringify({ ...gateway("x"), rates: { intervalMs: 10 } })}`,
  `${JSON.stringify({ ...federator("x"), region: "No region" })}`,
  `${JSON.stringify({ ...federator("x"), peers: [{ id: "there", isActive: true }] })}`,
])("a report that this version cannot read is left out: %s", async (report) => {
  await cluster.beat(gateway("a"));
  await redis.hset(membersKey, "x", `${Date.now()} ${report}`);
  expect(await ids()).toEqual(["a"]);
});

test("a full Redis takes heartbeats, and tells how full it is", async () => {
  await redis.config("SET", "maxmemory", "1");
  try {
    await cluster.beat(gateway("a"));
    const state = await cluster.describe();
    expect(state.members).toHaveLength(1);
    expect(state.redis).toMatchObject({ primary: `${server.host}:${server.port}`, replicas: [] });
    expect(state.redis?.usedMemoryBytes).toBeGreaterThan(100_000);
    expect(state.redis?.version).toMatch(/\d+\.\d+/);
  } finally {
    await redis.config("SET", "maxmemory", "0");
  }
});

test("replicas are shown with how far they are behind", async () => {
  await using replica = await startRedis({ settings: { replicaof: `${server.host} ${server.port}` } });
  await expect
    .poll(async () => (await cluster.describe()).redis?.replicas, { timeout: 20_000 })
    .toMatchObject([{ address: `${replica.host}:${replica.port}`, state: "online", lagBytes: 0 }]);
});

test("without Redis nothing is made up", async () => {
  await using other = await startRedis();
  const lost = await createRedisStore({ url: other.url });
  await other.kill();
  await expect(lost.cluster.beat(gateway("a"))).rejects.toBeInstanceOf(StoreUnavailable);
  await expect(lost.cluster.describe()).rejects.toBeInstanceOf(StoreUnavailable);
  await lost.close();
});
