import type { AdmittedFamily, Group } from "@pushfleet/groups";
import { beforeEach, describe, expect, test } from "vitest";
import { counter, gauge, group, histogram, type SeriesLabels } from "../contract/families.ts";
import { FamilyMemory, namedRegion, readVersions } from "../contract/replication-reading.ts";
import type { Replication } from "../replication/replication.ts";
import { type Cursor, InconsistentPush } from "../store.ts";
import { createEmbeddedStore, type EmbeddedStore, type EmbeddedStoreOptions } from "./store.ts";

const [north, south] = [namedRegion("north"), namedRegion("south")];
const [a, b, c] = [group({ job: "a" }), group({ job: "b" }), group({ job: "c" })];

let micros: number;
let memory: FamilyMemory;
let here: EmbeddedStore;
let there: EmbeddedStore;

beforeEach(async () => {
  micros = 1_700_000_000_000_000;
  memory = new FamilyMemory();
  here = await open({ region: north });
  there = await open({ region: south });
});

function open(options: EmbeddedStoreOptions): Promise<EmbeddedStore> {
  return createEmbeddedStore({ now: () => micros, ...options });
}

function replicationOf({ replication }: EmbeddedStore): Replication {
  if (replication === null) throw new Error("the store belongs to no region");
  return replication;
}

async function tell(from: EmbeddedStore, to: EmbeddedStore): Promise<void> {
  const { states, more } = await replicationOf(from).changes(null, 100_000, { ownAfter: 0 });
  expect(more).toBeFalse();
  await replicationOf(to).merge(states.map((state) => memory.arriving(state)));
}

/** "accepted", or the code with which the push is refused. */
async function post(store: EmbeddedStore, owner: Group, ...families: AdmittedFamily[]): Promise<string> {
  const remembered = families.map((family) => memory.remember(family));
  return await store.push(owner, remembered, { mode: "merge" }).then(
    () => "accepted",
    (error: unknown) => (error instanceof InconsistentPush ? error.code : Promise.reject(error)),
  );
}

test("a store without a region exchanges nothing, and does not remember what was never there", async () => {
  const alone = await open({});
  expect(alone.replication).toBeNull();
  expect(await alone.delete(a.id)).toBeFalse();
  expect(await alone.changes(null, 10)).toMatchObject({ upserts: [], cursor: { change: 0 } });
});

describe("a name that regions gave several types", () => {
  beforeEach(async () => {
    await post(here, a, gauge(a, "m", 1));
    await post(there, b, counter(b, "m", 1));
    await tell(there, here);
  });

  test("is taken with each of them, and with no other", async () => {
    expect(await post(here, c, gauge(c, "m", 1))).toBe("accepted");
    expect(await post(here, c, counter(c, "m", 1))).toBe("accepted");
    expect(await post(here, c, histogram(c, "m", 1))).toBe("type-conflict");
  });

  test("is taken with the type that the group itself has for it, even when no other group has", async () => {
    expect(await post(here, a, gauge(a, "m", 2))).toBe("accepted");
  });

  test("is held with one type when the last group with the other lets go of it", async () => {
    await here.delete(a.id);
    expect(await post(here, c, gauge(c, "m", 1))).toBe("type-conflict");
    expect(await post(here, c, counter(c, "m", 1))).toBe("accepted");
  });

  test("has not the type any more that only an expired group gave it", async () => {
    await here.push(a, [gauge(a, "m", 1)], { mode: "replace", ttlMs: 10 });
    micros += 10_000;
    expect(await post(here, c, gauge(c, "m", 1))).toBe("type-conflict");
  });

  test("collides with a suffix when one of its types does", async () => {
    await post(there, group({ job: "d" }), histogram(group({ job: "d" }), "h", 1));
    await post(here, a, gauge(a, "h", 1));
    expect(await post(here, c, gauge(c, "h_sum", 1))).toBe("accepted");
    await tell(there, here);
    expect(await post(here, b, gauge(b, "h_sum", 1))).toBe("suffix-collision");
  });
});

