import fc from "fast-check";
import { expect, test } from "vitest";
import { composed, type SpooledPush } from "./spooled-push.ts";

/** What a gateway does. */
function applied(state: ReadonlyMap<string, string>, push: SpooledPush): ReadonlyMap<string, string> {
  const base = push.mode === "replace" ? [] : [...state];
  return new Map([...base, ...push.families.map(({ name, text }) => [name, text] as const)]);
}

const family = fc.record({ name: fc.constantFrom("a", "b", "c", "d"), text: fc.string() });
const push: fc.Arbitrary<SpooledPush> = fc.record({
  labels: fc.constant({ job: "x" }),
  mode: fc.constantFrom("replace", "merge"),
  atMs: fc.nat(),
  families: fc.uniqueArray(family, { selector: ({ name }) => name }),
});

test("one push does what all of them do one after the other", () => {
  fc.assert(
    fc.property(
      push,
      fc.array(push),
      fc.array(fc.tuple(fc.constantFrom("a", "b", "z"), fc.string())),
      (first, rest, before) => {
        const state = new Map(before);
        const oneByOne = [first, ...rest].reduce<ReadonlyMap<string, string>>(applied, state);
        const atOnce = applied(state, composed([first, ...rest]));
        expect(new Map([...atOnce].sort())).toEqual(new Map([...oneByOne].sort()));
      },
    ),
  );
});

test("time and time to live are those of the last", () => {
  const base = { labels: { job: "x" }, mode: "merge", families: [] } as const;
  expect(
    composed([
      { ...base, atMs: 1, ttlMs: 5 },
      { ...base, atMs: 2, ttlMs: 6 },
    ]),
  ).toMatchObject({ atMs: 2, ttlMs: 6 });
  expect(
    composed([
      { ...base, atMs: 1, ttlMs: 5 },
      { ...base, atMs: 2 },
    ]),
  ).not.toHaveProperty("ttlMs", 5);
});
