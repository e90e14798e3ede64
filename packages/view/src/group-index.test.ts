import type { GroupId } from "@pushfleet/groups";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { GroupIndex, type GroupPage, type GroupQuery } from "./group-index.ts";
import { type GroupSort, groupSorts } from "./group-order.ts";
import type { IndexedGroup } from "./indexed-group.ts";
import type { Snapshot } from "./snapshot.ts";
import { TestStore } from "./test-store.ts";
import { View } from "./view.ts";

const byLastPush: GroupQuery = { sort: "last_push", direction: "desc", limit: 100 };

function keysOf({ groups }: GroupPage): string[] {
  return groups.map(({ key }) => key);
}

/** The pages of the query, one after the other, each asked of the snapshot that comes next. */
async function allPages(
  index: GroupIndex,
  query: GroupQuery,
  snapshotOf: () => Promise<Snapshot>,
): Promise<readonly GroupPage[]> {
  const pages: GroupPage[] = [];
  let after: string | undefined;
  do {
    const page = await index.page(await snapshotOf(), {
      ...query,
      ...(after === undefined ? {} : { after }),
    });
    pages.push(page);
    after = page.next;
  } while (after !== undefined);
  return pages;
}

describe("what is known of a group", () => {
  test("series are lines of the exposition, bytes are theirs, and what only protobuf tells is counted by its metrics", async () => {
    const store = new TestStore();
    const lines =
      'h_bucket{le="1",job="a"} 1\nh_bucket{le="+Inf",job="a"} 1\nh_sum{job="a"} 1\nh_count{job="a"} 1\n';
    const id = store.put({ job: "a", instance: "X" }, [
      { name: "h", type: "histogram", text: lines },
      { name: "native", type: "histogram", text: "", metricCount: 2, proto: new Uint8Array([1]) },
    ]);
    const group = await new GroupIndex().group(await new View(store.feed).sync(), id);
    expect(group).toMatchObject({ job: "a", series: 6, bytes: lines.length, words: "instance=x\njob=a" });
  });

  test("a group is failing while its last push was refused", async () => {
    const store = new TestStore();
    const failing = store.put({ job: "a" }, [], { pushedAtMicros: 5, failedAtMicros: 6 });
    const mended = store.put({ job: "b" }, [], { pushedAtMicros: 7, failedAtMicros: 6 });
    const never = store.put({ job: "c" }, [], { pushedAtMicros: 7, failedAtMicros: 0 });
    const index = new GroupIndex();
    const snapshot = await new View(store.feed).sync();
    const isFailing = async (id: GroupId) => (await index.group(snapshot, id))?.isFailing;
    expect(await Promise.all([failing, mended, never].map(isFailing))).toEqual([true, false, false]);
  });
});

