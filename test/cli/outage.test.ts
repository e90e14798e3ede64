import { expect, test } from "vitest";
import { runThroughOutage } from "./outage.ts";

test("jobs run through an outage as if there were none, and all they tell arrives, newest last", {
  timeout: 240_000,
}, async () => {
  const report = await runThroughOutage({ runs: 60, jobs: 6, atOnce: 3, timeoutMs: 500 });
  expect(report.problems).toEqual([]);
  expect(report.runs).toBe(60);
  expect(report.spooled).toBeGreaterThan(10);
});
