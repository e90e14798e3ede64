import { groupOf, loadMatcherParser } from "@pushfleet/groups";
import { expect, test } from "vitest";
import { ttlPolicy } from "./ttl-policy.ts";

const parse = await loadMatcherParser();
const rules = [
  { match: parse('job="ci",instance!=""'), ttlMs: 1 },
  { match: parse('job=~"ci|etl-.*"'), ttlMs: 2 },
  { match: parse('job="kept"'), ttlMs: 0 },
];

test.each([
  [{ job: "ci", instance: "a" }, 1],
  [{ job: "ci" }, 2],
  [{ job: "ci", instance: "" }, 2],
  [{ job: "etl-1", x: "y" }, 2],
  [{ job: "kept" }, 0],
  [{ job: "other" }, 9],
])("of %j the first matching rule counts, else the default", (labels, ttlMs) => {
  const policy = ttlPolicy(rules, 9);
  const group = groupOf(Object.entries(labels));
  expect([policy(group), policy(group)]).toEqual([ttlMs, ttlMs]);
});

test("without rules the default counts", () => {
  expect(ttlPolicy([], 9)(groupOf([["job", "ci"]]))).toBe(9);
});
