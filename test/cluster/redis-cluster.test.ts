import { expect, test } from "vitest";
import { type RedisNode, startRedisCluster } from "../support/redis-cluster.ts";

// What a row of the fault table relies on and cannot tell from luck: the isolation is real, and it ends. (Of a node that
// was not killed or frozen, the rows themselves would notice that nobody replaces it.)

test("a primary that is isolated still takes clients' commands, but nothing leaves it", {
  timeout: 120_000,
}, async () => {
  await using cluster = await startRedisCluster();
  const old = await cluster.primary();
  old.isolate();
  await old.command("set", "late", "yes");
  expect(await old.command("wait", "1", "200")).toBe(0);
  const next = await cluster.replacementOf(old);
  expect(await next.command("get", "late")).toBeNull();
  expect(await roleOf(old)).toBe("master");
  // min-replicas-to-write: without a replica in sight it stops to take writes by itself.
  await expect
    .poll(() => old.command("set", "later", "yes").catch(String), { timeout: 20_000 })
    .toContain("NOREPLICAS");
  old.rejoin();
  await cluster.untilWhole();
  expect(await roleOf(old)).toBe("slave");
  expect(await old.command("get", "late")).toBeNull();
});

async function roleOf(node: RedisNode): Promise<unknown> {
  const answer = await node.command("role");
  return Array.isArray(answer) ? answer[0] : answer;
}
