import { groupOf } from "@pushfleet/groups";
import type { GroupVersions } from "@pushfleet/store";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  bucketCount,
  bucketOf,
  bucketsParameter,
  Digest,
  hashOf,
  maxBucketsAsked,
  parseBuckets,
} from "./digest.ts";
import { at, there } from "./states.fixture.ts";

const versions: GroupVersions = {
  id: groupOf([["job", "a"]]).id,
  labels: [["job", "a"]],
  floor: at(1),
  deleted: null,
  life: { version: at(3), expiresAtMs: null },
  pushed: { version: at(3), atMicros: 3 },
  failed: null,
  families: [
    { name: "m", version: at(2) },
    { name: "n", version: at(3) },
  ],
};

test("a hash does not depend on the order of the families", () => {
  expect(hashOf({ ...versions, families: versions.families.toReversed() })).toBe(hashOf(versions));
  expect(hashOf(versions)).toMatch(/^[0-9a-f]{16}$/);
});

test.each<[string, GroupVersions]>([
  ["floor", { ...versions, floor: null }],
  ["deletion", { ...versions, deleted: at(1) }],
  ["life", { ...versions, life: { version: at(3, there), expiresAtMs: null } }],
  ["deadline", { ...versions, life: { version: at(3), expiresAtMs: 1 } }],
  ["push", { ...versions, pushed: { version: at(3, there), atMicros: 3 } }],
  ["told time of the push", { ...versions, pushed: { version: at(3), atMicros: 4 } }],
  ["failure", { ...versions, failed: { version: at(3), atMicros: 3 } }],
  ["version of a family", { ...versions, families: [{ name: "m", version: at(2) }] }],
  [
    "names of families",
    {
      ...versions,
      families: [
        { name: "m2", version: at(2) },
        { name: "n", version: at(3) },
      ],
    },
  ],
])("a hash depends on the %s", (_, other) => {
  expect(hashOf(other)).not.toBe(hashOf(versions));
});

const id = fc.string({ unit: fc.constantFrom(..."ABCXYZabcxyz0129-_"), minLength: 22, maxLength: 22 });
const hash = fc
  .bigInt({ min: 1n, max: 2n ** 64n - 1n })
  .map((number) => number.toString(16).padStart(16, "0"));

test("digests differ in the buckets of the groups that differ, and survive as text", () => {
  fc.assert(
    fc.property(fc.dictionary(id, hash), id, hash, (groups, extra, extraHash) => {
      const [one, other] = [new Digest(), new Digest()];
      for (const [group, hashed] of Object.entries(groups)) one.toggle(group, hashed);
      for (const [group, hashed] of Object.entries(groups).reverse()) other.toggle(group, hashed);
      expect(one.differences(other)).toBeEmpty();
      other.toggle(extra, extraHash);
      const read = Digest.fromText(other.toText());
      expect(read && one.differences(read)).toEqual([bucketOf(extra)]);
      other.toggle(extra, extraHash);
      expect(one.differences(other)).toBeEmpty();
    }),
  );
});

test.each(["", "0".repeat(bucketCount * 16 - 1), "g".repeat(bucketCount * 16)])(
  "%.20s is no digest",
  (text) => {
    expect(Digest.fromText(text)).toBeUndefined();
  },
);

test("buckets are asked for by what their ids begin with", () => {
  const all = Array.from({ length: bucketCount }, (_, bucket) => bucket);
  for (let start = 0; start < bucketCount; start += maxBucketsAsked) {
    const some = all.slice(start, start + maxBucketsAsked);
    expect([...(parseBuckets(bucketsParameter(some)) ?? [])]).toEqual(some);
  }
  expect(parseBuckets(bucketsParameter(all))).toBeUndefined();
  expect(parseBuckets("")).toBeUndefined();
  expect(parseBuckets("abc")).toBeUndefined();
  expect(parseBuckets("a.")).toBeUndefined();
});
