import { Redis } from "ioredis";
import { afterAll, beforeAll } from "vitest";
import { type RedisServer, startRedis } from "../../../../test/support/redis.ts";
import { describeStoreContract } from "../store.contract.ts";
import type { GroupStore } from "../store.ts";
import { createRedisStore } from "./store.ts";

let server: RedisServer;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

let stores = 0;

describeStoreContract("the Redis store", async () => {
  const tombstones = 20;
  const keyPrefix = `contract-${++stores}:{0}:`;
  const open = () => createRedisStore({ url: server.url, keyPrefix, tombstones });
  const opened: GroupStore[] = [];
  const another = async () => {
    const store = await open();
    opened.push(store);
    return store;
  };
  const store = await another();
  return {
    store,
    another,
    passTime: (ms) => new Promise((resolve) => setTimeout(resolve, ms + 1)),
    forgetHistory: async () => {
      const redis = new Redis(server.url);
      // What a failover does: the primary's replication id changes.
      await redis.hset(`${keyPrefix}state`, "epoch", `${Date.now()}`);
      redis.disconnect();
    },
    tombstoneLimit: tombstones,
    [Symbol.asyncDispose]: async () => {
      await Promise.all(opened.map((each) => each.close()));
    },
  };
});
