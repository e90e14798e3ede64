import { expect, test } from "vitest";
import { startRedisCluster } from "../support/redis-cluster.ts";
import { createClient } from "./checker/client.ts";
import { startReplica } from "./fleet.ts";
import { watchResident } from "./resident.ts";
import { clusterFlags, rowTimeoutMs, tellLogsOnFailure } from "./run.ts";

/** Each with a body of 1 MiB. Together four times what may be held. */
const pushesOfFlood = 96;
/** In each push, in lines of about 100 bytes. */
const seriesOfPush = Math.ceil((1024 * 1024) / 100);
/** Longer than Redis is away: whoever is held gets in. */
const pushTimeoutMs = 35_000;
/**
 * Of the gateway, which takes 120 MiB otherwise. What is held takes 192 MiB (maxHeldBytes in redis/store.ts). The rest is
 * there for a moment: all 96 bodies as they arrive at once, which nothing bounds but the number of connections, and what
 * was made of those that are refused until it is collected. Seen were 890 to 1040 MiB, and 1740 without a bound.
 */
const mostMegabytes = 1_300;

test("Redis gone under a flood of large pushes: some are held, the others get 503 with Retry-After at once; what was held is stored when Redis is back; memory bounded, also in the next flood", {
  timeout: rowTimeoutMs,
}, async () => {
  await using cluster = await startRedisCluster();
  await using gateway = await startReplica("gateway-1", {
    flags: [...clusterFlags(cluster), `--push.timeout=${pushTimeoutMs}ms`],
  });
  await using _logs = tellLogsOnFailure(cluster.logs, () => [{ name: gateway.name, text: gateway.log() }]);
  using watch = watchResident(gateway.pid());
  for (const value of [1, 2]) {
    await Promise.all(cluster.nodes.map((node) => node.kill()));
    const refused = new Set<number>();
    const flood = Array.from({ length: pushesOfFlood }, async (_, group) => {
      const answer = await pushLarge(gateway.url, { group, value });
      if (answer.status === 503) refused.add(group);
      return answer;
    });
    await expect
      .poll(() => refused.size, { timeout: 30_000 })
      .toBeGreaterThanOrEqual((pushesOfFlood * 3) / 4);
    const refusedWhileGone = new Set(refused);
    await Promise.all(cluster.nodes.map((node) => node.restart()));
    const answers = await Promise.all(flood);
    await cluster.untilWhole();

    // They had not to wait for their time to be over, only for their turn to be read.
    const turnedAway = answers.filter(({ status }) => status !== 200);
    for (const { status, retryAfter, waitedMs } of turnedAway) {
      expect({ status, retryAfter }).toEqual({ status: 503, retryAfter: expect.stringMatching(/^\d+$/) });
      expect(waitedMs).toBeLessThan(pushTimeoutMs);
    }
    // As many each time: what the flood before has held is free again.
    const held = answers.filter(({ status }) => status === 200);
    expect(held.length).toBeGreaterThan(10);
    const shown = await valuesShown(gateway.url);
    for (const { group } of held)
      expect(shown.get(group), `group ${group}`).toEqual(new Map([[value, seriesOfPush]]));
    // Of those turned away, nothing or all of what an earlier flood has left. The last of them may have been written, to a Redis
    // that is back and that the Sentinels still call down: 503 does not say that nothing is stored.
    for (const { group } of turnedAway) {
      const newest = refusedWhileGone.has(group) ? value - 1 : value;
      for (const [shownValue, series] of shown.get(group) ?? [])
        expect([shownValue <= newest, series], `group ${group}`).toEqual([true, seriesOfPush]);
    }
  }
  expect(watch.mostMegabytes()).toBeLessThan(mostMegabytes);
});

interface LargePush {
  readonly group: number;
  readonly value: number;
}

async function pushLarge(url: string, { group, value }: LargePush) {
  using client = createClient({ keepAlive: false });
  const lines = Array.from(
    { length: seriesOfPush },
    (_, series) =>
      `flood{path="/srv/data/backups/${String(series).padStart(51, "0")}",stage="copy"} ${value}\n`,
  );
  const sentAt = performance.now();
  const { status, retryAfter } = await client.send({
    method: "PUT",
    url: `${url}/metrics/job/flood/group/${group}`,
    body: `# TYPE flood gauge\n${lines.join("")}`,
  });
  return { group, status, retryAfter, waitedMs: performance.now() - sentAt };
}

/** By group: how many series have which value. */
async function valuesShown(url: string): Promise<ReadonlyMap<number, ReadonlyMap<number, number>>> {
  using client = createClient({ keepAlive: false });
  const { body } = await client.send({ method: "GET", url: `${url}/metrics` });
  const groups = new Map<number, Map<number, number>>();
  for (const [, group, value] of body.matchAll(/^flood\{group="(\d+)"[^\n]* (\d+)$/gm)) {
    const values = groups.get(Number(group)) ?? new Map<number, number>();
    values.set(Number(value), (values.get(Number(value)) ?? 0) + 1);
    groups.set(Number(group), values);
  }
  return groups;
}
