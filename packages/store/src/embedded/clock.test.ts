import { expect, test } from "vitest";
import { Clock } from "./clock.ts";

test("versions follow the source and increase even when it stands still or runs backwards", () => {
  let micros = 5_000_000;
  const clock = new Clock(() => micros);
  expect([clock.nextVersion(), clock.nextVersion()]).toEqual([5_000_000, 5_000_001]);
  micros = 1_000_000;
  expect(clock.nextVersion()).toBe(5_000_002);
  expect(clock.nowMs()).toBe(5_000);
  micros = 7_000_000;
  expect(clock.nowMs()).toBe(7_000);
  expect(clock.nextVersion()).toBeGreaterThanOrEqual(7_000_000);
});

test("starts after the versions of an earlier process", () => {
  const clock = new Clock(() => 5);
  clock.notBefore(10_000_000);
  expect(clock.nextVersion()).toBe(10_000_001);
});
