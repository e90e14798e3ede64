import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startReference } from "../support/reference.ts";
import { type ConformanceCase, type Difference, post } from "./case.ts";
import { casesByTopic } from "./cases/index.ts";
import { deadlyPathCases } from "./cases/paths.ts";
import {
  compareAnswers,
  compareExpectation,
  compareObservations,
  expectNone,
  play,
  wasRefused,
} from "./compare.ts";
import { type Answer, createHttpClient } from "./http.ts";
import type { Observation } from "./observe.ts";
import type { ComparedServer } from "./server.ts";
import { type Pair, STORES, startPair } from "./targets.ts";

/** Undefined once the reference is broken; without an observation when what it serves cannot be read. */
type ReferenceOutcome =
  | { readonly answers: readonly Answer[]; readonly observation: Observation | undefined }
  | undefined;

async function playReference(
  reference: ComparedServer,
  { steps }: ConformanceCase,
): Promise<ReferenceOutcome> {
  const answers: Answer[] = [];
  for (const step of steps) {
    const answer = await reference.send(step);
    if (wasRefused(answer) && (await reference.scrapeStatus()) !== 200) return undefined;
    answers.push(answer);
  }
  return { answers, observation: await reference.observe({ protobuf: true }).catch(() => undefined) };
}

async function differences(pair: Pair, one: ConformanceCase): Promise<string[]> {
  await Promise.all([pair.reference.wipe(), pair.ours.wipe()]);
  const keepOwn = one.difference?.id === "own-process-metrics";
  const [theirs, ours] = await Promise.all([
    playReference(pair.reference, one),
    play(pair.ours, one.steps, { protobuf: true, gzip: true }),
  ]);
  const found =
    theirs?.observation === undefined
      ? ["the reference answers every scrape with 500 or something invalid"]
      : [
          ...compareAnswers(one.steps, theirs.answers, ours.answers, { bodies: true }),
          ...compareObservations(theirs.observation, ours.observation),
        ];
  if (one.difference === undefined) return found;
  const outcome = keepOwn ? { ...ours, observation: await pair.ours.observe({ keepOwn }) } : ours;
  return [
    ...compareExpectation(one.difference.ours, outcome),
    ...proveDifference(one.difference, theirs, found),
  ];
}

/** A difference that is none any more has to leave the document. */
function proveDifference(
  { id, theirs }: Difference,
  outcome: ReferenceOutcome,
  found: readonly string[],
): string[] {
  if (theirs === undefined)
    return found.length > 0 ? [] : [`the reference answers the same: ${id} is no difference`];
  if (outcome?.observation === undefined) return ["the reference broke"];
  return compareExpectation(theirs, { answers: outcome.answers, observation: outcome.observation }).map(
    (line) => `reference: ${line}`,
  );
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
        expectNone(await differences(pair, one));
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

  it("lets families take the place of what the API says of their group", async () => {
    const asked = { method: "GET", path: "/api/v1/metrics" };
    for (const server of [pair.reference, pair.ours]) {
      await server.wipe();
      await server.send(post("/job/a", "labels 1\nlast_push_successful 2\n"));
      const { data } = JSON.parse((await server.send(asked)).body.toString());
      const valued = (value: string) =>
        expect.objectContaining({ metrics: [expect.objectContaining({ value })] });
      expect(data).toContainEqual(
        expect.objectContaining({ labels: valued("1"), last_push_successful: valued("2") }),
      );
    }
  });
});

it("has at least 150 cases, no two of the same name", () => {
  const names = Object.entries(casesByTopic).flatMap(([topic, cases]) =>
    cases.map(({ name }) => `${topic}: ${name}`),
  );
  expect(names.length).toBeGreaterThanOrEqual(150);
  expect(new Set(names).size).toBe(names.length);
});
