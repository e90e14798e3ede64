import { expect, test } from "vitest";
import { RateLimit } from "./rate-limit.ts";

function bucket(settings: { intervalMs: number; burst: number }) {
  const clock = { ms: 0 };
  const limit = new RateLimit(settings, () => clock.ms);
  return { clock, takeAll: (count: number) => Array.from({ length: count }, () => limit.take()) };
}

test("a full bucket gives its burst, then one request every interval", () => {
  const { clock, takeAll } = bucket({ intervalMs: 100, burst: 2 });
  expect(takeAll(3)).toEqual([true, true, false]);
  clock.ms += 99;
  expect(takeAll(1)).toEqual([false]);
  clock.ms += 1;
  expect(takeAll(2)).toEqual([true, false]);
});

test("it never holds more than its burst", () => {
  const { clock, takeAll } = bucket({ intervalMs: 1, burst: 2 });
  clock.ms += 1_000_000;
  expect(takeAll(3)).toEqual([true, true, false]);
});

test("a burst of 0 lets nothing through, as upstream", () => {
  const { clock, takeAll } = bucket({ intervalMs: 1, burst: 0 });
  clock.ms += 1_000;
  expect(takeAll(1)).toEqual([false]);
});
