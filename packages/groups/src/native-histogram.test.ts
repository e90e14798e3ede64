import type { HistogramData, NativeHistogram } from "@pushfleet/exposition";
import { expect, test } from "vitest";
import { nativeFault } from "./native-histogram.ts";

const native: NativeHistogram = {
  isFloat: false,
  schema: 3,
  zeroThreshold: 1e-128,
  zeroCount: 2,
  negativeSpans: [{ offset: -5, length: 1 }],
  negativeDeltas: [1],
  negativeCounts: [],
  positiveSpans: [
    { offset: 0, length: 2 },
    { offset: 3, length: 1 },
  ],
  positiveDeltas: [1, 1, -1],
  positiveCounts: [],
};
const sound: HistogramData = { kind: "histogram", count: 7, sum: 5.5, buckets: [], native };
const float: NativeHistogram = {
  ...native,
  isFloat: true,
  negativeDeltas: [],
  negativeCounts: [0.5],
  positiveDeltas: [],
  positiveCounts: [1, 2, 1],
};

test("what Prometheus takes has no fault", () => {
  expect(nativeFault({ kind: "histogram", count: 7, sum: 5.5, buckets: [] })).toBeUndefined();
  expect(nativeFault(sound)).toBeUndefined();
  expect(nativeFault({ ...sound, native: float })).toBeUndefined();
  expect(nativeFault({ ...sound, count: 8, sum: Number.NaN })).toBeUndefined();
  const empty = { ...native, zeroCount: 0, negativeSpans: [], negativeDeltas: [], positiveDeltas: [] };
  const noop = { ...empty, positiveSpans: [{ offset: 0, length: 0 }] };
  expect(nativeFault({ ...sound, count: 0, sum: 0, native: noop })).toBeUndefined();
});

test.each<[string, Partial<HistogramData>, string]>([
  ["an unknown schema", { native: { ...native, schema: 99 } }, "schema 99 is not one of -4 to 8"],
  [
    "spans that go back",
    {
      native: {
        ...native,
        positiveSpans: [
          { offset: 0, length: 2 },
          { offset: -1, length: 1 },
        ],
      },
    },
    "positive span number 2 has the offset -1",
  ],
  [
    "spans for other buckets",
    { native: { ...native, negativeSpans: [{ offset: 0, length: 2 }] } },
    "negative spans are for 2 buckets, but there are 1",
  ],
  [
    "buckets below zero",
    { native: { ...native, positiveDeltas: [1, -2, 3] } },
    "-1 observations in a bucket",
  ],
  [
    "float buckets below zero",
    { native: { ...float, negativeCounts: [-0.5] } },
    "-0.5 observations in a bucket",
  ],
  ["a zero bucket below zero", { native: { ...float, zeroCount: -1 } }, "-1 observations in a bucket"],
  ["a count that is another", { count: 8 }, "7 observations in the buckets, but 8 in all"],
  [
    "more in buckets than in all",
    { count: 6, sum: Number.NaN },
    "7 observations in the buckets, but 6 in all",
  ],
])("%s", (_what, change, fault) => {
  expect(nativeFault({ ...sound, ...change })).toBe(fault);
});
