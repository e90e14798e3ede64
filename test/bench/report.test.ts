import { expect, test } from "vitest";
import { isMet, withinLimit } from "./report.ts";

test("a figure may be as large as its limit", () => {
  const row = { name: "search", unit: "ms", limit: 1_000 };
  expect(isMet(withinLimit({ ...row, value: 1_000 }))).toBeTrue();
  expect(isMet(withinLimit({ ...row, value: 1_001 }))).toBeFalse();
  expect(isMet(withinLimit({ ...row, value: Number.NaN }))).toBeFalse();
  expect(withinLimit({ ...row, value: 500 })).toMatchObject({ name: "search / 1,000 ms", ratio: 0.5 });
});
