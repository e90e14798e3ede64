import { expect } from "vitest";
import type { RedisCluster, RedisNode } from "../support/redis-cluster.ts";
import { startLoad } from "./checker/load.ts";
import { startFleet } from "./fleet.ts";
import { clusterFlags, judgedSound, runFor, tellLogsOnFailure, untilAcknowledged } from "./run.ts";

/**
 * Under load: `replace` makes the Sentinels take another primary, while gateways still reach the old one, which then rejoins. Fails when
 * anything acknowledged is lost, or a request fails or waits for long.
 */
export async function replacedSoundly(
  cluster: RedisCluster,
  replace: (old: RedisNode) => Promise<void> | void,
): Promise<void> {
  await using fleet = await startFleet({ flags: clusterFlags(cluster) });
  await using load = startLoad({ pushUrl: fleet.balancer.url, targets: fleet.targets });
  await using _logs = tellLogsOnFailure(cluster.logs, fleet.logs);
  await untilAcknowledged(load, 500);

  const old = await cluster.primary();
  await replace(old);
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
