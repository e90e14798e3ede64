import { describe, expect, test } from "vitest";
import { group } from "../contract/families.ts";
import { seededRandom } from "../contract/model.ts";
import { namedRegion } from "../contract/replication-reading.ts";
import { floorAfter, hasEnded, isAlive, join, remembered } from "./merge.ts";
import type { VersionedGroup } from "./replication.ts";
import { justAfter, type Version } from "./version.ts";

const owner = group({ job: "a" });
const [east, west] = [namedRegion("east"), namedRegion("west")];
const unknown: VersionedGroup = {
  id: owner.id,
  labels: null,
  floor: null,
  deleted: null,
  life: null,
  pushed: null,
  failed: null,
  families: [],
};

function at(micros: number, region = east): Version {
  return { micros, region };
}

function posted(version: Version, ...names: readonly string[]): VersionedGroup {
  return {
    ...unknown,
    labels: owner.labels,
    life: { version, expiresAtMs: null },
    pushed: { version, atMicros: version.micros },
    families: names.map((name) => ({ name, version })),
  };
}

function put(version: Version, ...names: readonly string[]): VersionedGroup {
  return { ...posted(version, ...names), floor: version };
}

function deleted(version: Version): VersionedGroup {
  return { ...unknown, floor: version, deleted: version };
}

function failedIn(state: VersionedGroup, version: Version): VersionedGroup {
  return join(state, { ...state, failed: { version, atMicros: version.micros } });
}

function versionsOf({ families }: VersionedGroup): Record<string, number> {
  return Object.fromEntries(families.map(({ name, version }) => [name, version.micros]).sort());
}

describe("the join of two states", () => {
  test("of different families has both, of one family the higher version", () => {
    const both = join(posted(at(1), "l", "m"), posted(at(2, west), "m", "n"));
    expect(versionsOf(both)).toEqual({ l: 1, m: 2, n: 2 });
    expect(both).toMatchObject({
      labels: owner.labels,
      life: { version: at(2, west) },
      pushed: { atMicros: 2 },
    });
  });

  test("lets families below the floor fall away, and no others", () => {
    const replaced = join(put(at(5), "m"), join(posted(at(4, west), "l"), posted(at(6, west), "n")));
    expect(versionsOf(replaced)).toEqual({ m: 5, n: 6 });
    expect(replaced.floor).toEqual(at(5));
  });

  test("with a later deletion is deleted, with an earlier one not", () => {
    expect(join(posted(at(3), "m"), deleted(at(4, west)))).toEqual(deleted(at(4, west)));
    const survives = join(posted(at(3), "m"), deleted(at(2, west)));
    expect(survives).toMatchObject({ labels: owner.labels, deleted: at(2, west) });
    expect(versionsOf(survives)).toEqual({ m: 3 });
  });

  test("keeps the failure over a replace, and not over a deletion", () => {
    const failed = failedIn(posted(at(1), "m"), at(2));
    expect(join(failed, put(at(3, west), "n")).failed).toEqual({ version: at(2), atMicros: 2 });
    const created = join(put(at(4, west), "n"), deleted(at(3, west)));
    expect(join(failed, created)).toMatchObject({ failed: null, pushed: { atMicros: 4 } });
  });

  test("remembers in a deleted group what failed after the deletion", () => {
    const failed = failedIn(posted(at(1), "m"), at(3));
    const gone = join(failed, deleted(at(2, west)));
    expect(gone).toEqual({ ...deleted(at(2, west)), failed: { version: at(3), atMicros: 3 } });
    expect(join(gone, posted(at(4, west), "n"))).toMatchObject({
      failed: { atMicros: 3 },
      life: { version: at(4, west) },
    });
  });

  test("lives by the later life, even if that ends earlier", () => {
    const mortal = { ...posted(at(2, west), "n"), life: { version: at(2, west), expiresAtMs: 10 } };
    expect(join(posted(at(1), "m"), mortal).life).toEqual(mortal.life);
    expect(join(mortal, posted(at(3), "m")).life).toEqual({ version: at(3), expiresAtMs: null });
  });

  test("is commutative, associative and idempotent for whatever three regions can come to", () => {
    const random = seededRandom(7);
    let deletions = 0;
    for (let round = 0; round < 5_000; round++) {
      const [a, b, c] = [randomState(random), randomState(random), randomState(random)];
      const all = canonical(join(join(a, b), c));
      expect(canonical(join(a, join(b, c)))).toEqual(all);
      expect(canonical(join(join(c, a), b))).toEqual(all);
      expect(canonical(join(b, a))).toEqual(canonical(join(a, b)));
      expect(canonical(join(a, a))).toEqual(canonical(a));
      expect(canonical(join(join(join(a, b), c), b))).toEqual(all);
      if (all.labels === null) deletions++;
    }
    expect(deletions).toBeWithin(200, 4_800);
  });
});

describe("a life", () => {
  const mortal = {
    ...posted(at(5_000), "m"),
    floor: at(2),
    deleted: at(1),
    life: { version: at(5_000), expiresAtMs: 100 },
  };

  test("ends at its very millisecond", () => {
    expect([99, 100, 101].map((nowMs) => hasEnded(mortal.life, nowMs))).toEqual([false, true, true]);
    expect([99, 100].map((nowMs) => isAlive(mortal, nowMs))).toEqual([true, false]);
    expect(isAlive(posted(at(1)), Number.MAX_SAFE_INTEGER)).toBeTrue();
    expect(isAlive(deleted(at(1)), 0)).toBeFalse();
  });

  test("that has ended is remembered with the floors, and nothing else is", () => {
    expect(remembered(mortal, 99)).toBe(mortal);
    const { floor, life } = mortal;
    expect(remembered(mortal, 100)).toEqual({ ...unknown, floor, deleted: mortal.deleted, life });
    const gone = failedIn(deleted(at(1)), at(2));
    expect(remembered(gone, 100)).toBe(gone);
  });

  test("that has ended takes with it what another region holds by an older one", () => {
    const joined = join(posted(at(4_999, west), "n"), remembered(mortal, 100));
    expect(isAlive(joined, 100)).toBeFalse();
    expect(isAlive(join(joined, posted(at(5_001, west), "l")), 100)).toBeTrue();
  });

  test("raises the floor of the group that is created after it", () => {
    expect(floorAfter(null, at(7))).toEqual(justAfter(at(7)));
    expect(floorAfter(at(3), at(7))).toEqual(justAfter(at(7)));
    expect(floorAfter(at(9), at(7))).toEqual(at(9));
    expect(floorAfter(at(9), null)).toEqual(at(9));
    expect(floorAfter(null, null)).toBeNull();
  });
});

/** What some of twelve happenings make, each of which has a version of its own: so equal versions mean equal contents. */
function randomState(random: () => number): VersionedGroup {
  let state = unknown;
  for (let micros = 1; micros <= 12; micros++) {
    if (random() < 0.8) continue;
    const version = at(micros, micros % 2 === 0 ? east : west);
    const kind = micros % 6;
    if (kind === 0) state = join(state, put(version, "l", "m"));
    else if (kind === 1 || kind === 4) state = join(state, posted(version, kind === 1 ? "l" : "m", "n"));
    else if (kind === 2) state = join(state, deleted(version));
    else if (state.labels === null)
      state = join(state, { ...posted(version), pushed: null, failed: { version, atMicros: micros } });
    else state = failedIn(state, version);
  }
  return state;
}

function canonical(state: VersionedGroup): VersionedGroup {
  return { ...state, families: state.families.toSorted((a, b) => (a.name < b.name ? -1 : 1)) };
}
