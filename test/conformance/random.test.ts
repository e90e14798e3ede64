import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Step } from "./case.ts";
import { compareAnswers, compareObservations, expectNone, wasRefused } from "./compare.ts";
import type { Answer } from "./http.ts";
import { createChance, randomSequence } from "./random.ts";
import { type Pair, STORES, startPair } from "./targets.ts";

const SEQUENCES = Number(process.env["PUSHFLEET_SEQUENCES"] ?? 1_000);
/** Set it to repeat a failed run. */
const SEED = Number(process.env["PUSHFLEET_SEED"] ?? 20_261_121);

/**
 * Sends the steps to both and returns where they differ. Once a refused push has broken the reference, ours only has to
 * keep serving.
 */
async function differences(pair: Pair, steps: readonly Step[]): Promise<{ found: string[]; broke: boolean }> {
  await Promise.all([pair.reference.wipe(), pair.ours.wipe()]);
  const [theirs, ours]: [Answer[], Answer[]] = [[], []];
  let broke = false;
  for (const step of steps) {
    const sent = pair.ours.send(step);
    if (broke) {
      await sent;
      continue;
    }
    const [their, our]: [Answer, Answer] = await Promise.all([pair.reference.send(step), sent]);
    broke = wasRefused(their) && (await pair.reference.scrapeStatus()) !== 200;
    if (broke) continue;
    theirs.push(their);
    ours.push(our);
  }
  const found = compareAnswers(steps.slice(0, theirs.length), theirs, ours, { bodies: false });
  const our = await pair.ours.observe();
  if (!broke && found.length === 0) found.push(...compareObservations(await pair.reference.observe(), our));
  return { found, broke };
}

/** The shortest beginning of the steps that shows a difference already, as text to read and to make a case of. */
async function report(pair: Pair, steps: readonly Step[]): Promise<string> {
  for (let length = 1; length <= steps.length; length++) {
    const prefix = steps.slice(0, length);
    const { found } = await differences(pair, prefix);
    if (found.length === 0) continue;
    const requests = prefix.map(
      ({ method, path, body }) => `${method} ${path} ${JSON.stringify(body ?? null)}`,
    );
    return [...requests, ...found].join("\n");
  }
  return "the difference did not show again";
}

describe.each(STORES)("random sequences on the %s store", (store) => {
  let pair: Pair;
  beforeAll(async () => {
    pair = await startPair(store);
  });
  afterAll(() => pair?.[Symbol.asyncDispose]());

  it(`leave the same behind as on the reference (${SEQUENCES} sequences)`, { timeout: 300_000 }, async () => {
    let broken = 0;
    const failures: string[] = [];
    for (let index = 0; index < SEQUENCES && failures.length < 5; index++) {
      const steps = randomSequence(createChance(SEED + index));
      const { found, broke } = await differences(pair, steps).catch((error: unknown) => ({
        found: [String(error)],
        broke: false,
      }));
      if (broke) broken++;
      if (found.length > 0) {
        failures.push(
          `PUSHFLEET_SEED=${SEED + index} PUSHFLEET_SEQUENCES=1\n${await report(pair, steps).catch(String)}`,
        );
      }
    }
    expectNone(failures);
    // Otherwise the sequences no longer reach what they are for.
    if (SEQUENCES >= 1_000) expect(broken).toBeGreaterThan(0);
  });
});
