import { createRedisStore, createRedisUpkeep, type GroupStore, type Upkeep } from "@pushfleet/store";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { gauge, group } from "../../../packages/store/src/contract/families.ts";
import { type RedisServer, startRedis } from "../../../test/support/redis.ts";
import { createSweeper } from "./sweep.ts";

let server: RedisServer;
let store: GroupStore;
let upkeep: Upkeep;
let opened = 0;

beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(async () => {
  const options = { url: server.url, keyPrefix: `sweep-${++opened}:{0}:` };
  store = await createRedisStore(options);
  upkeep = await createRedisUpkeep(options);
});
afterEach(async () => {
  await store.close();
  upkeep.close();
});

const never = new AbortController().signal;

async function addExpired(count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const owner = group({ job: "expired", instance: `${i}` });
    await store.push(owner, [gauge(owner, "m", 1)], { mode: "replace", ttlMs: 1 });
  }
  await expect.poll(async () => (await store.changes(null, 1)).upserts.length).toBe(0);
}

test("removes all that has expired, however many batches that takes", async () => {
  await addExpired(130);
  const result = await createSweeper({ upkeep, auditIntervalMs: 0 }).sweep(never);
  expect(result).toMatchObject({ ending: "finished", groupsRemoved: 130 });
  expect(await store.expire(1)).toBe(0);
});

test("the first sweep audits, and later ones when the interval has passed since anybody's audit", async () => {
  const hourly = { upkeep, auditIntervalMs: 3_600_000 };
  const one = createSweeper(hourly);
  expect((await one.sweep(never)).audit.kind).toBe("complete");
  expect((await one.sweep(never)).audit.kind).toBe("none");
  const other = createSweeper(hourly);
  expect((await other.sweep(never)).audit.kind).toBe("complete");
  const often = createSweeper({ upkeep, auditIntervalMs: 1 });
  await often.sweep(never);
  await expect.poll(async () => (await often.sweep(never)).audit.kind).toBe("complete");
});

test("without an interval only the first sweep audits", async () => {
  const sweeper = createSweeper({ upkeep, auditIntervalMs: 0 });
  expect((await sweeper.sweep(never)).audit.kind).toBe("complete");
  expect((await sweeper.sweep(never)).audit.kind).toBe("none");
});

test("stops between two batches when told to, and leaves the rest", async () => {
  await addExpired(130);
  const stop = new AbortController();
  const stopsAfterOneBatch: Upkeep = {
    ...upkeep,
    async begin() {
      const current = await upkeep.begin();
      return { ...current, expire: () => current.expire().finally(() => stop.abort()) };
    },
  };
  const result = await createSweeper({ upkeep: stopsAfterOneBatch, auditIntervalMs: 1 }).sweep(stop.signal);
  expect(result).toEqual({ ending: "stopped", groupsRemoved: 50, audit: { kind: "none" } });
  expect(await store.expire(200)).toBe(80);
});

test("ends when another sweep begins", async () => {
  await addExpired(130);
  const overtaken: Upkeep = {
    ...upkeep,
    async begin() {
      const current = await upkeep.begin();
      const expire = async () => {
        const batch = await current.expire();
        await upkeep.begin();
        return batch;
      };
      return { ...current, expire };
    },
  };
  const result = await createSweeper({ upkeep: overtaken, auditIntervalMs: 1 }).sweep(never);
  expect(result).toEqual({ ending: "overtaken", groupsRemoved: 50, audit: { kind: "none" } });
  expect(await store.expire(200)).toBe(80);
});
