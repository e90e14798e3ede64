import { expect, test } from "vitest";
import { startRedis } from "../support/redis.ts";
import { startLoad } from "./checker/load.ts";
import { loadBalancer, startFleet } from "./fleet.ts";
import { judgedSound, rowTimeoutMs, runFor, untilAcknowledged } from "./run.ts";

test("kill -9 a gateway: 0 failed pushes and scrapes through HAProxy", {
  timeout: rowTimeoutMs,
}, async () => {
  await using redis = await startRedis();
  await using fleet = await startFleet({ redisUrl: redis.url });
  await using load = startLoad({ pushUrl: fleet.balancer.url, targets: fleet.targets });
  await untilAcknowledged(load, 500);
  for (const replica of fleet.replicas) {
    await replica.stop("SIGKILL");
    await runFor(1 / 3);
    await replica.start();
    await untilAcknowledged(load, 200);
  }
  const verdict = await judgedSound(load);
  expect(verdict.failedPushes).toBeEmpty();
  // The readers that ask a replica itself miss it while it is dead.
  expect(verdict.failedScrapes.filter(({ target }) => target === loadBalancer)).toBeEmpty();
  expect(load.readsOf(loadBalancer)).toBeGreaterThan(10);
});
