import { expect, test } from "vitest";
import { readGroupMetrics } from "./group-metrics.ts";

const family = (value: string) => ({
  time_stamp: "2026-01-01T00:00:00Z",
  type: "GAUGE",
  metrics: [{ labels: { instance: "", job: "a" }, value }],
});

test("families are told from what is said of the group", () => {
  const read = readGroupMetrics({
    labels: { job: "a", metrics: "none" },
    last_push_successful: true,
    remaining_ttl_seconds: 1.5,
    m: family("1"),
    push_time_seconds: family("2"),
  });
  expect(read).toMatchObject({ labels: { job: "a", metrics: "none" }, remainingTtlSeconds: 1.5 });
  expect(read.families.map(({ name }) => name)).toEqual(["m", "push_time_seconds"]);
});

test("a family called labels leaves the group its labels", () => {
  const read = readGroupMetrics({ labels: family("1"), push_time_seconds: family("2") });
  expect(read.labels).toEqual({ instance: "", job: "a" });
  expect(read.families.map(({ name }) => name)).toEqual(["labels", "push_time_seconds"]);
});
