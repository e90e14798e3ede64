import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { freePort } from "../support/ports.ts";
import { startServerProcess } from "../support/process.ts";
import { deliverTo } from "./support/deliveries-from-others.ts";
import { pushFor, sortedWaits, waitsText } from "./support/push-waits.ts";
import { type Region, startRegion } from "./support/region.ts";
import { measure, percentile, tell, tellLogsOnFailure } from "./support/row.ts";
import type { Pushes } from "./support/steady-load.ts";

const perSecond = measure("PUSHFLEET_REGION_PUSHES", 100);
const seconds = measure("PUSHFLEET_REGION_SECONDS", 4);
const rounds = measure("PUSHFLEET_REGION_ROUNDS", 1);
/** How much longer the 99th percentile of the median turn may be. What is promised is 1.1, on a machine that has nothing else to do. */
const ratioLimit = measure("PUSHFLEET_REGION_P99_RATIO", 20);
/** Does not count: programs are compiled while they run, the longer the more there is of them, and sooner where there is more to do. */
const warmUp = { perSecond: 3 * perSecond, seconds: Math.max(3, 2 * seconds), deliverEveryMs: 200 };
/** Who had a rest needs some seconds again, which do not count either. */
const awakening = { perSecond, seconds: Math.max(1, seconds / 4) };
/** As many groups as the steady load pushes to, so that all of them are in each batch; and some batches more than are needed. */
const delivery = {
  groups: 200,
  batches: Math.ceil(
    1.2 * ((1_000 * warmUp.seconds) / warmUp.deliverEveryMs + rounds * (awakening.seconds + seconds) + 20),
  ),
};

// Three whole regions on one machine would show how much there is to do for three regions. Who plays the other two yields, as they
// have machines of their own.
test("a push waits no longer in a region that ships to two others, and takes from them, than in one alone", {
  timeout: 120_000 + 8_000 * seconds * rounds,
}, async () => {
  // Each of many processes has one, so that none is left behind when a test run ends early.
  process.setMaxListeners(64);
  const sinkPort = await freePort();
  const sinkUrl = `http://127.0.0.1:${sinkPort}`;
  const sink = fileURLToPath(new URL("../bench/peer-sink.ts", import.meta.url));
  await using _sink = await startServerProcess({
    command: process.execPath,
    args: [sink, `${sinkPort}`],
    readyUrl: sinkUrl,
    yields: true,
  });
  await using joined = await startRegion("a");
  await using alone = await startRegion("z");
  await using _logs = tellLogsOnFailure(() => [...joined.logs(), ...alone.logs()]);
  await joined.join(new Map(["b", "c"].map((id) => [id, `${sinkUrl}/${id}`])));
  await using deliveries = await deliverTo(joined.url, delivery);
  // What the others do costs the machine the same while the region alone is measured.
  await using elsewhere = await deliverTo(`${sinkUrl}/b`, delivery);
  deliveries.start(warmUp.deliverEveryMs);
  await pushFor([joined, alone], warmUp);
  const takenBefore = deliveries.taken();

  const turnOf = async (region: Region): Promise<Pushes> => {
    const [begins, ends] = region === joined ? [deliveries, elsewhere] : [elsewhere, deliveries];
    ends.stop();
    begins.start();
    await pushFor([region], awakening);
    return await pushFor([region], { perSecond, seconds });
  };
  const [ours, theirs]: [Pushes[], Pushes[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    // Who is first takes turns as well: a machine that slows down is not to be blamed on either.
    if (round % 2 === 0) ours.push(await turnOf(joined));
    theirs.push(await turnOf(alone));
    if (round % 2 === 1) ours.push(await turnOf(joined));
  }

  expect([...ours, ...theirs].flatMap(({ failures }) => failures)).toBeEmpty();
  expect(deliveries.refusals()).toBeEmpty();
  expect(deliveries.taken() - takenBefore).toBeGreaterThanOrEqual(rounds * seconds);
  const [p99s, p99sAlone] = [ours.map(p99), theirs.map(p99)];
  // Each turn is compared with the one beside it, as the machine is not the same from minute to minute.
  const ratios = p99s.map((joinedMs, round) => joinedMs / (p99sAlone[round] ?? Number.NaN));
  const ratio = median(ratios);
  tell(
    `a region among three: ${waitsText(sortedWaits(ours))}, by turns ${inMs(p99s)}; ` +
      `alone: ${waitsText(sortedWaits(theirs))}, by turns ${inMs(p99sAlone)}; ratios of the turns: ${ratios.map((each) => each.toFixed(2)).join(", ")}, median ${ratio.toFixed(2)}`,
  );
  expect(ratio).toBeLessThanOrEqual(ratioLimit);
});

function p99(turn: Pushes): number {
  return percentile(sortedWaits([turn]), 0.99);
}

/** Not of all pushes together: those of one turn in which the machine had something else to do would be all that counts. */
function median(values: readonly number[]): number {
  return percentile(
    values.toSorted((one, other) => one - other),
    0.5,
  );
}

function inMs(turns: readonly number[]): string {
  return turns.map((turn) => turn.toFixed(1)).join(", ");
}
