import { expect, test } from "vitest";
import { requestTimes } from "./request-times.ts";

test("most pushes say nothing of times", () => {
  expect(requestTimes({ headers: { host: "x" } })).toEqual({ kind: "unsaid" });
});

test("times are read as a scrape prints them, and what is not said is never", () => {
  const headers = { "pushfleet-push-time": "1.7951234561234567e+09" };
  expect(requestTimes({ headers })).toEqual({
    kind: "said",
    times: { pushedAtMicros: 1_795_123_456_123_457, failedAtMicros: 0 },
  });
  expect(requestTimes({ headers: { "pushfleet-failure-time": "0" } })).toEqual({
    kind: "said",
    times: { pushedAtMicros: 0, failedAtMicros: 0 },
  });
});

test.each(["", "yesterday", "-1", "NaN", "+Inf", "1e10"])("%j is no time", (given) => {
  expect(requestTimes({ headers: { "pushfleet-push-time": given } })).toMatchObject({
    kind: "refused",
    text: `header Pushfleet-Push-Time must be seconds since the epoch, got "${given}"`,
  });
});
