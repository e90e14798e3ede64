import { expect, test } from "vitest";
import { Clock } from "./clock.ts";

const nextMicros = (clock: Clock) => clock.nextVersion().micros;

test("versions follow the source and increase even when it stands still or runs backwards", () => {
  let micros = 5_000_000;
  const clock = new Clock(() => micros);
  expect([nextMicros(clock), nextMicros(clock)]).toEqual([5_000_000, 5_000_001]);
  micros = 1_000_000;
  expect(nextMicros(clock)).toBe(5_000_002);
  expect(clock.nowMs()).toBe(5_000);
  micros = 7_000_000;
  expect(clock.nowMs()).toBe(7_000);
  expect(nextMicros(clock)).toBeGreaterThanOrEqual(7_000_000);
});

test("starts after the versions of an earlier process", () => {
  const clock = new Clock(() => 5);
  clock.passVersion(10_000_000);
  expect(nextMicros(clock)).toBe(10_000_001);
});

test("passing a version of another region does not move the time", () => {
  const clock = new Clock(() => 5_000_000);
  clock.passVersion(10_000_000);
  expect(clock.nowMs()).toBe(5_000);
  expect(clock.lastVersionMicros()).toBe(10_000_000);
});

test("time does not run before that of an earlier process", () => {
  let micros = 1_000_000;
  const clock = new Clock(() => micros);
  clock.notBefore(5_000_000);
  expect([clock.nowMs(), nextMicros(clock)]).toEqual([5_000, 5_000_000]);
  micros = 6_000_000;
  expect(clock.nowMs()).toBe(6_000);
});
