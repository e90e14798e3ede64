import { parseText } from "@pushfleet/exposition";
import { admit, parseGroupPath } from "@pushfleet/groups";
import { expect, test } from "vitest";
import { admitBatch } from "./admit-batch.ts";
import { here, pushedState } from "./states.fixture.ts";
import { encodeBatch } from "./write-batch.ts";

/** Each state has one series, with a label of so many bytes. */
async function statesInParts(sizes: readonly number[]): Promise<number[]> {
  const states = sizes.map((bytes, index) => {
    const labels = parseGroupPath(`/job/j${index}`, { names: "utf8" });
    const text = parseText(Buffer.from(`m{l="${"x".repeat(bytes)}"} 1\n`), { names: "utf8" });
    return pushedState(labels, admit(text, labels));
  });
  const parts = [...(await admitBatch(await encodeBatch(here, states)))];
  const ids = parts.flatMap(({ states: admitted }) => admitted.map(({ id }) => id));
  expect(ids).toEqual(states.map(({ id }) => id));
  return parts.map(({ states: admitted }) => admitted.length);
}

test("parts are bounded by states and by bytes, and nothing is left out", async () => {
  expect(await statesInParts([])).toEqual([]);
  expect(await statesInParts(Array.from({ length: 50 }, () => 1))).toEqual([20, 20, 10]);
  expect(await statesInParts(Array.from({ length: 5 }, () => 200_000))).toEqual([2, 2, 1]);
});

test("what is larger than a part is one of its own", async () => {
  expect(await statesInParts([1, 5_000_000, 1])).toEqual([1, 1, 1]);
});
