import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { ownMetric } from "./support/metric.ts";
import { measure, tell, tellLogsOnFailure } from "./support/row.ts";
import { shows, untilSame } from "./support/scrapes.ts";
import { readOrdered, startSharedWrites } from "./support/shared-groups.ts";
import { lastSequences, readSequences, startSteadyLoad } from "./support/steady-load.ts";
import { startWorld, threeRegions } from "./support/world.ts";

/** Longer than federators wait for an answer, so that a silent cut is found out as well. */
const cutSeconds = measure("PUSHFLEET_REGION_CUT_SECONDS", 15);
/** What is promised is 10 s; a busy machine of CI may need longer. */
const healedMs = measure("PUSHFLEET_REGION_HEALED_MS", 30_000);
/** Long enough for several comparisons of all groups, any of which could bring back what is gone. */
const watchedMs = 5_000;

test("all links cut: every region works on, and after healing all show the same, the newest of each group and nothing that was deleted", {
  timeout: 120_000 + 2_000 * cutSeconds,
}, async () => {
  const flags = ["--federation.anti-entropy-interval=2s"];
  await using world = await startWorld({
    ids: threeRegions,
    federators: { a: { flags }, b: { flags }, c: { flags } },
  });
  await using _logs = tellLogsOnFailure(world.logs);
  await using load = startSteadyLoad(world.regions, { perSecond: 30 });
  await using shared = startSharedWrites(world.regions);
  await delay(2_000);

  // One half of the links says nothing any more, as when packets are dropped, the other refuses.
  for (const [index, link] of world.links.entries()) link.set({ cut: index % 2 === 0 ? "silent" : "reset" });
  const before = shared.count();
  await delay(1_000 * cutSeconds);
  for (const from of world.regions)
    for (const to of world.regions) {
      if (from === to) continue;
      const up = () =>
        ownMetric(from.federators[0]?.url ?? "", `pushfleet_federator_link_up{peer="${to.id}"}`);
      await expect.poll(up, { message: `the link from ${from.id} to ${to.id}`, timeout: 15_000 }).toBe(0);
    }
  const [{ expected, deleted, failures }, pushes] = await Promise.all([shared.stop(), load.stop()]);
  expect(failures).toBeEmpty();
  expect(pushes.failures).toBeEmpty();
  expect(deleted).toBeGreaterThan(0);

  for (const link of world.links) link.heal();
  const hasOrdered = shows(expected, readOrdered);
  const hasSequences = shows(lastSequences(pushes), readSequences);
  const lacks = (pushed: string) => hasOrdered(pushed) ?? hasSequences(pushed);
  const took = await untilSame(world.regions, { withinMs: healedMs, lacks });
  tell(
    `${shared.count() - before} writes in ${cutSeconds} s without links, ${deleted} groups deleted; the same in all regions ${took.toFixed(0)} ms after healing`,
  );
  for (const end = performance.now() + watchedMs; performance.now() < end; )
    await untilSame(world.regions, { withinMs: 1_500, lacks });
});
