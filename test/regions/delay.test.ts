import { expect, test } from "vitest";
import { startFollower } from "./support/follower.ts";
import { pushFor, sortedWaits, waitsText } from "./support/push-waits.ts";
import { measure, percentile, tell, tellLogsOnFailure } from "./support/row.ts";
import { shows, untilSame } from "./support/scrapes.ts";
import { lastSequences, readSequences } from "./support/steady-load.ts";
import { startWorld, threeRegions } from "./support/world.ts";

/** In each region. */
const perSecond = measure("PUSHFLEET_REGION_PUSHES", 100);
const seconds = measure("PUSHFLEET_REGION_SECONDS", 8);
const oneWayMs = 100;
/** What is promised is 2 s, on a machine that has nothing else to do. */
const lagLimitMs = measure("PUSHFLEET_REGION_LAG_MS", 15_000);

test("regions 100 ms apart: what is pushed in each is soon in the others, and in the end all show the same", {
  timeout: 120_000 + 8_000 * seconds,
}, async () => {
  await using world = await startWorld({ ids: threeRegions });
  await using _logs = tellLogsOnFailure(world.logs);
  for (const link of world.links) link.set({ delayMs: oneWayMs });
  // Not measured: the compilers of six gateways have their work to do first.
  await pushFor(world.regions, { perSecond, seconds: Math.max(2, seconds / 4) });

  await using follower = startFollower(world.regions);
  const pushes = await pushFor(world.regions, { perSecond, seconds });
  const lacks = shows(lastSequences(pushes), readSequences);
  await untilSame(world.regions, { withinMs: 30_000, lacks });
  await follower.stop();

  expect(pushes.failures).toBeEmpty();
  const rate = pushes.acknowledged.length / seconds / world.regions.length;
  const lags = follower.lags(pushes);
  const lag = percentile(lags, 0.99);
  const told = [0.5, 0.99, 1].map((share) => `${percentile(lags, share).toFixed(0)} ms`).join(", ");
  tell(
    `${rate.toFixed(0)} pushes/s in each region, lag p50, p99 and worst: ${told}; ${waitsText(sortedWaits([pushes]))}`,
  );
  // The generator shares the machine with all the rest.
  expect(rate).toBeGreaterThan(0.5 * perSecond);
  expect(lag).toBeLessThan(lagLimitMs);
});
