import { expect, test } from "vitest";
import { groupOf } from "./group.ts";
import { createPathReader } from "./group-paths.ts";
import { PathError, parseGroupPath } from "./path.ts";

test("a path is read as without a memory, and only once", () => {
  const read = createPathReader({ names: "legacy" });
  for (const raw of [
    "/job/a",
    "/job/a/",
    "/job/b/instance/i",
    `/job/${"long".repeat(100)}`,
    "/job/__proto__",
  ]) {
    const labels = parseGroupPath(raw, { names: "legacy" });
    expect(read(raw)).toEqual({ labels, group: groupOf(labels) });
    expect(read(raw)).toEqual({ labels, group: groupOf(labels) });
  }
  expect(read("/job/a")).toBe(read("/job/a"));
});

test("a bad path is refused each time", () => {
  const read = createPathReader({ names: "legacy" });
  for (let i = 0; i < 2; i++) expect(() => read("/job/a/b")).toThrow(PathError);
});

test("the paths are forgotten when there are too many", () => {
  const read = createPathReader({ names: "legacy" });
  const first = read("/job/first");
  for (let i = 0; i < 131_072; i++) read(`/job/${i}`);
  expect(read("/job/first")).not.toBe(first);
  expect(read("/job/first")).toEqual(first);
});
