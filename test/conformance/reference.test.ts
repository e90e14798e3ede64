import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startReference } from "../support/reference.ts";
import type { ConformanceCase } from "./case.ts";
import { casesByTopic } from "./cases/index.ts";
import { deadlyPathCases } from "./cases/paths.ts";
import { compareAnswers, compareExpectation, compareObservations, play, wasRefused } from "./compare.ts";
import { createHttpClient, type Answer } from "./http.ts";
import type { ComparedServer } from "./server.ts";
import { type Pair, STORES, startPair } from "./targets.ts";

/** Sends the steps until a refused push has broken the reference; undefined then. */
async function playReference(reference: ComparedServer, { steps }: ConformanceCase) {
  const answers: Answer[] = [];
  for (const step of steps) {
    const answer = await reference.send(step);
    if (wasRefused(answer) && (await reference.scrapeStatus()) !== 200) return undefined;
    answers.push(answer);
  }
  return { answers, observation: await reference.observe({ protobuf: true }) };
}

async function differences(pair: Pair, one: ConformanceCase): Promise<string[]> {
  await Promise.all([pair.reference.wipe(), pair.ours.wipe()]);
  const keepOwn = one.difference?.id === "own-process-metrics";
  const [theirs, ours] = await Promise.all([
    playReference(pair.reference, one),
    play(pair.ours, one.steps, { protobuf: true }),
  ]);
  const found =
    theirs === undefined
      ? ["the reference answers every scrape with 500"]
      : [
          ...compareAnswers(one.steps, theirs.answers, ours.answers, { bodies: true }),
          ...compareObservations(theirs.observation, ours.observation),
        ];
  if (one.difference === undefined) return found;
  const outcome = keepOwn ? { ...ours, observation: await pair.ours.observe({ keepOwn }) } : ours;
  return [
    ...compareExpectation(one.difference.ours, outcome),
    // A difference that is none any more has to leave the document.
    ...(found.length === 0 && !keepOwn ? [`no difference ${one.difference.id} is found`] : []),
  ];
}

describe.each(STORES)("a gateway with the %s store answers as the reference does", (store) => {
  let pair: Pair;
  beforeAll(async () => {
    pair = await startPair(store);
  });
  afterAll(() => pair?.[Symbol.asyncDispose]());

  for (const [topic, cases] of Object.entries(casesByTopic)) {
    describe(topic, () => {
      it.each(cases)("$name", async (one) => {
        const found = await differences(pair, one);
        expect(found.join("\n")).toBe("");
      });
    });
  }

  it.each(deadlyPathCases)("$name", async ({ steps }) => {
    await using reference = await startReference();
    using client = createHttpClient(reference.url);
    for (const step of steps) {
      const [their, our] = await Promise.all([client.send(step), pair.ours.send(step)]);
      expect(compareAnswers([step], [their], [our], { bodies: true })).toEqual([]);
    }
  });
});

it("has at least 150 cases, no two of the same name", () => {
  const names = Object.entries(casesByTopic).flatMap(([topic, cases]) => cases.map(({ name }) => `${topic}: ${name}`));
  expect(names.length).toBeGreaterThanOrEqual(150);
  expect(new Set(names).size).toBe(names.length);
});
