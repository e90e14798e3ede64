import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type RedisServer, startRedis } from "../../../../test/support/redis.ts";
import { counter, gauge, group, histogram } from "../contract/families.ts";
import { randomOperation, run, seededRandom } from "../contract/model.ts";
import { readChanges } from "../contract/replication-reading.ts";
import { type TestRegion, TestRegions } from "./test-regions.ts";

const replace = { mode: "replace" } as const;
const merge = { mode: "merge" } as const;
const a = group({ job: "a" });
const b = group({ job: "b" });
const never = new AbortController().signal;

let server: RedisServer;
let redis: Redis;
let regions: TestRegions;

beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.url);
});
afterAll(async () => {
  redis.disconnect();
  await server[Symbol.asyncDispose]();
});
beforeEach(async () => {
  await redis.flushall();
  regions = new TestRegions(server.url);
});
afterEach(() => regions[Symbol.asyncDispose]());

describe("a name with two types", () => {
  const c = group({ job: "c" });
  let eu: TestRegion;
  beforeEach(async () => {
    eu = await regions.region("eu");
    const us = await regions.region("us");
    await eu.push(a, [gauge(a, "m", 1)]);
    await us.push(b, [counter(b, "m", 1)]);
    await regions.carry(us, eu, b);
    expect(await redis.hgetall(eu.key("families"))).toEqual({ m: "c 1 g 1" });
  });

  test("can be pushed with either of them and no third", async () => {
    await eu.push(c, [gauge(c, "m", 1)]);
    expect(await redis.hget(eu.key("families"), "m")).toBe("c 1 g 2");
    await eu.push(c, [counter(c, "m", 1)]);
    expect(await redis.hget(eu.key("families"), "m")).toBe("c 2 g 1");
    await expect(eu.push(c, [histogram(c, "m", 1)])).rejects.toMatchObject({ code: "type-conflict" });
    await eu.store.delete(a.id);
    await eu.push(c, [counter(c, "m", 2)]);
    expect(await redis.hget(eu.key("families"), "m")).toBe("c 2");
    // Nobody else holds it so, but its own group may go on with what it has.
    await eu.store.delete(b.id);
    await eu.push(c, [gauge(c, "m", 2)]);
    expect(await redis.hget(eu.key("families"), "m")).toBe("g 1");
  });

  test("has no type that only a group holds that has expired", async () => {
    const d = group({ job: "d" });
    await eu.store.delete(b.id);
    await eu.push(d, [gauge(d, "m", 1)]);
    const us = await regions.region("us");
    const e = group({ job: "e" });
    await us.store.wipe();
    await us.push(e, [counter(e, "m", 1)], { ...replace, ttlMs: 300 });
    await regions.carry(us, eu, e);
    await eu.push(c, [counter(c, "m", 1)]);
    await eu.push(c, []);
    await expect.poll(async () => (await eu.state(e)).status).toBe("expired");
    expect(await redis.hget(eu.key("families"), "m")).toBe("c 1 g 2");
    await expect(eu.push(c, [counter(c, "m", 1)])).rejects.toMatchObject({ code: "type-conflict" });
  });

  test("collides with a suffix if any of them does", async () => {
    const ap = await regions.region("ap");
    const d = group({ job: "d" });
    await ap.push(d, [histogram(d, "m", 1)]);
    await regions.carry(ap, eu, d);
    expect(await redis.hget(eu.key("families"), "m")).toBe("c 1 g 1 h 1");
    await expect(eu.push(c, [gauge(c, "m_count", 1)])).rejects.toMatchObject({ code: "suffix-collision" });
  });

  test("is counted by an audit, and corrected", async () => {
    const upkeep = await eu.upkeep();
    await eu.push(b, [gauge(b, "n", 1)], merge); // b holds `m` as what was left of another region
    const audit = async () => (await upkeep.begin()).audit(never);
    expect(await audit()).toEqual({ groups: 2, differences: [] });
    await redis.hset(eu.key("families"), "m", "g 2");
    expect((await audit()).differences).toEqual([
      { of: "families", name: "m", stored: "g 2", counted: "c 1 g 1", isCorrected: true },
    ]);
    expect(await audit()).toEqual({ groups: 2, differences: [] });
  });
});

test("a job may push again what it holds, although another region brought the same series in another group", async () => {
  const [eu, us] = [await regions.region("eu"), await regions.region("us")];
  const withInstance = group({ job: "a", instance: "i" });
  const series = [{ instance: "i" }];
  await eu.push(a, [gauge(a, "m", 1, series), gauge(a, "n", 1)]);
  await us.push(withInstance, [gauge(withInstance, "m", 1)]);
  await regions.carry(us, eu, withInstance);
  await eu.push(a, [gauge(a, "m", 2, series), gauge(a, "n", 2)]);
  await eu.push(a, [gauge(a, "m", 3, series)], merge);
  await eu.push(a, [], replace);
  await expect(eu.push(a, [gauge(a, "m", 4, series)])).rejects.toMatchObject({ code: "duplicate-series" });
});

test.each([1, 2, 3])("counts stay right, whatever is pushed and merged (seed %i)", async (seed) => {
  const random = seededRandom(seed);
  const pair = [await regions.region("eu"), await regions.region("us")] as const;
  for (let i = 0; i < 300; i++) {
    const [from, to] = random() < 0.5 ? pair : [pair[1], pair[0]];
    const operation = randomOperation(random);
    if ("families" in operation) for (const family of operation.families) regions.families.remember(family);
    await run(operation, from.store);
    if (random() < 0.7) continue;
    const { states } = await readChanges(from.replication, null, { ownAfter: 0, limit: 100 });
    const some = [...states.values()].filter(() => random() < 0.5);
    await regions.merge(to, some);
  }
  for (const each of pair) {
    const upkeep = await each.upkeep();
    expect((await (await upkeep.begin()).audit(never)).differences).toEqual([]);
  }
});
