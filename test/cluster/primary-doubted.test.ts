import { expect, test } from "vitest";
import { type RedisCluster, startRedisCluster } from "../support/redis-cluster.ts";
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

// Until the second replica is told of the new primary, it confirms what the old one takes, and all of that is lost.

test("primary cut off from the Sentinels alone, so that they replace it while a replica goes on to confirm what it takes: no push acknowledged that the new primary lacks", {
  timeout: rowTimeoutMs,
}, async () => {
  await using cluster = await startRedisCluster();
  await replacedSoundly(cluster, async () => (await cluster.primary()).hideFromSentinels());
});

test("a failover that is asked for, with the primary at work: the same", {
  timeout: rowTimeoutMs,
}, async () => {
  await using cluster = await startRedisCluster();
  await replacedSoundly(cluster, () => cluster.failOver());
});

async function replacedSoundly(cluster: RedisCluster, replace: () => Promise<void>): Promise<void> {
  await using fleet = await startFleet({ flags: clusterFlags(cluster) });
  await using load = startLoad({ pushUrl: fleet.balancer.url, targets: fleet.targets });
  await using _logs = tellLogsOnFailure(cluster.logs, fleet.logs);
  await untilAcknowledged(load, 500);

  const old = await cluster.primary();
  await replace();
  await cluster.replacementOf(old);
  await untilAcknowledged(load, 200);
  await runFor(1 / 2);
  old.rejoin();
  await runFor(1 / 2);
  await cluster.untilWhole();

  const verdict = await judgedSound(load);
  expect(verdict.failedPushes).toBeEmpty();
  expect(verdict.failedScrapes).toBeEmpty();
  expect(verdict.longestPushMs).toBeLessThan(10_000);
}
