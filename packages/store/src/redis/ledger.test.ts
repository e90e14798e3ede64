import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type RedisServer, startRedis } from "../../../../test/support/redis.ts";
import { namedRegion } from "../contract/replication-reading.ts";
import { createFederationStore } from "./federation-store.ts";

let server: RedisServer;
let redis: Redis;
let opened: DisposableStack;

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
  opened = new DisposableStack();
});
afterEach(() => opened.dispose());

describe("the ledger of federators", () => {
  const us = namedRegion("us");
  const record = { cursor: { history: "h", change: 5 }, ownAfter: 7, peerHistory: "p", comparedAtMs: 9 };
  const federators = async () => {
    const store = await createFederationStore({
      url: server.url,
      region: namedRegion("eu"),
    });
    opened.defer(() => store.close());
    return store;
  };

  test("lets one ship to a peer at a time, and takes nothing from who was overtaken", async () => {
    const [one, other] = [(await federators()).ledger, (await federators()).ledger];
    const lease = await one.acquire(us, "one", 200);
    if (lease === null) throw new Error("the lease is free");
    expect(await other.acquire(us, "other", 200)).toBeNull();
    expect(await other.acquire(namedRegion("ap"), "other", 200)).not.toBeNull();
    expect(await one.acquire(us, "one", 200)).toEqual(lease);
    expect(await other.read(us)).toBeNull();
    expect(await one.save(lease, record)).toBeTrue();
    await expect.poll(() => other.acquire(us, "other", 60_000)).toMatchObject({ owner: "other" });
    expect(await one.save(lease, { ...record, ownAfter: 8 })).toBeFalse();
    await one.release(lease);
    expect(await one.acquire(us, "one", 200)).toBeNull();
    expect(await one.read(us)).toEqual(record);
  });

  test("gives a higher fence each time, also after everything was flushed", async () => {
    const { ledger } = await federators();
    const first = await ledger.acquire(us, "one", 60_000);
    if (first === null) throw new Error("the lease is free");
    await ledger.release(first);
    const second = await ledger.acquire(us, "other", 60_000);
    expect(second?.fence).toBeGreaterThan(first.fence);
    await redis.flushall();
    expect(second && (await ledger.save(second, record))).toBeFalse();
    const third = await ledger.acquire(us, "one", 60_000);
    expect(third?.fence).toBeGreaterThan(second?.fence ?? 0);
  });

  test("belongs to a store that is ready, and refuses that of another region", async () => {
    const store = await federators();
    await store.ready();
    expect(store.replication.region).toBe("eu");
    await expect(createFederationStore({ url: server.url, region: us })).rejects.toThrow(
      /belongs to the region eu/,
    );
  });
});
