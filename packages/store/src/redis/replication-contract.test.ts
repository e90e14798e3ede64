import { setTimeout } from "node:timers/promises";
import { Redis } from "ioredis";
import { afterAll, beforeAll } from "vitest";
import { type RedisServer, startRedis } from "../../../../test/support/redis.ts";
import { group } from "../contract/families.ts";
import { describeMergeLaws } from "../contract/merge-laws.ts";
import { regionNames } from "../contract/merge-laws-plan.ts";
import type { World } from "../contract/merge-laws-world.ts";
import { describeReplicationContract } from "../contract/replication.ts";
import {
  after,
  deletion,
  type ReplicationOptions,
  type ReplicationUnderTest,
} from "../contract/replication-context.ts";
import { namedRegion, replicationOf } from "../contract/replication-reading.ts";
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

let opened = 0;

describeReplicationContract("the Redis store", open);
describeMergeLaws("the Redis store", openWorld, { count: 300, together: 150, atOnce: 3 });

async function open(options: ReplicationOptions): Promise<ReplicationUnderTest> {
  const store = await createRedisStore({
    url: server.url,
    keyPrefix: `contract-${++opened}:{0}:`,
    ...options,
  });
  return {
    store,
    replication: replicationOf(store),
    // More than asked for, because Redis rounds its clock down.
    passTime: (ms) => setTimeout(ms + 2),
    async forgetHistory() {
      // Becoming a primary changes the replication id, as in a failover. The primary in between does not exist.
      await redis.replicaof("127.0.0.1", "1");
      await redis.replicaof("NO", "ONE");
    },
    [Symbol.asyncDispose]: () => store.close(),
  };
}

/** Three regions in one server, under three prefixes. */
async function openWorld(): Promise<World> {
  const world = ++opened;
  const stores = await Promise.all(
    regionNames.map((name) =>
      createRedisStore({ url: server.url, keyPrefix: `${name}-${world}:{0}:`, region: namedRegion(name) }),
    ),
  );
  const regions = stores.map((store) => ({ store, replication: replicationOf(store) }));
  // In every other world each region makes its versions as if its clock were ahead of the one before.
  for (const [index, { replication }] of world % 2 === 0 ? regions.entries() : []) {
    const { nowMicros } = await replication.standing();
    await replication.merge([
      deletion(group({ job: "ahead" }), { micros: nowMicros + 20_000_000 * index, region: after }),
    ]);
  }
  return {
    regions,
    async [Symbol.asyncDispose]() {
      await Promise.all(stores.map((store) => store.close()));
      const keys = await redis.keys(`*-${world}:*`);
      if (keys.length > 0) await redis.unlink(keys);
    },
  };
}
