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

test("kill -9 the Redis primary, and again the next (acks=1): 0 acknowledged pushes lost, 0 failed pushes, longest wait ≤ 10 s, scrapes keep answering", {
  timeout: rowTimeoutMs,
}, async () => {
  // Shorter than docs/operations.md advises: with it Pushfleet's own part of the wait has to fit into what is promised.
  await using cluster = await startRedisCluster({ downAfterMs: 1_000 });
  await using fleet = await startFleet({ flags: clusterFlags(cluster) });
  await using load = startLoad({ pushUrl: fleet.balancer.url, targets: fleet.targets });
  await using _logs = tellLogsOnFailure(cluster.logs, fleet.logs);
  await untilAcknowledged(load, 500);

  const first = await cluster.primary();
  await first.kill();
  const second = await cluster.replacementOf(first);
  await untilAcknowledged(load, 200);
  await runFor(1 / 2);
  await first.restart();
  await cluster.untilWhole();

  await second.kill();
  await cluster.replacementOf(second);
  await untilAcknowledged(load, 200);
  await runFor(1 / 2);

  const verdict = await judgedSound(load);
  expect(verdict.failedPushes).toBeEmpty();
  expect(verdict.failedScrapes).toBeEmpty();
  expect(verdict.longestPushMs).toBeLessThan(10_000);
  expect(verdict.longestScrapeMs).toBeLessThan(10_000);
});
