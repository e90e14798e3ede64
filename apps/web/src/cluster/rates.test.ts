import { expect, test } from "vitest";
import type { Rates } from "../api/types.ts";
import { describeRates, sumRates } from "./rates.ts";

const midnight = Date.parse("2026-01-01T00:00:00Z") / 1000;

const rates = (until: number, pushes: readonly number[], interval = 10): Rates => ({
  interval_seconds: interval,
  until: new Date((midnight + until) * 1000).toISOString(),
  pushes,
  refused: pushes.map(() => 0),
  failed: pushes.map(() => 0),
  scrapes: pushes.map(() => 10),
});

const shown = (...lists: Rates[]) => {
  const { times, perSecond } = sumRates(lists);
  return times.map((time, index) => [time - midnight, perSecond.pushes[index]]);
};

test("counts become rates by the second", () => {
  expect(shown(rates(30, [10, 0, 5]))).toEqual([
    [0, 1],
    [10, 0],
    [20, 0.5],
  ]);
});

test("gateways are summed by time, not by place in the list", () => {
  expect(shown(rates(30, [10, 20, 30]), rates(30, [40]))).toEqual([
    [0, 1],
    [10, 2],
    [20, 7],
  ]);
});

test("the sum ends where the first gateway ends, so that it does not dip for want of what is yet to be told", () => {
  expect(shown(rates(30, [10, 10, 10]), rates(20, [10, 10]))).toEqual([
    [0, 2],
    [10, 2],
  ]);
});

test("the sum begins where the last of the longest begins, so that it does not dip for want of what was forgotten", () => {
  expect(shown(rates(30, [10, 10, 10]), rates(40, [10, 10, 10]), rates(30, [10]))).toEqual([
    [10, 2],
    [20, 3],
  ]);
});

test("a gateway that died long before does not hold it back", () => {
  expect(shown(rates(100, [10, 10, 10, 10, 10]), rates(60, [10]))).toEqual([
    [50, 2],
    [60, 1],
    [70, 1],
    [80, 1],
    [90, 1],
  ]);
});

test("different intervals are summed at the shorter one", () => {
  expect(shown(rates(20, [10, 20]), rates(20, [40], 20))).toEqual([
    [0, 3],
    [10, 4],
  ]);
});

test("no gateways, or new ones, have no points", () => {
  expect(shown()).toEqual([]);
  expect(shown(rates(20, []))).toEqual([]);
});

test("all counters are summed alike", () => {
  expect(sumRates([rates(20, [1, 1]), rates(20, [1, 1])]).perSecond.scrapes).toEqual([2, 2]);
});

test("a line is told by its end and its peak", () => {
  expect(describeRates([1, 4, 2], String)).toBe("2/s now, at most 4/s");
  expect(describeRates([], String)).toBe("nothing yet");
});
