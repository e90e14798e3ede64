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

test("primary frozen (SIGSTOP) through the failover, then back: the same; the old primary's late writes appear nowhere", {
  timeout: rowTimeoutMs,
}, async () => {
  await using cluster = await startRedisCluster();
  await using fleet = await startFleet({ flags: clusterFlags(cluster) });
  await using load = startLoad({ pushUrl: fleet.balancer.url, targets: fleet.targets });
  await using _logs = tellLogsOnFailure(cluster.logs, fleet.logs);
  await untilAcknowledged(load, 500);

  const old = await cluster.primary();
  old.freeze();
  const next = await cluster.replacementOf(old);
  await untilAcknowledged(load, 200);
  await runFor(1 / 2);
  // What had reached its socket is executed now, and it believes for a while to be the primary still.
  old.thaw();
  await runFor(1 / 2);
  await cluster.untilWhole();

  const verdict = await judgedSound(load);
  expect(verdict.failedPushes).toBeEmpty();
  expect(verdict.failedScrapes).toBeEmpty();
  expect(verdict.longestPushMs).toBeLessThan(10_000);
  expect(verdict.longestScrapeMs).toBeLessThan(10_000);

  await fleet[Symbol.asyncDispose]();
  await expect
    .poll(() => old.command("debug", "digest"), { timeout: 10_000 })
    .toBe(await next.command("debug", "digest"));
});
