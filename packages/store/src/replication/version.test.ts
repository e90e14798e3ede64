import { describe, expect, test } from "vitest";
import {
  compareVersions,
  formatVersion,
  isBefore,
  justAfter,
  latest,
  never,
  parseVersion,
  type RegionId,
  regionId,
} from "./version.ts";

const [east, west] = [region("east"), region("west")];

function region(text: string): RegionId {
  const id = regionId(text);
  if (id === undefined) throw new Error(`no region may be called ${text}`);
  return id;
}

describe("a region's id", () => {
  test.each(["a", "eu-west-1", "x".repeat(32), "a-"])("may be %s", (text) => {
    expect(regionId(text)).toBe(text);
  });

  test.each(["", "0", "1a", "-a", "East", "ä", "a_b", "a b", "a\n", "x".repeat(33)])(
    "may not be %j",
    (text) => {
      expect(regionId(text)).toBeUndefined();
    },
  );
});

describe("versions", () => {
  const ordered = [
    never,
    { micros: 1, region: east },
    { micros: 9, region: east },
    { micros: 9, region: west },
    justAfter({ micros: 9, region: west }),
    { micros: 10, region: region("a") },
    { micros: 10, region: east },
    { micros: 1_700_000_000_000_000, region: east },
  ];

  test("are in order by time, and at the same time by region", () => {
    expect(ordered.toReversed().sort(compareVersions)).toEqual(ordered);
    for (const [index, version] of ordered.entries()) {
      for (const [other, than] of ordered.entries()) {
        expect(Math.sign(compareVersions(version, than))).toBe(Math.sign(index - other));
        expect(isBefore(version, than)).toBe(index < other);
        expect(latest(version, than)).toBe(ordered[Math.max(index, other)]);
      }
    }
  });

  test("are read as they are written", () => {
    for (const version of ordered) expect(parseVersion(formatVersion(version))).toEqual(version);
    expect(formatVersion({ micros: 12, region: east })).toBe("12@east");
  });

  test.each([
    "",
    "12",
    "@east",
    "12@",
    "12@East",
    "-1@east",
    "1.5@east",
    "1e3@east",
    " 1@east",
    "1@east\n",
    "12@1a",
    "9007199254740993@east",
    "12@east@west",
  ])("are not %j", (text) => {
    expect(parseVersion(text)).toBeUndefined();
  });

  test("nothing lies between what has just been and just after it but what other regions chose at that time", () => {
    const version = { micros: 5, region: east };
    expect(isBefore(version, justAfter(version))).toBeTrue();
    expect(isBefore({ micros: 5, region: west }, justAfter(version))).toBeTrue();
    expect(isBefore(justAfter(version), { micros: 6, region: region("a") })).toBeTrue();
  });
});
