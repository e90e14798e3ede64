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

test("primary cut off from its replicas and Sentinels while gateways still reach it: no push acknowledged that the new primary lacks; no scrape through that primary passes off an old view as fresh", {
  timeout: rowTimeoutMs,
}, async () => {
  await using cluster = await startRedisCluster();
  await using fleet = await startFleet({ flags: clusterFlags(cluster) });
  await using load = startLoad({ pushUrl: fleet.balancer.url, targets: fleet.targets });
  await using _logs = tellLogsOnFailure(cluster.logs, fleet.logs);
  await untilAcknowledged(load, 500);

  const old = await cluster.primary();
  old.isolate();
  await cluster.replacementOf(old);
  expect(await old.command("ping")).toBe("PONG");
  await untilAcknowledged(load, 200);
  await runFor(1 / 2);
  old.rejoin();
  await runFor(1 / 2);
  await cluster.untilWhole();

  const verdict = await judgedSound(load);
  expect(verdict.failedPushes).toBeEmpty();
  expect(verdict.failedScrapes).toBeEmpty();
  expect(verdict.longestPushMs).toBeLessThan(10_000);
});
