import { expect, test } from "vitest";
import { startRedisCluster } from "../support/redis-cluster.ts";
import { startLoad } from "./checker/load.ts";
import { startFleet } from "./fleet.ts";
import {
  clusterFlags,
  judgedSound,
  rowTimeoutMs,
  runFor,
  tellLogsOnFailure,
  untilAcknowledged,
} from "./run.ts";

/** Less than any failover takes: nobody has waited for one. */
const unnoticedMs = 1_500;

test("kill -9 a Redis replica, and start it again: 0 failed pushes, none waits, scrapes keep answering", {
  timeout: rowTimeoutMs,
}, async () => {
  await using cluster = await startRedisCluster();
  await using fleet = await startFleet({ flags: clusterFlags(cluster) });
  await using load = startLoad({ pushUrl: fleet.balancer.url, targets: fleet.targets });
  await using _logs = tellLogsOnFailure(cluster.logs, fleet.logs);
  await untilAcknowledged(load, 500);

  const primary = await cluster.primary();
  const replicas = cluster.nodes.filter((node) => node !== primary);
  // One after the other: the one that is left confirms all pushes, also what the other has just missed.
  for (const replica of replicas) {
    await replica.kill();
    await untilAcknowledged(load, 200);
    await runFor(1 / 3);
    await replica.restart();
    await cluster.untilWhole();
  }
  expect(await cluster.primary()).toBe(primary);

  const verdict = await judgedSound(load);
  expect(verdict.failedPushes).toBeEmpty();
  expect(verdict.failedScrapes).toBeEmpty();
  expect(verdict.admittedStale).toBeEmpty();
  expect(verdict.longestPushMs).toBeLessThan(unnoticedMs);
});

test("kill -9 a Sentinel: nobody notices, and the two others replace a primary that is killed then: 0 failed pushes, longest wait ≤ 10 s", {
  timeout: rowTimeoutMs,
}, async () => {
  await using cluster = await startRedisCluster();
  await using fleet = await startFleet({ flags: clusterFlags(cluster) });
  await using load = startLoad({ pushUrl: fleet.balancer.url, targets: fleet.targets });
  await using _logs = tellLogsOnFailure(cluster.logs, fleet.logs);
  await untilAcknowledged(load, 500);

  // The first that gateways ask.
  const [sentinel] = cluster.sentinels;
  await sentinel?.kill();
  await untilAcknowledged(load, 200);
  await runFor(1 / 3);
  const primary = await cluster.primary();
  const noticeableAt = performance.now();
  await primary.kill();
  await cluster.replacementOf(primary);
  await untilAcknowledged(load, 200);
  await primary.restart();
  await sentinel?.restart();
  await cluster.untilWhole();
  await runFor(1 / 3);

  const verdict = await judgedSound(load);
  expect(verdict.failedPushes).toBeEmpty();
  expect(verdict.failedScrapes).toBeEmpty();
  expect(verdict.admittedStale.filter(({ endedAt }) => endedAt < noticeableAt)).toBeEmpty();
  expect(verdict.longestPushMs).toBeLessThan(10_000);
});
