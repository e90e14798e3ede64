import { expect, test } from "vitest";
import { formatDuration, isDuration } from "./duration.ts";

test.each([
  [-3, "0s"],
  [0.9, "0s"],
  [59.9, "59s"],
  [60, "1m"],
  [65, "1m 5s"],
  [3_600 + 30, "1h"],
  [2 * 3_600 + 5 * 60 + 59, "2h 5m"],
  [3 * 86_400 + 4 * 3_600, "3d 4h"],
  [400 * 86_400, "1y 35d"],
])("%d seconds are shown as %s", (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text);
});

test.each(["90", "1.5", "90s", "1h30m", "7d", "1y2w3d4h5m6s7ms"])("%s is a duration", (text) => {
  expect(isDuration(text)).toBe(true);
});

test.each(["", "h", "1 h", "-5m", "5m1h", "1.5h", "5min"])("%j is none", (text) => {
  expect(isDuration(text)).toBe(false);
});
