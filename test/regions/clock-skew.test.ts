import { expect, test } from "vitest";
import { ownMetric } from "./support/metric.ts";
import type { Region } from "./support/region.ts";
import { tellLogsOnFailure } from "./support/row.ts";
import { pushedPart, scrapeText, shows, untilSame } from "./support/scrapes.ts";
import { startSharedWrites } from "./support/shared-groups.ts";
import { lastSequences, readSequences, startSteadyLoad } from "./support/steady-load.ts";
import { createWallClock } from "./support/wall-clock.ts";
import { startWorld, threeRegions } from "./support/world.ts";

const flags = ["--federation.anti-entropy-interval=2s"];
const federators = { a: { flags }, b: { flags }, c: { flags } };

test.each([30, -30])(
  "the clock of one region %i s ahead: all converge, and the skew is told",
  {
    timeout: 120_000,
  },
  async (seconds) => {
    await using clock = await createWallClock();
    await clock.set(1_000 * seconds);
    await using world = await startWorld({
      ids: threeRegions,
      options: { c: { redisEnv: clock.env } },
      federators,
    });
    await using _logs = tellLogsOnFailure(world.logs);
    const [first, , skewed] = world.regions;
    await using load = startSteadyLoad(world.regions, { perSecond: 30 });
    await using shared = startSharedWrites(world.regions);
    await expect.poll(() => shared.count(), { timeout: 30_000 }).toBeGreaterThan(400);
    const [pushes, { failures }] = [await load.stop(), await shared.stop()];
    expect([...pushes.failures, ...failures]).toBeEmpty();
    const lacks = shows(lastSequences(pushes), readSequences);
    await untilSame(world.regions, { withinMs: 30_000, lacks });

    await expect.poll(() => skewOf(first, skewed), { timeout: 20_000 }).toBeWithin(seconds - 5, seconds + 5);
    await expect
      .poll(() => skewOf(skewed, first), { timeout: 20_000 })
      .toBeWithin(-seconds - 5, -seconds + 5);
    await expect
      .poll(() => logOf(first), { timeout: 20_000 })
      .toContain("the clocks of the regions differ: of two pushes to one group the wrong one may win");
  },
);

test("a clock two minutes ahead: what is pushed there is refused elsewhere and told, not lost, and arrives once the clock is right", {
  timeout: 120_000,
}, async () => {
  await using right = await createWallClock();
  await using wrong = await createWallClock();
  await wrong.set(120_000);
  await using world = await startWorld({
    ids: ["a", "b"],
    options: { a: { redisEnv: right.env }, b: { redisEnv: wrong.env } },
    federators,
  });
  await using _logs = tellLogsOnFailure(world.logs);
  const [first, ahead] = world.regions;
  await push(first, "of-first", 1);
  await push(ahead, "of-ahead", 1);
  await expect.poll(() => shown(ahead), { timeout: 20_000 }).toContain("of-first");

  await expect
    .poll(
      () => ownMetric(ahead.federators[0]?.url ?? "", 'pushfleet_federator_refused_groups_total{peer="a"}'),
      {
        timeout: 20_000,
      },
    )
    .toBeGreaterThan(0);
  await expect.poll(() => refusedAhead(first), { timeout: 20_000 }).toBeGreaterThan(0);
  expect(logOf(ahead)).toContain("the peer refuses groups");
  expect(logOf(ahead)).toContain("reason=ahead");
  expect(await shown(first)).not.toContain("of-ahead");

  // Other groups of the same region are not held up for long once its clock is right, and neither is what was refused:
  // a minute and a bit passes for both.
  await wrong.set(0);
  await push(ahead, "of-ahead-later", 2);
  await Promise.all([right.set(65_000), wrong.set(65_000)]);
  await push(first, "of-first-later", 2);
  await expect.poll(() => shown(first), { timeout: 30_000 }).toContain("of-ahead-later");
  await untilSame(world.regions, {
    withinMs: 30_000,
    lacks: (pushed) =>
      ["of-first", "of-ahead", "of-first-later", "of-ahead-later"].find(
        (job) => !pushed.includes(`job="${job}"`),
      ),
  });
});

async function push({ url }: Region, job: string, value: number): Promise<void> {
  const response = await fetch(`${url}/metrics/job/${job}`, { method: "PUT", body: `pushed ${value}\n` });
  expect(response.status).toBe(200);
}

async function shown({ gateways }: Region): Promise<string> {
  return pushedPart(await scrapeText(gateways[0].url));
}

/** Seconds that the federators of one region tell the other's clock to be ahead. */
async function skewOf({ federators: [federator] }: Region, { id }: Region): Promise<number> {
  return (
    (await ownMetric(federator?.url ?? "", `pushfleet_federator_skew_seconds{peer="${id}"}`)) ?? Number.NaN
  );
}

async function refusedAhead({ gateways }: Region): Promise<number> {
  const series = 'pushfleet_federation_refused_total{reason="ahead"}';
  const counts = await Promise.all(gateways.map(({ url }) => ownMetric(url, series)));
  return counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
}

function logOf({ federators: own }: Region): string {
  return own.map((federator) => federator.log()).join("\n");
}
