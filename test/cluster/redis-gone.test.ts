import { expect, test } from "vitest";
import { startRedisCluster } from "../support/redis-cluster.ts";
import { startLoad } from "./checker/load.ts";
import { loadBalancer, startFleet } from "./fleet.ts";
import { residentMegabytes } from "./resident.ts";
import {
  clusterFlags,
  judgedSound,
  rowTimeoutMs,
  runFor,
  tellLogsOnFailure,
  untilAcknowledged,
} from "./run.ts";

const maxStalenessMs = 4_000;
const pushTimeoutMs = 3_000;
/** A scrape waits so long for a silent store at most, and then a slow machine takes its time. */
const slackMs = 3_000;

test("Redis gone for 60 s: scrapes serve the last view and say so, then 503 past --scrape.max-staleness; pushes 503 with Retry-After; all recovers by itself; memory bounded", {
  timeout: rowTimeoutMs,
}, async () => {
  await using cluster = await startRedisCluster();
  await using fleet = await startFleet({
    flags: [
      ...clusterFlags(cluster),
      `--scrape.max-staleness=${maxStalenessMs}ms`,
      `--push.timeout=${pushTimeoutMs}ms`,
    ],
  });
  // Far more pushers than elsewhere: they all wait at once, with what they push.
  await using load = startLoad({
    pushUrl: fleet.balancer.url,
    targets: fleet.targets,
    pushers: 64,
    pushPauseMs: 150,
  });
  await using _logs = tellLogsOnFailure(cluster.logs, fleet.logs);
  await untilAcknowledged(load, 1_000);
  const residentBefore = fleet.replicas.map(({ pid }) => residentMegabytes(pid()));

  await Promise.all(cluster.nodes.map((node) => node.kill()));
  const goneAt = performance.now();
  await runFor(1 / 2);
  await expect
    .poll(() => performance.now() - goneAt, { timeout: 60_000 })
    .toBeGreaterThan(maxStalenessMs + slackMs);
  const residentMeanwhile = fleet.replicas.map(({ pid }) => residentMegabytes(pid()));
  const backAt = performance.now();
  await Promise.all(cluster.nodes.map((node) => node.restart()));
  await untilAcknowledged(load, 200);
  await cluster.untilWhole();
  await untilAcknowledged(load, 500);

  const { failedPushes, failedScrapes, admittedStale } = await judgedSound(load);
  expect(failedPushes).not.toBeEmpty();
  for (const push of failedPushes)
    expect(push.outcome).toMatchObject({
      kind: "refused",
      status: 503,
      retryAfter: expect.stringMatching(/^\d+$/),
    });
  expect(admittedStale).not.toBeEmpty();
  for (const scrape of admittedStale) {
    const inOutage = scrape.startedAt > goneAt && scrape.startedAt < backAt;
    if (inOutage) expect(scrape.endedAt - goneAt).toBeLessThan(maxStalenessMs + slackMs);
  }
  for (const name of [loadBalancer, ...fleet.replicas.map((replica) => replica.name)])
    expect(
      failedScrapes.some(({ target }) => target === name),
      `${name} goes on for ever`,
    ).toBeTrue();
  for (const scrape of failedScrapes) {
    expect(scrape.outcome).toMatchObject({ kind: "refused", status: 503 });
    // The age counts from the last sync, which was a little before the end of Redis.
    expect(scrape.endedAt - goneAt).toBeGreaterThan(maxStalenessMs - 1_000);
  }
  residentMeanwhile.forEach((megabytes, index) => {
    expect(megabytes).toBeLessThan((residentBefore[index] ?? 0) + 100);
  });
});
