import type { AccessRules, Role } from "@pushfleet/config";
import { groupOf, loadMatcherParser } from "@pushfleet/groups";
import { expect, test } from "vitest";
import { everybody, identitiesOf, usersOnly } from "./identities.ts";
import type { Identity, Matchers } from "./identity.ts";

const parse = await loadMatcherParser();
const noCredentials = { users: [], tokenHashes: [], subjects: [] };

const rules: AccessRules<Matchers> = {
  identities: [
    {
      ...noCredentials,
      name: "team-a",
      users: ["alice"],
      tokenHashes: ["aa"],
      grants: [
        { roles: ["push"], match: parse('{job=~"a-.*"}') },
        { roles: ["push", "delete"], match: parse('{team="a"}') },
      ],
    },
    {
      ...noCredentials,
      name: "ops",
      subjects: [
        [
          ["O", "Example"],
          ["OU", "ops"],
        ],
      ],
      grants: [{ roles: ["admin"], match: null }],
    },
    { ...noCredentials, name: "anyone", grants: [{ roles: ["scrape"], match: null }] },
  ],
};
const identities = identitiesOf(rules);
const all: readonly Role[] = ["push", "delete", "scrape", "read", "admin"];
const kinds = (identity: Identity | undefined) => all.map((role) => identity?.scopeOf(role).kind);
const job = (name: string) => groupOf([["job", name]]);

test("an identity has its own grants and everybody's", () => {
  expect(kinds(identities.ofUser("alice"))).toEqual(["some", "some", "all", "none", "none"]);
  expect(kinds(identities.anyone)).toEqual(["none", "none", "all", "none", "none"]);
  expect(kinds(identities.ofUser("unnamed"))).toEqual(["none", "none", "all", "none", "none"]);
  expect(identities.ofUser("unnamed").name).toBe("unnamed");
});

test("grants for the same role add up", () => {
  const alice = identities.ofUser("alice");
  expect(alice.mayTouch("push", job("a-1"))).toBeTrue();
  expect(alice.mayTouch("push", job("b-1"))).toBeFalse();
  const other = groupOf([
    ["job", "b-1"],
    ["team", "a"],
  ]);
  expect(alice.mayTouch("push", other)).toBeTrue();
  expect(alice.mayTouch("delete", other)).toBeTrue();
  expect(alice.mayTouch("delete", job("a-1"))).toBeFalse();
  expect(alice.mayTouch("read", other)).toBeFalse();
});

test("what is remembered of a group is remembered by role", () => {
  const alice = identities.ofUser("alice");
  const group = job("a-2");
  for (let i = 0; i < 2; i++) {
    expect(alice.mayTouch("push", group)).toBeTrue();
    expect(alice.mayTouch("delete", group)).toBeFalse();
  }
});

test("admin is all roles", () => {
  const ops = identities.ofSubject({ CN: "x", O: "Example", OU: ["dev", "ops"] });
  expect(kinds(ops)).toEqual(["all", "all", "all", "all", "all"]);
  expect(ops?.isUnlimited).toBeFalse();
});

test("credentials that nobody has are nobody's", () => {
  expect(identities.ofToken("aa")?.name).toBe("team-a");
  expect(identities.ofToken("ab")).toBeUndefined();
  expect(identities.ofSubject({ O: "Example", OU: "dev" })).toBeUndefined();
  expect(identities.ofSubject({})).toBeUndefined();
});

test("without rules users may do everything, and without users everybody", () => {
  expect(kinds(usersOnly.anyone)).toEqual(["none", "none", "none", "none", "none"]);
  expect(kinds(usersOnly.ofUser("alice"))).toEqual(["all", "all", "all", "all", "all"]);
  expect(kinds(everybody.anyone)).toEqual(["all", "all", "all", "all", "all"]);
});
