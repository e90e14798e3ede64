import { expect, test } from "vitest";
import type { NativeBucket } from "../api/types.ts";
import { barsOf, bucketsOf, describeHistogram, rangeOf } from "./histogram.ts";

const counts = (metric: Parameters<typeof bucketsOf>[0]) => bucketsOf(metric).map(({ count }) => count);

test("the cumulative counts of a classic histogram become those of each bucket, in order of the bounds", () => {
  const metric = { buckets: { "+Inf": "12", "10": "10", "-1": "1", "2.5": "4" } };
  expect(bucketsOf(metric).map(rangeOf)).toEqual(["(-Inf, -1]", "(-1, 2.5]", "(2.5, 10]", "(10, +Inf)"]);
  expect(counts(metric)).toEqual([1, 3, 6, 2]);
});

test("counts that go down, as broken clients send them, are no buckets below zero", () => {
  expect(counts({ buckets: { "1": "5", "2": "3", "+Inf": "5" } })).toEqual([5, 0, 2]);
});

test("buckets of a classic histogram are equally wide, and as high as their share of the fullest", () => {
  expect(barsOf(bucketsOf({ buckets: { "1": "2", "100": "6", "+Inf": "6" } }))).toEqual([
    { x: 0, width: 1 / 3, height: 0.5 },
    { x: 1 / 3, width: 1 / 3, height: 1 },
    { x: 2 / 3, width: 1 / 3, height: 0 },
  ]);
});

const native = (...buckets: NativeBucket[]) => barsOf(bucketsOf({ buckets }));
const rounded = (bars: ReturnType<typeof barsOf>) =>
  bars.map(({ x, width }) => [x, x + width].map((edge) => Math.round(edge * 1000) / 1000));

test("buckets of a native histogram lie by their logarithms, with the gaps between them", () => {
  expect(rounded(native([0, "1", "2", "1"], [0, "2", "4", "1"], [0, "8", "16", "1"]))).toEqual([
    [0, 0.25],
    [0.25, 0.5],
    [0.75, 1],
  ]);
});

test("the zero bucket is as wide as the others, between the negative and the positive ones", () => {
  const bars = native([1, "-2", "-1", "1"], [3, "-0.001", "0.001", "1"], [0, "1", "2", "3"]);
  expect(rounded(bars)).toEqual([
    [0, 0.333],
    [0.333, 0.667],
    [0.667, 1],
  ]);
  expect(bars.map(({ height }) => height)).toEqual([1 / 3, 1 / 3, 1]);
});

test("without any logarithm to go by the buckets are equally wide", () => {
  expect(rounded(native([3, "-0.001", "0.001", "4"]))).toEqual([[0, 1]]);
  expect(rounded(native([0, "-Inf", "1", "1"], [0, "1", "+Inf", "1"]))).toEqual([
    [0, 0.5],
    [0.5, 1],
  ]);
  expect(rounded(native([0, "-1", "2", "1"], [0, "2", "4", "1"]))).toEqual([
    [0, 0.5],
    [0.5, 1],
  ]);
});

test("nothing observed draws nothing, and does not divide by it", () => {
  expect(barsOf(bucketsOf({ buckets: { "1": "0", "+Inf": "0" } })).map(({ height }) => height)).toEqual([
    0, 0,
  ]);
  expect(barsOf([])).toEqual([]);
});

test("the drawing is told in words", () => {
  expect(describeHistogram(bucketsOf({ buckets: { "0.1": "2", "0.25": "9", "+Inf": "10" } }))).toBe(
    "10 observations in 3 buckets, the most in (0.1, 0.25]",
  );
  expect(describeHistogram(bucketsOf({ buckets: { "+Inf": "0" } }))).toBe("0 observations in 1 buckets");
});

test("bounds belong to a native bucket as the API says", () => {
  const buckets: NativeBucket[] = [0, 1, 2, 3].map((boundaries) => [boundaries, "1", "2", "1"]);
  expect(bucketsOf({ buckets }).map(rangeOf)).toEqual(["(1, 2]", "[1, 2)", "(1, 2)", "[1, 2]"]);
});
