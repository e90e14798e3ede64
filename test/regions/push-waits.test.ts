import { cpus } from "node:os";
import { expect, test } from "vitest";
import { pushFor, sortedWaits, waitsText } from "./support/push-waits.ts";
import { measure, percentile, tell, tellLogsOnFailure } from "./support/row.ts";
import { untilSame } from "./support/scrapes.ts";
import type { Pushes } from "./support/steady-load.ts";
import { startWorld, threeRegions } from "./support/world.ts";

/** In each region. */
const perSecond = measure("PUSHFLEET_REGION_PUSHES", 100);
const seconds = measure("PUSHFLEET_REGION_SECONDS", 4);
const rounds = measure("PUSHFLEET_REGION_ROUNDS", 1);
const oneWayMs = 100;
/** How much longer the 99th percentile may be. What is promised is 1.1, on a machine that has nothing else to do. */
const ratioLimit = measure("PUSHFLEET_REGION_P99_RATIO", 20);

// With one processor for all, what would be measured is how much there is to do for three regions.
test.skipIf(cpus().length < 2)(
  "a push waits no longer for a region that has two others than for one that is cut off",
  {
    timeout: 120_000 + 4_000 * seconds * rounds,
  },
  async () => {
    await using world = await startWorld({ ids: threeRegions, apart: "a" });
    await using _logs = tellLogsOnFailure(world.logs);
    const [measured] = world.regions;
    const join = () => {
      for (const link of world.links) link.set({ delayMs: oneWayMs });
    };
    const cutOff = () => {
      for (const link of world.links) link.set({ cut: "reset" });
    };
    join();
    await pushFor(world.regions, { perSecond, seconds: Math.max(2, seconds / 4) });

    const [joined, alone]: [Pushes[], Pushes[]] = [[], []];
    for (let round = 0; round < rounds; round++) {
      joined.push(await pushFor(world.regions, { perSecond, seconds }));
      cutOff();
      alone.push(await pushFor(world.regions, { perSecond, seconds }));
      join();
      await untilSame(world.regions, { withinMs: 60_000 });
    }

    expect([...joined, ...alone].flatMap(({ failures }) => failures)).toBeEmpty();
    const [ours, theirs] = [sortedWaits(joined, measured), sortedWaits(alone, measured)];
    tell(
      `a region with a processor of its own: with two others ${waitsText(ours)}, cut off ${waitsText(theirs)}`,
    );
    expect(percentile(ours, 0.99) / percentile(theirs, 0.99)).toBeLessThanOrEqual(ratioLimit);
  },
);
