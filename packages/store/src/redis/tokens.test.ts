import { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type RedisServer, startRedis } from "../../../../test/support/redis.ts";
import { StoreUnavailable } from "../store.ts";
import { createRedisStore } from "./store.ts";

let server: RedisServer;
let redis: Redis;
beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.url);
});
afterAll(async () => {
  redis.disconnect();
  await server[Symbol.asyncDispose]();
});
beforeEach(() => redis.flushall());

async function openTokens(url = server.url) {
  const store = await createRedisStore({ url });
  return { tokens: store.tokens, [Symbol.asyncDispose]: () => store.close() };
}

/** So slow that none comes back during a test. */
const slow = { id: "slow", perSecond: 0.0001, most: 5 };
const rateKeys = () => redis.keys("pushfleet:{0}:rate:*");

test("a bucket is full at first, and then tells how long to wait", async () => {
  await using one = await openTokens();
  expect(await one.tokens.take(slow, 3)).toEqual({ taken: 3, waitMs: 0 });
  expect(await one.tokens.take(slow, 3)).toEqual({ taken: 2, waitMs: 0 });
  const { taken, waitMs } = await one.tokens.take(slow, 3);
  expect(taken).toBe(0);
  expect(waitMs).toBeWithin(9_990_000, 10_000_001);
  expect(await one.tokens.take({ ...slow, id: "other" }, 9)).toEqual({ taken: 5, waitMs: 0 });
});

test("all who ask for it share it", async () => {
  await using one = await openTokens();
  await using other = await openTokens();
  const bucket = { ...slow, most: 100 };
  const takes = Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? one : other).tokens.take(bucket, 1));
  const taken = (await Promise.all(takes)).reduce((sum, each) => sum + each.taken, 0);
  expect(taken).toBe(100);
});

test("tokens come back with time, up to what the bucket holds", async () => {
  await using one = await openTokens();
  const bucket = { id: "quick", perSecond: 100, most: 10 };
  await one.tokens.take(bucket, 10);
  const start = performance.now();
  let taken = 0;
  while (performance.now() - start < 300) taken += (await one.tokens.take(bucket, 1)).taken;
  expect(taken).toBeWithin(25, ((performance.now() - start) / 1000) * 100 + 2);
});

test("a bucket that is full again is forgotten", async () => {
  await using one = await openTokens();
  await one.tokens.take({ id: "brief", perSecond: 1_000, most: 100 }, 50);
  expect(await rateKeys()).toEqual(["pushfleet:{0}:rate:brief"]);
  expect(await redis.pttl("pushfleet:{0}:rate:brief")).toBeWithin(-2, 51);
  await expect.poll(rateKeys).toBeEmpty();
  expect(await one.tokens.take({ id: "brief", perSecond: 1_000, most: 100 }, 200)).toMatchObject({
    taken: 100,
  });
});

test("a clock that goes back takes nothing away", async () => {
  await using one = await openTokens();
  await one.tokens.take(slow, 1);
  const future = (Date.now() + 3_600_000) * 1_000;
  await redis.hset("pushfleet:{0}:rate:slow", "at", future);
  expect(await one.tokens.take(slow, 9)).toEqual({ taken: 4, waitMs: 0 });
});

test("a Redis that is gone is said to be", async () => {
  await using fragile = await startRedis();
  await using one = await openTokens(fragile.url);
  await fragile.kill();
  await expect(one.tokens.take(slow, 1)).rejects.toThrow(StoreUnavailable);
});
