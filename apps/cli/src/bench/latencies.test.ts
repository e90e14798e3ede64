import { expect, test } from "vitest";
import { latenciesOf } from "./latencies.ts";

test("percentiles are durations that there were", () => {
  const durations = Array.from({ length: 200 }, (_, i) => 200 - i);
  expect(latenciesOf(durations)).toEqual({ p50: 100, p99: 198, max: 200 });
  expect(latenciesOf([1.234_56])).toEqual({ p50: 1.23, p99: 1.23, max: 1.23 });
  expect(latenciesOf([])).toEqual({ p50: 0, p99: 0, max: 0 });
});