describe("pages", () => {
  test("a group that is pushed moves to the front, one that is deleted or expires is gone", async () => {
    const store = new TestStore();
    const put = (job: string, pushedAtMicros: number, expiresAtMs: number | null = null) =>
      store.put({ job }, [], { pushedAtMicros, expiresAtMs });
    put("a", 1);
    const deleted = put("b", 2);
    put("c", 3, store.nowMs + 10);
    const view = new View(store.feed);
    const index = new GroupIndex();
    expect(keysOf(await index.page(await view.sync(), byLastPush))).toEqual([
      '{job="c"}',
      '{job="b"}',
      '{job="a"}',
    ]);
    put("a", 4);
    store.remove(deleted);
    expect(keysOf(await index.page(await view.sync(), byLastPush))).toEqual(['{job="a"}', '{job="c"}']);
    store.nowMs += 10;
    expect(await index.page(await view.sync(), byLastPush)).toMatchObject({ matched: 1, next: undefined });
  });

  test("an earlier snapshot can still be asked for after a later one", async () => {
    const store = new TestStore();
    store.put({ job: "a" }, []);
    const view = new View(store.feed);
    const early = await view.sync();
    store.put({ job: "b" }, []);
    const late = await view.sync();
    const index = new GroupIndex();
    const counts = await Promise.all(
      [late, early, late].map(async (snapshot) => (await index.page(snapshot, byLastPush)).groups.length),
    );
    expect(counts).toEqual([2, 1, 2]);
  });

  test("groups that do not change while they are paged through are on exactly one page each", async () => {
    const store = new TestStore();
    for (let i = 0; i < 300; i++) store.put({ job: `still${i}` }, [], { pushedAtMicros: 1_000 + i });
    const view = new View(store.feed);
    let clock = 10_000;
    const pages = await allPages(new GroupIndex(), { ...byLastPush, limit: 7 }, () => {
      store.put({ job: "busy" }, [], { pushedAtMicros: clock++ });
      store.put({ job: `new${clock}` }, [], { pushedAtMicros: clock++ });
      return view.sync();
    });
    const still = pages.flatMap(keysOf).filter((key) => key.includes("still"));
    expect(still).toHaveLength(300);
    expect(new Set(still).size).toBe(300);
  });

  /** What each sort goes by, to be compared with a plain sort. */
  const values: Readonly<Record<GroupSort, (group: IndexedGroup) => number | string>> = {
    last_push: ({ state }) => state.pushedAtMicros,
    failure: ({ state }) => state.failedAtMicros,
    job: ({ job }) => job,
    series: ({ series }) => series,
    bytes: ({ bytes }) => bytes,
    expiry: ({ state }) => state.expiresAtMs ?? Number.POSITIVE_INFINITY,
  };

  const change = fc.record({
    job: fc.constantFrom("a", "b", "Ü", "c,d", "long".repeat(100)),
    instance: fc.integer({ min: 0, max: 40 }),
    pushed: fc.integer({ min: 0, max: 50 }),
    failed: fc.integer({ min: 0, max: 50 }),
    ttl: fc.option(fc.integer({ min: 1, max: 99_999 })),
    lines: fc.integer({ min: 0, max: 12 }),
    isRemoved: fc.boolean(),
  });

  test("after any changes, all pages together are what a plain sort gives", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(change, { maxLength: 80 }), { minLength: 1, maxLength: 4 }),
        fc.constantFrom(...groupSorts),
        fc.constantFrom("asc" as const, "desc" as const),
        fc.integer({ min: 1, max: 50 }),
        fc.boolean(),
        async (rounds, sort, direction, limit, isFiltered) => {
          const store = new TestStore();
          const view = new View(store.feed);
          const index = new GroupIndex();
          for (const round of rounds) {
            for (const { job, instance, pushed, failed, ttl, lines, isRemoved } of round) {
              const text = Array.from({ length: lines }, (_, i) => `m${i} ${instance}\n`).join("");
              const id = store.put({ job, instance: String(instance) }, [{ name: "m", text }], {
                pushedAtMicros: pushed,
                failedAtMicros: failed,
                expiresAtMs: ttl === null ? null : store.nowMs + ttl,
              });
              if (isRemoved) store.remove(id);
            }
            const snapshot = await view.sync();
            const accepts = ({ job }: IndexedGroup) => !isFiltered || job !== "b";
            const query = { sort, direction, limit, ...(isFiltered ? { accepts } : {}) };
            const pages = await allPages(index, query, async () => snapshot);

            const value = values[sort];
            const all = await Promise.all(snapshot.groups().map(({ id }) => index.group(snapshot, id)));
            const expected = all
              .filter((group) => group !== undefined)
              .filter(accepts)
              .sort((a, b) => {
                const [x, y] = [value(a), value(b)];
                const order = x === y ? (a.key < b.key ? -1 : 1) : x < y ? -1 : 1;
                return direction === "asc" ? order : -order;
              });
            expect(pages.flatMap(keysOf)).toEqual(expected.map(({ key }) => key));
            for (const { matched } of pages) expect(matched).toBe(expected.length);
            for (const { groups } of pages.slice(0, -1)) expect(groups).toHaveLength(limit);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

test("jobs are rolled up from their groups", async () => {
  const store = new TestStore();
  const text = "m 1\n";
  store.put({ job: "b", instance: "1" }, [{ name: "m", text }], { pushedAtMicros: 7, failedAtMicros: 8 });
  store.put({ job: "b", instance: "2" }, [{ name: "m", text: text + text }], {
    pushedAtMicros: 9,
    expiresAtMs: store.nowMs + 5,
  });
  store.put({ job: "a" }, [], { pushedAtMicros: 0, failedAtMicros: 3 });
  expect(await new GroupIndex().jobs(await new View(store.feed).sync())).toEqual([
    { job: "a", groups: 1, series: 0, bytes: 0, pushedAtMicros: 0, failing: 1, expiresAtMs: null },
    {
      job: "b",
      groups: 2,
      series: 3,
      bytes: 12,
      pushedAtMicros: 9,
      failing: 1,
      expiresAtMs: store.nowMs + 5,
    },
  ]);
});
