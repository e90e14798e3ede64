import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { startFollower } from "./support/follower.ts";
import type { Region } from "./support/region.ts";
import { measure, percentile, tell, tellLogsOnFailure } from "./support/row.ts";
import { shows, untilSame } from "./support/scrapes.ts";
import { lastSequences, type Pushes, readSequences, startSteadyLoad } from "./support/steady-load.ts";
import { startWorld, threeRegions, type World } from "./support/world.ts";

/** In each region. */
const perSecond = measure("PUSHFLEET_REGION_PUSHES", 100);
const seconds = measure("PUSHFLEET_REGION_SECONDS", 8);
/** Rounds in which one region is pushed to and all are, in turn: only who asks for them gets them. */
const rounds = measure("PUSHFLEET_REGION_ROUNDS", 0);
const oneWayMs = 100;
/** How much longer pushes may take with regions than with the links cut, at most: only who asks for rounds on a quiet machine sets it. */
const ratioLimit = measure("PUSHFLEET_REGION_P99_RATIO", Number.POSITIVE_INFINITY);
/** What is promised is 2 s, on a machine that has nothing else to do. */
const lagLimitMs = measure("PUSHFLEET_REGION_LAG_MS", 15_000);

test("regions 100 ms apart: what is pushed in each is soon in the others, and in the end all show the same", {
  timeout: 120_000 + 8_000 * seconds * (1 + 3 * rounds),
}, async () => {
  await using world = await startWorld({ ids: threeRegions });
  await using _logs = tellLogsOnFailure(world.logs);
  for (const link of world.links) link.set({ delayMs: oneWayMs });
  // Not measured: the compilers of six gateways have their work to do first.
  await pushFor(world.regions, Math.max(2, seconds / 4));

  await using follower = startFollower(world.regions);
  const pushes = await pushFor(world.regions, seconds);
  const lacks = shows(lastSequences(pushes), readSequences);
  await untilSame(world.regions, { withinMs: 30_000, lacks });
  await follower.stop();

  expect(pushes.failures).toBeEmpty();
  const rate = pushes.acknowledged.length / seconds / world.regions.length;
  const lags = follower.lags(pushes);
  const lag = percentile(lags, 0.99);
  const told = [0.5, 0.99, 1].map((share) => `${percentile(lags, share).toFixed(0)} ms`).join(", ");
  tell(`${rate.toFixed(0)} pushes/s in each region, lag p50, p99 and worst: ${told}; ${latencies([pushes])}`);
  // The generator shares the machine with all the rest.
  expect(rate).toBeGreaterThan(0.5 * perSecond);
  expect(lag).toBeLessThan(lagLimitMs);

  if (rounds > 0) {
    const { told: compared, ratio } = await comparePushes(world);
    tell(compared);
    expect(ratio).toBeLessThanOrEqual(ratioLimit);
  }
});

/**
 * What a job waits for in one region: when only that one is pushed to, when all are, and when all are but the links are cut, so
 * that the machine has the same pushes to do and none to ship. `ratio` is of the 99th percentiles of the last two.
 */
async function comparePushes({
  regions,
  links,
}: World<typeof threeRegions>): Promise<{ readonly told: string; readonly ratio: number }> {
  const [first] = regions;
  const near = () => {
    for (const link of links) link.set({ delayMs: oneWayMs });
  };
  const apart = () => {
    for (const link of links) link.set({ cut: "reset" });
  };
  const cases = [
    { name: "one region pushed to", pushedTo: [first], prepare: near },
    { name: "all", pushedTo: regions, prepare: near },
    { name: "all, with the links cut", pushedTo: regions, prepare: apart },
  ];
  const results = cases.map((): Pushes[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, { pushedTo, prepare }] of cases.entries()) {
      prepare();
      const { acknowledged, failures } = await pushFor(pushedTo, seconds);
      results[index]?.push({
        acknowledged: acknowledged.filter(({ region }) => region === first.id),
        failures,
      });
      near();
      await untilSame(regions, { withinMs: 60_000 });
    }
  }
  const [, all = [], cut = []] = results;
  return {
    told: cases.map(({ name }, index) => `${name}: ${latencies(results[index] ?? [])}`).join("; "),
    ratio: percentile(sortedWaits(all), 0.99) / percentile(sortedWaits(cut), 0.99),
  };
}

async function pushFor(regions: readonly Region[], forSeconds: number): Promise<Pushes> {
  await using load = startSteadyLoad(regions, { perSecond });
  await delay(1_000 * forSeconds);
  return await load.stop();
}

function latencies(pushes: readonly Pushes[]): string {
  const sorted = sortedWaits(pushes);
  return `push p50 and p99: ${percentile(sorted, 0.5).toFixed(1)}, ${percentile(sorted, 0.99).toFixed(1)} ms`;
}

/** Milliseconds from each push to its acknowledgement. */
function sortedWaits(pushes: readonly Pushes[]): Float64Array {
  return Float64Array.from(
    pushes.flatMap(({ acknowledged }) => acknowledged.map(({ startedAt, endedAt }) => endedAt - startedAt)),
  ).sort();
}
