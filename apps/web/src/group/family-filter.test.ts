import { expect, test } from "vitest";
import type { Family } from "../api/types.ts";
import { filterFamilies } from "./family-filter.ts";

const family = (name: string, help: string, ...labels: Record<string, string>[]): Family => ({
  name,
  help,
  type: "GAUGE",
  time_stamp: "2026-01-01T00:00:00Z",
  metrics: labels.map((each) => ({ labels: each, value: "1" })),
});

const families = [
  family("disk_free_bytes", "Space left.", { device: "sda" }, { device: "sdb" }),
  family("backup_seconds", "How long it took.", { zone: "a" }),
];

const shown = (text: string) =>
  filterFamilies(families, text).map(({ name, metrics }) => `${name} ${metrics.length}`);

test("no words hide nothing", () => {
  expect(filterFamilies(families, "  ")).toBe(families);
});

test("a family whose name or help has all words is shown whole", () => {
  expect(shown("disk")).toEqual(["disk_free_bytes 2"]);
  expect(shown("FREE space")).toEqual(["disk_free_bytes 2"]);
});

test("of others the metrics are shown whose labels have what the name lacks", () => {
  expect(shown("sdb")).toEqual(["disk_free_bytes 1"]);
  expect(shown("disk device sdb")).toEqual(["disk_free_bytes 1"]);
  expect(shown("sda zone")).toEqual([]);
});
