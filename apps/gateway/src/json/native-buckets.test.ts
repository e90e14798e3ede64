import type { NativeHistogram } from "@pushfleet/exposition";
import { expect, test } from "vitest";
import { nativeBuckets } from "./native-buckets.ts";

const empty: NativeHistogram = {
  isFloat: false,
  schema: 0,
  zeroThreshold: 0,
  zeroCount: 0,
  negativeSpans: [],
  negativeDeltas: [],
  negativeCounts: [],
  positiveSpans: [],
  positiveDeltas: [],
  positiveCounts: [],
};

const twoSpans = [
  { offset: 0, length: 2 },
  { offset: 0, length: 2 },
];

// Pushgateway's own test of its API (api/v1/api_test.go, TestMetricsAPI) has these two.
test("an integer histogram gives its counts as differences, and empty buckets are left out", () => {
  const histogram = {
    ...empty,
    schema: 1,
    positiveSpans: [{ offset: 1, length: 2 }],
    positiveDeltas: [2, 2],
  };
  expect(nativeBuckets(histogram)).toEqual([
    [0, "1", "1.414213562373095", "2"],
    [0, "1.414213562373095", "2", "4"],
  ]);
  expect(nativeBuckets({ ...histogram, positiveSpans: twoSpans, positiveDeltas: [2, -2, 3, 0] })).toEqual([
    [0, "0.7071067811865475", "1", "2"],
    [0, "1.414213562373095", "2", "3"],
    [0, "2", "2.82842712474619", "3"],
  ]);
});

test("a float histogram gives each count itself, negative buckets first and in rising order", () => {
  const counts = [2, 2, -2, 0];
  expect(
    nativeBuckets({
      ...empty,
      isFloat: true,
      schema: 1,
      negativeSpans: twoSpans,
      negativeCounts: counts,
      positiveSpans: twoSpans,
      positiveCounts: counts,
    }),
  ).toEqual([
    [1, "-2", "-1.414213562373095", "-2"],
    [1, "-1.414213562373095", "-1", "2"],
    [1, "-1", "-0.7071067811865475", "2"],
    [0, "0.7071067811865475", "1", "2"],
    [0, "1", "1.414213562373095", "2"],
    [0, "1.414213562373095", "2", "-2"],
  ]);
});

test("the zero bucket stands in the middle, both ends inclusive", () => {
  expect(nativeBuckets({ ...empty, zeroThreshold: 0.5, zeroCount: 3 })).toEqual([[3, "-0.5", "0.5", "3"]]);
});

test("negative schemas have wide buckets, and the last finite one ends at the largest float", () => {
  const wide = { ...empty, schema: -4, positiveSpans: [{ offset: 63, length: 2 }], positiveDeltas: [1, 0] };
  expect(nativeBuckets(wide)).toEqual([
    [0, String(2 ** 992), String(2 ** 1008), "1"],
    [0, String(2 ** 1008), "1.7976931348623157e+308", "1"],
  ]);
});
