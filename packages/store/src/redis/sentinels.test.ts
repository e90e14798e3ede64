import { Redis } from "ioredis";
import { expect, test } from "vitest";
import { type RedisServer, startRedis } from "../../../../test/support/redis.ts";
import { watchFailovers } from "./sentinels.ts";

const patient = { timeout: 20_000, interval: 20 };

/** Resolves to the number of those who heard it. For who listens only, a Sentinel is a Redis like any other. */
async function announce({ url }: RedisServer, message: string): Promise<number> {
  const client = new Redis(url);
  try {
    return await client.publish("+switch-master", message);
  } finally {
    client.disconnect();
  }
}

test("each Sentinel's word of a failover of the primary is heard, also after it was away", async () => {
  await using first = await startRedis();
  await using second = await startRedis();
  let calls = 0;
  const endpoint = { sentinels: [first, second], masterName: "ours" };
  const watch = watchFailovers(Redis, endpoint, () => calls++);
  const ours = "ours 10.0.0.1 6379 10.0.0.2 6379";
  await expect.poll(() => announce(first, ours), patient).toBe(1);
  await expect.poll(() => announce(second, ours), patient).toBe(1);
  await expect.poll(() => calls, patient).toBe(2);
  await first.kill();
  await first.restart();
  await expect.poll(() => announce(first, "ours-too 10.0.1.1 6379 10.0.1.2 6379"), patient).toBe(1);
  await announce(first, ours);
  await expect.poll(() => calls, patient).toBe(3);
  watch.close();
  await expect.poll(() => announce(second, ours), patient).toBe(0);
  expect(calls).toBe(3);
});
