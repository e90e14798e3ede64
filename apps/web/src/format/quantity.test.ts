import { expect, test } from "vitest";
import { counted, formatBytes, formatRate } from "./quantity.ts";

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1_000, "1 kB"],
  [1_234, "1.23 kB"],
  [999_600, "1 MB"],
  [45_600_000, "45.6 MB"],
  [7e15, "7,000 TB"],
])("%d bytes are shown as %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test("a count agrees with its noun", () => {
  expect([counted(1, "group"), counted(2_000, "group"), counted(0, "series", "series")]).toEqual([
    "1 group",
    "2,000 groups",
    "0 series",
  ]);
});

test("rates have three digits, large ones all before the point", () => {
  expect([0, 1 / 30, 12.345, 1234.5].map(formatRate)).toEqual(["0", "0.0333", "12.3", "1,235"]);
});
