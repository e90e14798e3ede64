import { gatewayOptions, type LimitSettings, limitOptions } from "@pushfleet/config";
import { limitNames } from "@pushfleet/exposition";
import { groupOf, loadMatcherParser } from "@pushfleet/groups";
import { expect, test } from "vitest";
import { limitPolicy } from "./limit-policy.ts";

const parse = await loadMatcherParser();
const settings = Object.fromEntries(
  Object.entries(limitOptions).map(([name, option]) => [name, option.default]),
) as LimitSettings; // one for each option

const rules = [
  { match: parse('job="ci"'), identity: "team-a", limits: { "push.max-series": 1 } },
  {
    match: parse('job=~"ci|etl-.*"'),
    identity: null,
    limits: { "push.max-series": 2, "push.max-labels": 9 },
  },
  { match: null, identity: "", limits: { "push.max-series": 3 } },
  { match: parse('job="etl-1"'), identity: null, limits: { "push.max-series": 4 } },
];

test.each([
  ["ci", "team-a", { "push.max-series": 1 }],
  ["ci", "team-b", { "push.max-series": 2, "push.max-labels": 9 }],
  ["etl-1", "team-a", { "push.max-series": 2, "push.max-labels": 9 }],
  ["other", "", { "push.max-series": 3 }],
  ["other", "team-a", {}],
])("for the job %s by %j the first rule for both counts, for what it names", (job, identity, other) => {
  const policy = limitPolicy(rules, settings);
  const group = groupOf([["job", job]]);
  for (let i = 0; i < 2; i++) expect(policy(group, identity)).toEqual({ ...settings, ...other });
});

test.each([
  ["", { "push.max-series": 3 }],
  ["team-a", {}],
])("for no group in particular, by %j, only rules without matchers count", (identity, other) => {
  expect(limitPolicy(rules, settings)(null, identity)).toEqual({ ...settings, ...other });
});

test("there is an option for each limit, and nothing else of the settings is handed on", () => {
  expect(Object.keys(limitOptions)).toIncludeSameMembers([...limitNames]);
  expect(Object.keys(gatewayOptions)).toIncludeAllMembers([...limitNames]);
  const withMore = { ...settings, "redis.password": "secret" };
  expect(limitPolicy([], withMore)(groupOf([["job", "a"]]), "")).toEqual(settings);
});
