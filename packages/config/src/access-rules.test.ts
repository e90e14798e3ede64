import { expect, test } from "vitest";
import { type FileConfig, loadConfigFileParser } from "./config-file.ts";

const parse = await loadConfigFileParser((text) => text);
const hash = "a".repeat(64);

function read(text: string): FileConfig<string>["access"] {
  return parse(text, "f.yml").access;
}

test("a file without access rules has none", () => {
  expect(read("ttl: {}\n")).toBeNull();
  expect(read("access:\n")).toBeNull();
});

test("identities have credentials and grants", () => {
  const rules = read(`
access:
  identities:
    - name: team-a
      users: [alice, bob]
      token_sha256: [${hash.toUpperCase()}]
      certificates: ['CN=team-a, O=Example\\, Inc.']
      allow:
        - roles: [push, delete]
          match: '{job=~"a-.*"}'
        - roles: [read]
    - name: anyone
      allow:
        - roles: [scrape]
`);
  expect(rules?.identities).toEqual([
    {
      name: "team-a",
      users: ["alice", "bob"],
      tokenHashes: [hash],
      subjects: [
        [
          ["CN", "team-a"],
          ["O", "Example, Inc."],
        ],
      ],
      grants: [
        { roles: ["push", "delete"], match: '{job=~"a-.*"}' },
        { roles: ["read"], match: null },
      ],
    },
    {
      name: "anyone",
      users: [],
      tokenHashes: [],
      subjects: [],
      grants: [{ roles: ["scrape"], match: null }],
    },
  ]);
});

const of = (...identities: readonly string[]) => `access: { identities: [${identities.join(", ")}] }`;
const allow = "allow: [{ roles: [read] }]";

test.each([
  ["access: {}", "access.identities is missing"],
  [
    of(`{ name: x, ${allow} }`),
    'access.identities[0].name nobody is "x" without users, token_sha256 or certificates',
  ],
  [of(`{ name: anyone, users: [a], ${allow} }`), "is everybody and has no users"],
  [of("{ name: x, users: [a] }"), "access.identities[0].allow is missing"],
  [of("{ name: x, users: [a], allow: [] }"), "access.identities[0].allow must not be empty"],
  [
    of("{ name: x, users: [a], allow: [{ roles: [] }] }"),
    "access.identities[0].allow[0].roles must not be empty",
  ],
  [
    of("{ name: x, users: [a], allow: [{ roles: [write] }] }"),
    "access.identities[0].allow[0].roles[0] must be one of push, delete, scrape, read, federate, admin",
  ],
  [
    of("{ name: x, users: [a], allow: [{ roles: [admin], match: '{}' }] }"),
    "access.identities[0].allow[0].match cannot go with the role admin",
  ],
  [
    of("{ name: x, users: [a], allow: [{ roles: [federate], match: '{}' }] }"),
    "access.identities[0].allow[0].match cannot go with the role federate",
  ],
  [of(`{ name: x, token_sha256: [secret], ${allow} }`), "must be 64 hexadecimal digits"],
  [of(`{ name: x, certificates: [team-a], ${allow} }`), "must be attributes of a subject"],
  [of(`{ name: "<b>", users: [a], ${allow} }`), "must be 1 to 64 letters"],
  [of(`{ name: x, user: [a], ${allow} }`), "access.identities[0].user is not a setting"],
  [
    of(`{ name: x, users: [a], ${allow} }`, `{ name: y, users: [b, a], ${allow} }`),
    'access.identities[1].users has the user "a", which "x" has as well',
  ],
  [
    of(`{ name: x, users: [a], ${allow} }`, `{ name: x, users: [b], ${allow} }`),
    'access.identities[1].name has the name "x"',
  ],
  [
    of(`{ name: x, token_sha256: [${hash}], ${allow} }`, `{ name: y, token_sha256: [${hash}], ${allow} }`),
    'access.identities[1].token_sha256 has the token aaaaaaaa…, which "x" has as well',
  ],
])("%s is refused: %s", (text, problem) => {
  expect(() => read(text)).toThrow(problem);
});

test("a refused token is not repeated", () => {
  const bad = of(`{ name: x, token_sha256: [my-secret-token], ${allow} }`);
  expect(() => read(bad)).toThrow(/^(?!.*my-secret)/);
});
