import type { ArrivingFamily, VersionedGroup } from "@pushfleet/store";
import { expect, test } from "vitest";
import { partsOf } from "./state-parts.ts";

/** Of which nothing but the size of its one family is looked at. */
function stateOf(bytes: number): VersionedGroup<ArrivingFamily> {
  return { families: [{ family: { text: "x".repeat(bytes) } }] } as unknown as VersionedGroup<ArrivingFamily>; // as told
}

const sizes = (states: readonly VersionedGroup<ArrivingFamily>[]) =>
  [...partsOf(states)].map((part) => part.length);

test("parts are bounded by states and by bytes, and nothing is left out", () => {
  expect(sizes([])).toEqual([]);
  expect(sizes(Array.from({ length: 250 }, () => stateOf(1)))).toEqual([100, 100, 50]);
  expect(sizes(Array.from({ length: 5 }, () => stateOf(200_000)))).toEqual([2, 2, 1]);
});

test("what is larger than a part is one of its own", () => {
  expect(sizes([stateOf(1), stateOf(5_000_000), stateOf(1)])).toEqual([1, 1, 1]);
});
