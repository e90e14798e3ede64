import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { groupOf } from "./group.ts";

describe("a group", () => {
  test("has its labels sorted and spelled out in its key", () => {
    const group = groupOf([
      ["job", "backup"],
      ["instance", "db-1"],
    ]);
    expect(group.key).toBe('{instance="db-1",job="backup"}');
    expect(group.labels).toEqual([
      ["instance", "db-1"],
      ["job", "backup"],
    ]);
    expect(group.id).toMatch(/^[A-Za-z0-9_-]{22}$/);
  });

  test("keeps its id from one release to the next, because stores hold it", () => {
    // printf '{job="a"}' | openssl dgst -sha256 -binary | basenc --base64url | head -c 22
    expect(groupOf([["job", "a"]]).id).toBe("UqTbcpyS-IFLxX0oXmO04I");
  });

  test("is the same one whether a label is empty or absent", () => {
    const job: [string, string] = ["job", "a"];
    expect(groupOf([job, ["instance", ""], ["foo", ""]])).toEqual(groupOf([job]));
  });

  test("escapes values so that no value can look like another label", () => {
    const sly = groupOf([["job", 'a",x="b']]);
    const plain = groupOf([
      ["job", "a"],
      ["x", "b"],
    ]);
    expect(sly.key).toBe('{job="a\\",x=\\"b"}');
    expect(sly.id).not.toBe(plain.id);
    expect(groupOf([["job", "line\nbreak\\"]]).key).toBe('{job="line\\nbreak\\\\"}');
  });

  test("quotes UTF-8 names, so that they cannot look like legacy ones", () => {
    expect(
      groupOf([
        ["job", "a"],
        ['x="1",y', "2"],
      ]).key,
    ).toBe('{job="a","x=\\"1\\",y"="2"}');
  });

  test("without labels has an empty key", () => {
    expect(groupOf([]).key).toBe("{}");
  });

  test("may be named like a member of Object.prototype", () => {
    const group = groupOf([
      ["job", "__proto__"],
      ["constructor", "toString"],
    ]);
    expect(group.key).toBe('{constructor="toString",job="__proto__"}');
  });

  test("has one key for one label set, and another for every other", () => {
    const labelSets = fc
      .dictionary(
        fc.oneof(
          fc.constantFrom("job", "instance", "__proto__"),
          fc.string({ unit: "grapheme", minLength: 1 }),
        ),
        fc.oneof(fc.constantFrom("", "a", '"', '",job="'), fc.string({ unit: "grapheme" })),
      )
      .map((set) => Object.entries(set));
    const meaning = (labels: [string, string][]) =>
      JSON.stringify(labels.filter(([, value]) => value !== "").sort(([a], [b]) => (a < b ? -1 : 1)));

    fc.assert(
      fc.property(labelSets, labelSets, (a, b) => {
        expect(groupOf(a.toReversed()).key).toBe(groupOf(a).key);
        expect(groupOf(a).id === groupOf(b).id).toBe(meaning(a) === meaning(b));
      }),
    );
  });
});
