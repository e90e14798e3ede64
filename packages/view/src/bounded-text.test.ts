import { expect, test } from "vitest";
import { boundedText } from "./bounded-text.ts";

test("texts up to 256 characters are as they are, longer ones short, in order of their beginnings, and different", () => {
  const limit = "x".repeat(256);
  expect(["", "a", limit].map(boundedText)).toEqual(["", "a", limit]);
  const long = [`${limit}a`, `${limit}b`, `${limit}a`.repeat(10_000), "y".repeat(1_000)].map(boundedText);
  expect(new Set(long).size).toBe(4);
  for (const text of long) expect(text.length).toBeLessThan(300);
  expect([...long].sort().at(-1)).toStartWith("y");
});
