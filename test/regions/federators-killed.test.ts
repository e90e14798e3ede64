import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import type { Member } from "./support/member.ts";
import { ownMetric } from "./support/metric.ts";
import { measure, tell, tellLogsOnFailure } from "./support/row.ts";
import { shows, untilSame } from "./support/scrapes.ts";
import { lastSequences, readSequences, startSteadyLoad } from "./support/steady-load.ts";
import { startWorld } from "./support/world.ts";

const kills = measure("PUSHFLEET_REGION_KILLS", 4);
/** What is promised is 5 s; a busy machine of CI may need longer. */
const movedMs = measure("PUSHFLEET_REGION_MOVED_MS", 8_000);

test("the active federator killed in the middle of its work, again and again: another takes its place, and nothing is lost", {
  timeout: 120_000 + 20_000 * kills,
}, async () => {
  // Comparing all groups would find what a federator forgot, and so hide it: here it must not be needed.
  const flags = ["--federation.anti-entropy-interval=1h"];
  await using world = await startWorld({
    ids: ["a", "b"],
    federators: { a: { count: 2, flags }, b: { flags } },
  });
  await using _logs = tellLogsOnFailure(world.logs);
  const [here, there] = world.regions;
  // Narrow, so that a batch is nearly always under way.
  world.link(here, there).set({ delayMs: 50, bytesPerSecond: 100_000 });
  await using load = startSteadyLoad(world.regions, { perSecond: 150, groups: 2_000 });

  const moves: number[] = [];
  for (let kill = 0; kill < kills; kill++) {
    const active = await activeOf(here.federators, there.id);
    await delay(1_500 * Math.random());
    await active.kill();
    const killedAt = performance.now();
    await activeOf(here.federators, there.id);
    moves.push(performance.now() - killedAt);
    await active.start();
  }
  const pushes = await load.stop();
  world.link(here, there).heal();
  const lacks = shows(lastSequences(pushes), readSequences);
  const took = await untilSame(world.regions, { withinMs: 30_000, lacks });

  const longest = Math.max(...moves);
  tell(
    `killed ${kills} times, the work moved within ${longest.toFixed(0)} ms; the same in both regions ${took.toFixed(0)} ms after the load`,
  );
  expect(pushes.failures).toBeEmpty();
  expect(longest).toBeLessThan(movedMs);
});

/** The one that ships to the peer, as soon as there is one among those that run. */
async function activeOf(federators: readonly Member[], peer: string): Promise<Member> {
  const deadline = performance.now() + 20_000;
  while (performance.now() < deadline) {
    for (const federator of federators) {
      if (!federator.isRunning()) continue;
      if ((await ownMetric(federator.url, `pushfleet_federator_active{peer="${peer}"}`)) === 1)
        return federator;
    }
    await delay(50);
  }
  throw new Error(`no federator ships to ${peer}`);
}
