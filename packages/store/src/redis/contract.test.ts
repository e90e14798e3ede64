import { setTimeout } from "node:timers/promises";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe } from "vitest";
import { type RedisServer, startRedis } from "../../../../test/support/redis.ts";
import { describeStoreContract } from "../store.contract.ts";
import type { GroupStore } from "../store.ts";
import { createRedisStore } from "./store.ts";

let server: RedisServer;
let replica: RedisServer;
let redis: Redis;
beforeAll(async () => {
  server = await startRedis({ settings: { "repl-diskless-sync-delay": "0" } });
  replica = await startRedis({ settings: { replicaof: `${server.host} ${server.port}` } });
  redis = new Redis(server.url);
});
afterAll(async () => {
  redis.disconnect();
  await replica[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

let opened = 0;

describe.each([
  { name: "the Redis store", options: {} },
  // The replica needs a moment to come back when a test changes the history.
  { name: "the Redis store with acknowledgements", options: { acks: 1, holdMs: 20_000 } },
])("$name", ({ name, options }) =>
  describeStoreContract(name, async () => {
    const keyPrefix = `contract-${++opened}:{0}:`;
    const tombstones = 20;
    const handles: GroupStore[] = [];
    const another = async () => {
      const handle = await createRedisStore({ url: server.url, keyPrefix, tombstones, ...options });
      handles.push(handle);
      return handle;
    };
    return {
      store: await another(),
      another,
      tombstoneLimit: tombstones,
      // More than asked for, because Redis rounds its clock down.
      passTime: (ms) => setTimeout(ms + 2),
      async forgetHistory() {
        // Becoming a primary changes the replication id, as in a failover. The primary in between does not exist.
        await redis.replicaof("127.0.0.1", "1");
        await redis.replicaof("NO", "ONE");
      },
      async [Symbol.asyncDispose]() {
        await Promise.all(handles.map((handle) => handle.close()));
      },
    };
  }),
);
