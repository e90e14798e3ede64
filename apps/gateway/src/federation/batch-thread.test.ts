import { type AdmittedPart, admitBatch, BatchError } from "@pushfleet/federation";
import { textOf } from "@pushfleet/store";
import { expect, test } from "vitest";
import { batchOf, batchOfStates, deletedState, stateOf } from "../../../../test/federation-http/states.ts";
import { WorkThread } from "../work-thread.ts";
import { type BatchOutcome, type BatchTask, BatchThread } from "./batch-thread.ts";

/** All of the states, in plain objects. */
function plain(parts: readonly AdmittedPart[]) {
  return parts
    .flatMap(({ states }) => states)
    .map((state) => ({
      ...state,
      families: state.families.map(({ name, version, family }) => ({
        name,
        version,
        type: family.type,
        help: family.help,
        text: family.text,
        metrics: [...family.metrics],
      })),
    }));
}

async function allOf(parts: AsyncIterable<AdmittedPart>): Promise<readonly AdmittedPart[]> {
  const all: AdmittedPart[] = [];
  for await (const part of parts) all.push(part);
  return all;
}

test("a batch comes out of the thread as it would without one, however many parts it takes", async () => {
  const states = Array.from({ length: 350 }, (_, i) =>
    i % 7 === 0
      ? deletedState({ path: `/job/j${i}`, region: "eu", micros: 1_000_000 + i })
      : stateOf({
          path: `/job/j${i}`,
          body: `# HELP m Of ${i}.\n# TYPE m counter\nm{x="1"} ${i}\nn 1\n`,
          region: "eu",
          micros: 1_000_000 + i,
        }),
  );
  const batch = await batchOfStates(states);
  const expected = [...(await admitBatch(Buffer.from(batch)))];
  expect(plain(expected)).toHaveLength(350);
  const admitted = await allOf(new BatchThread().admit([batch.subarray(0, 100), batch.subarray(100)]));
  expect(plain(admitted)).toEqual(plain(expected));
  const shipped = states.flatMap(({ families }) => families.map(({ family }) => textOf(family.text)));
  expect(plain(admitted).flatMap(({ families }) => families.map(({ text }) => text))).toEqual(shipped);
});

test("batches that are read at the same time do not mix, and a bad one is in nobody's way", async () => {
  const thread = new BatchThread();
  const batchFrom = (name: string) =>
    batchOf(
      ...Array.from({ length: 250 }, (_, i) => ({ path: `/job/${name}${i}`, body: "m 1\n", region: "eu" })),
    );
  const [a, b] = await Promise.all([batchFrom("a"), batchFrom("b")]);
  const [first, bad, second] = await Promise.allSettled([
    allOf(thread.admit([a])),
    allOf(thread.admit([Buffer.from("m 1\n")])),
    allOf(thread.admit([b])),
  ]);
  expect(bad).toMatchObject({ status: "rejected", reason: expect.any(BatchError) });
  for (const [result, name] of [
    [first, "a"],
    [second, "b"],
  ] as const) {
    if (result.status === "rejected") throw result.reason;
    const jobs = plain(result.value).map(({ labels }) => labels?.[0]?.[1]);
    expect(jobs).toEqual(Array.from({ length: 250 }, (_, i) => `${name}${i}`));
  }
});

test("of a batch that is dropped nothing is left in the thread", async () => {
  const batch = await batchOf(
    ...Array.from({ length: 50 }, (_, i) => ({ path: `/job/j${i}`, body: "m 1\n", region: "eu" })),
  );
  const thread = new WorkThread<BatchTask, BatchOutcome>({
    program: new URL("./batch-worker.ts", import.meta.url),
    idleMs: 1_000,
  });
  expect(await thread.run({ kind: "begin", batch: 7, pieces: [batch] })).toMatchObject({ kind: "part" });
  expect(await thread.run({ kind: "next", batch: 7 })).toMatchObject({ kind: "part" });
  expect(await thread.run({ kind: "drop", batch: 7 })).toEqual({ kind: "end" });
  expect(await thread.run({ kind: "next", batch: 7 })).toMatchObject({ kind: "defect" });
});

test("a thread that has not read a batch has no rest of it, rather than an empty one", async () => {
  const thread = new WorkThread<BatchTask, BatchOutcome>({
    program: new URL("./batch-worker.ts", import.meta.url),
    idleMs: 1_000,
  });
  expect(await thread.run({ kind: "next", batch: 7 })).toMatchObject({ kind: "defect" });
});
