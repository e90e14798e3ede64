import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { readJobs, startJobs } from "./support/jobs.ts";
import { changedGroups, changeGroups } from "./support/once.ts";
import { measure, tell, tellLogsOnFailure } from "./support/row.ts";
import { pushedPart, scrapeText, shows, untilSame } from "./support/scrapes.ts";
import { readSequences } from "./support/steady-load.ts";
import { startWorld, threeRegions } from "./support/world.ts";

/** Changed elsewhere while the region is gone. */
const changed = measure("PUSHFLEET_REGION_GROUPS", 1_000);
/** What is promised is 10 s for 10,000 groups on a quiet machine; a busy one of CI may need longer. */
const caughtUpMs = measure("PUSHFLEET_REGION_CAUGHT_UP_MS", 30_000);
/** Older pushes than this have to be elsewhere when a region is lost. */
const safeAfterMs = 5_000;

test("a region killed with all its processes: what it acknowledged is elsewhere, jobs go on there, and when it comes back it catches up", {
  timeout: 180_000,
}, async () => {
  await using world = await startWorld({ ids: threeRegions });
  await using _logs = tellLogsOnFailure(world.logs);
  const [first, second, lost] = world.regions;
  const others = [first, second];
  await changeGroups([first, lost], changed, 1);
  await using jobs = startJobs(world.regions);
  await delay(safeAfterMs + 3_000);

  const killedAt = performance.now();
  await lost.kill();
  const safe = jobs.acknowledged.filter(({ endedAt }) => endedAt < killedAt - safeAfterMs);
  expect(safe.length).toBeGreaterThan(100);
  for (const { gateways, id } of others) {
    const shown = readJobs(await scrapeText(gateways[0].url));
    const missing = safe.filter(({ group, value }) => (shown.get(group) ?? 0) < value);
    expect(missing, `missing in ${id}`).toBeEmpty();
  }

  await changeGroups([first, second], changed, 2);
  await delay(1_000);
  await jobs.stop();
  expect(jobs.failures).toBeEmpty();
  const ofLost = jobs.acknowledged.filter(({ group }) => group.startsWith(lost.id));
  expect(ofLost.filter(({ endedAt }) => endedAt > killedAt + 200).length).toBeGreaterThan(5);
  const latest = new Map([...jobs.expected()].filter(([group]) => group.endsWith("again")));
  const hasLatest = shows(latest, (pushed) => only(latest, readJobs(pushed)));
  const hasChanged = shows(changedGroups(changed, 2), readSequences);
  const lacks = (pushed: string) => hasLatest(pushed) ?? hasChanged(pushed);
  await untilSame(others, { withinMs: 30_000, lacks });

  await lost.restart();
  const took = await untilSame(world.regions, { withinMs: caughtUpMs, lacks });
  const acknowledged = shows(jobs.expected(), readJobs);
  await untilSame(world.regions, { withinMs: 30_000, lacks: acknowledged });
  tell(`${changed} groups changed elsewhere, caught up ${took.toFixed(0)} ms after it was ready again`);
});

test("a region that comes back without anything on its disk gets all of it from the others", {
  timeout: 120_000,
}, async () => {
  await using world = await startWorld({ ids: threeRegions });
  await using _logs = tellLogsOnFailure(world.logs);
  const [first, , lost] = world.regions;
  await changeGroups([first, lost], 200, 1);
  const had = shows(changedGroups(200, 1), readSequences);
  await untilSame(world.regions, { withinMs: 20_000, lacks: had });
  const before = pushedPart(await scrapeText(first.url));

  await lost.kill();
  await lost.loseDisk();
  await lost.restart();
  await untilSame(world.regions, { withinMs: 30_000, lacks: had });
  expect(pushedPart(await scrapeText(lost.url))).toBe(before);
});

function only(
  wanted: ReadonlyMap<string, number>,
  all: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  return new Map([...all].filter(([key]) => wanted.has(key)));
}
