import fc from "fast-check";
import { expect, test } from "vitest";
import { formatGroupPath } from "./format-path.ts";
import { groupOf } from "./group.ts";
import { parseGroupPath } from "./path.ts";

test("job comes first, and only what has to be is escaped", () => {
  const { labels } = groupOf([
    ["job", "nightly backup"],
    ["instance", "db-1:5432"],
    ["dir", "/var/lib"],
    ["dots", ".."],
  ]);
  expect(formatGroupPath(labels, { names: "legacy" })).toBe(
    "/job/nightly%20backup/dir@base64/L3Zhci9saWI/dots@base64/Li4/instance/db-1%3A5432",
  );
});

const value = fc.string({ unit: "grapheme", minLength: 1 }).filter((text) => text.isWellFormed());
/** Names that begin with two underscores are reserved. */
const legacyName = fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9_]{0,8}$/);
/** Upstream's escapes cannot tell what is above. */
const utf8Name = fc.oneof(
  legacyName,
  legacyName.map((name) => `U__${name}`),
  fc.constantFrom("U___/b", "U__ä", "U__a:b"),
  fc.constantFrom("a.b", "ü", "x/y", "a@base64", "with blank", "a:b"),
);

test.each([
  ["legacy", legacyName],
  ["utf8", utf8Name],
] as const)("the path of a group is read back as that group (%s names)", (names, name) => {
  const others = fc.array(fc.tuple(name, value), { maxLength: 4 });
  fc.assert(
    fc.property(value, others, (job, rest) => {
      const unique = new Map([...rest, ["job", job] as const]);
      const group = groupOf([...unique]);
      expect(groupOf(parseGroupPath(formatGroupPath(group.labels, { names }), { names })).key).toBe(
        group.key,
      );
    }),
  );
});