describe("a series that groups of two regions hold", () => {
  const wide = group({ job: "a" });
  const narrow = group({ job: "a", instance: "x" });
  const wideFamily = (value: number, ...instances: string[]): AdmittedFamily =>
    gauge(
      wide,
      "m",
      value,
      instances.map((instance): SeriesLabels => ({ instance })),
    );

  test("is taken from both again, but from no third, and both keep it", async () => {
    expect(await post(here, wide, wideFamily(1, "x", "y"))).toBe("accepted");
    expect(await post(there, narrow, gauge(narrow, "m", 1))).toBe("accepted");
    await tell(there, here);
    expect(await post(here, wide, wideFamily(2, "x", "y"))).toBe("accepted");
    expect(await post(here, narrow, gauge(narrow, "m", 2))).toBe("accepted");
    expect((await here.changes(null, 10)).upserts).toHaveLength(2);
    // Gone from one, it is the other's.
    expect(await post(here, wide, wideFamily(3, "y"))).toBe("accepted");
    expect(await post(here, wide, wideFamily(4, "x", "y"))).toBe("duplicate-series");
  });
});

describe("what is remembered of removed groups", () => {
  beforeEach(async () => {
    here = await open({ region: north, tombstones: 2, tombstoneRetentionMs: 60_000 });
  });

  const told = async (): Promise<number> => (await readVersions(replicationOf(here), 100)).size;
  /** A reader of the feed that has seen the first of five removals needs all others. */
  const isKept = async (cursor: Cursor): Promise<boolean> => !(await here.changes(cursor, 100)).reset;

  test("is kept and told for the retention, whatever their number; then up to that number, and told no more", async () => {
    const { cursor } = await here.changes(null, 10);
    for (let index = 0; index < 5; index++) await here.delete(group({ job: `${index}` }).id);
    micros += 59_999_000;
    await here.expire(1);
    expect([await told(), await isKept(cursor)]).toEqual([5, true]);
    micros += 2_000;
    await here.expire(1);
    expect([await told(), await isKept(cursor)]).toEqual([0, false]);
    const { removals } = await here.changes({ ...cursor, change: 3 }, 10);
    expect(removals).toHaveLength(2);
  });

  test("counts from the end of an expired group", async () => {
    for (let index = 0; index < 5; index++) {
      await here.push(group({ job: `${index}` }), [], { mode: "merge", ttlMs: 30_000 });
    }
    micros += 30_000_000 + 59_999_000;
    expect(await told()).toBe(5);
    expect(await here.expire(10)).toBe(5);
    expect(await told()).toBe(5);
    micros += 1_000;
    expect(await told()).toBe(0);
  });
});

describe("another region's clock", () => {
  test("that is ahead moves neither this one nor the end of groups here", async () => {
    await here.push(a, [], { mode: "merge", ttlMs: 10_000 });
    there = await open({ region: south, now: () => micros + 50_000_000 });
    await post(there, b);
    await tell(there, here);
    await here.push(c, [], { mode: "merge", ttlMs: 10_000 });
    const { nowMs, upserts } = await here.changes(null, 10);
    expect(nowMs).toBe(micros / 1000);
    expect(upserts.find(({ id }) => id === a.id)?.expiresAtMs).toBe(micros / 1000 + 10_000);
    const pushed = upserts.find(({ id }) => id === c.id);
    expect(pushed?.expiresAtMs).toBe(micros / 1000 + 10_000);
    expect(pushed?.pushedAtMicros).toBe(micros + 50_000_001);
  });

  test("may be ahead as far as is allowed, and no further", async () => {
    here = await open({ region: north, maxAheadMs: 1_000 });
    there = await open({ region: south, now: () => micros + 1_500_000 });
    await post(there, a, gauge(a, "m", 1));
    const states = (await replicationOf(there).groups([a.id])).map((state) => memory.arriving(state));
    expect(await replicationOf(here).merge(states)).toEqual([{ kind: "ahead", aheadMs: 1_500 }]);
    expect(await readVersions(replicationOf(here), 10)).toBeEmpty();
    micros += 500_000;
    expect(await replicationOf(here).merge(states)).toEqual([{ kind: "merged", changed: true }]);
  });
});

test("a page of changes ends after many groups that happened elsewhere", async () => {
  const states = Array.from({ length: 12_000 }, (_, index) => {
    const { id, labels } = group({ job: `${index}` });
    const version = { micros: micros + index, region: south };
    const event = { version, atMicros: version.micros };
    const life = { version, expiresAtMs: null };
    return { id, labels, floor: null, deleted: null, life, pushed: event, failed: null, families: [] };
  });
  await replicationOf(here).merge(states);
  await post(here, a);
  const pages: number[] = [];
  let cursor: Parameters<Replication["changes"]>[0] = null;
  for (let more = true; more; ) {
    const page = await replicationOf(here).changes(cursor, 100, { ownAfter: 0 });
    ({ cursor, more } = page);
    pages.push(page.states.length);
  }
  expect(pages).toEqual([0, 0, 1]);
});
