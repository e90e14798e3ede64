import { expect, test } from "vitest";
import { inTurn, median, medianRatio } from "./rounds.ts";

test("subjects are measured in turn, round by round", async () => {
  const order: string[] = [];
  const results = await inTurn(["a", "b"], 2, async (subject) => order.push(subject));
  expect(order).toEqual(["a", "b", "a", "b"]);
  expect(results).toEqual([
    [1, 3],
    [2, 4],
  ]);
});

test("the median of an even number of values lies between the two in the middle", () => {
  expect(median([9, 1, 4])).toBe(4);
  expect(median([10, 1, 4, 2])).toBe(3);
  expect(median([])).toBeNaN();
});

test("a slow moment that hits one round of both sides does not move the ratio", () => {
  expect(medianRatio([100, 10, 100], [50, 5, 50])).toBe(2);
});
