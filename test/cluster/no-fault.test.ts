import { expect, test } from "vitest";
import { startRedis } from "../support/redis.ts";
import { startLoad } from "./checker/load.ts";
import { startFleet } from "./fleet.ts";
import { judgedSound, loadSeconds, rowTimeoutMs, runFor } from "./run.ts";

test("none, 60 s, 3 replicas: 0 violations in ≥ 100,000 group reads", { timeout: rowTimeoutMs }, async () => {
  await using redis = await startRedis();
  await using fleet = await startFleet({ redisUrl: redis.url });
  await using load = startLoad({ pushUrl: fleet.balancer.url, targets: fleet.targets });
  await runFor(1);
  const verdict = await judgedSound(load);
  expect(verdict.failedPushes).toBeEmpty();
  expect(verdict.failedScrapes).toBeEmpty();
  expect(verdict.admittedStale).toBeEmpty();
  expect(verdict.acknowledgedDeletions).toBeGreaterThan(100 * Math.min(1, loadSeconds / 60));
  expect(verdict.groupReads).toBeGreaterThan(100_000 * Math.min(1, loadSeconds / 60));
});
