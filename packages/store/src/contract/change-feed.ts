import { describe, expect, test } from "vitest";
import { at, type ContractContext, texts } from "./context.ts";
import { gauge, group } from "./families.ts";
import { Reader, readGroup } from "./reader.ts";

/** Listings, pages, removals, and when a reader has to start again. */
export function describeChangeFeed(context: ContractContext): void {
  const a = group({ job: "a" });
  const b = group({ job: "b" });

  describe("changes", () => {
    test("of an empty store are none", async () => {
      const page = await context.store.changes(null, 10);
      expect(page).toMatchObject({ upserts: [], removals: [], reset: true, more: false });
      expect(page.nowMs).toBeGreaterThan(1e12);
      expect(await context.store.changes(page.cursor, 10)).toMatchObject({
        upserts: [],
        removals: [],
        reset: false,
        more: false,
        cursor: page.cursor,
      });
    });

    test("end where a reader of all of them arrives, and every mutation moves the end by its number", async () => {
      for (const each of [a, b]) await context.store.push(each, [gauge(each, "m", 1)], { mode: "replace" });
      const reader = new Reader(context.store);
      await reader.sync();
      const before = await context.store.end();
      expect(before.cursor).toEqual(reader.cursor);
      expect(before.nowMs).toBeGreaterThan(1e12);
      await context.store.push(a, [gauge(a, "m", 2)], { mode: "merge" });
      await context.store.delete(b.id);
      const { cursor } = await context.store.end();
      expect(cursor).toEqual({ ...before.cursor, change: before.cursor.change + 2 });
    });

    test("tell what changed since the cursor, once, with its newest state", async () => {
      const all = Array.from({ length: 5 }, (_, index) => group({ job: `${index}` }));
      for (const each of all) await context.store.push(each, [gauge(each, "m", 1)], { mode: "replace" });
      const { cursor } = await context.store.changes(null, 100);
      await context.store.push(at(all, 3), [gauge(at(all, 3), "m", 2)], { mode: "replace" });
      await context.store.delete(at(all, 1).id);
      await context.store.recordFailure(at(all, 0));
      await context.store.push(at(all, 3), [gauge(at(all, 3), "m", 3)], { mode: "merge" });
      const page = await context.store.changes(cursor, 100);
      expect(page).toMatchObject({ reset: false, more: false, removals: [at(all, 1).id] });
      expect(page.upserts.map(({ id }) => id)).toEqual([at(all, 0).id, at(all, 3).id]);
      expect(page.upserts.map((state) => texts(readGroup(state)))[1]).toEqual([
        gauge(at(all, 3), "m", 3).text,
      ]);
      expect((await context.store.changes(page.cursor, 100)).upserts).toEqual([]);
      // An old cursor is as good as new.
      const again = await context.store.changes(cursor, 100);
      expect(again.upserts.map(readGroup)).toEqual(page.upserts.map(readGroup));
      expect(again.removals).toEqual(page.removals);
    });

    test("come in the order of their change numbers", async () => {
      const all = Array.from({ length: 20 }, (_, index) => group({ job: `${index}` }));
      for (const each of all) await context.store.push(each, [], { mode: "replace" });
      for (const index of [7, 3, 11]) await context.store.push(at(all, index), [], { mode: "replace" });
      const numbers = (await context.store.changes(null, 100)).upserts.map(({ change }) => change);
      expect(numbers).toHaveLength(20);
      expect(numbers).toEqual(numbers.toSorted((x, y) => x - y));
    });

    test("a group deleted and pushed again is an upsert, one pushed and deleted a removal", async () => {
      await context.store.push(a, [gauge(a, "m", 1)], { mode: "replace" });
      const { cursor } = await context.store.changes(null, 10);
      await context.store.delete(a.id);
      await context.store.push(a, [gauge(a, "n", 1)], { mode: "replace" });
      await context.store.push(b, [gauge(b, "n", 1)], { mode: "replace" });
      await context.store.delete(b.id);
      const page = await context.store.changes(cursor, 10);
      expect(page.upserts.map(({ id }) => id)).toEqual([a.id]);
      expect(page.removals).toEqual([b.id]);
    });

    test("report what wipe removed", async () => {
      const reader = new Reader(context.store);
      for (const each of [a, b]) await context.store.push(each, [gauge(each, "m", 1)], { mode: "replace" });
      await reader.sync();
      await context.store.wipe();
      await context.store.push(b, [gauge(b, "m", 2)], { mode: "replace" });
      await reader.sync();
      expect([...reader.groups.keys()]).toEqual([b.id]);
    });

    test.each([1, 2, 7, 1000])("in pages of %i fold to the same state", async (limit) => {
      const reader = new Reader(context.store, limit);
      const all = Array.from({ length: 25 }, (_, index) => group({ job: "p", instance: `${index}` }));
      for (const each of all) await context.store.push(each, [gauge(each, "m", 1)], { mode: "replace" });
      await reader.sync();
      expect(reader.groups).toEqual(await context.stored());
      for (const index of [0, 4, 8, 12]) await context.store.delete(at(all, index).id);
      for (const index of [4, 5, 6, 7, 8, 9])
        await context.store.push(at(all, index), [], { mode: "replace" });
      await reader.sync();
      expect(reader.groups).toEqual(await context.stored());
      expect(reader.groups.size).toBe(23);
      expect(reader.resets).toBe(1);
      expect(reader.largestPage).toBeLessThanOrEqual(limit);
    });

    test("between the pages of a listing are folded in by its last page", async () => {
      const all = Array.from({ length: 6 }, (_, index) => group({ job: `${index}` }));
      for (const each of all) await context.store.push(each, [gauge(each, "m", 1)], { mode: "replace" });
      const reader = new Reader(context.store, 2);
      await reader.page();
      await context.store.delete(at(all, 0).id);
      await context.store.delete(at(all, 5).id);
      await context.store.push(at(all, 1), [gauge(at(all, 1), "m", 2)], { mode: "replace" });
      await reader.sync();
      expect(reader.groups).toEqual(await context.stored());
      expect(reader.groups.size).toBe(4);
    });

    test("start again after the history was lost", async () => {
      const reader = new Reader(context.store, 2);
      for (const each of [a, b]) await context.store.push(each, [gauge(each, "m", 1)], { mode: "replace" });
      await reader.sync();
      await context.subject.forgetHistory();
      // A new store may have taken the place of the old one.
      reader.store = context.store;
      await context.store.wipe();
      await context.store.push(b, [gauge(b, "m", 1)], { mode: "replace" });
      await reader.sync();
      expect(reader.resets).toBe(2);
      expect([...reader.groups.keys()]).toEqual([b.id]);
      expect(await context.store.changes({ history: "none of ours", change: 1 }, 10)).toMatchObject({
        reset: true,
      });
    });

    test("start again when more was removed than the store remembers, and not before", async () => {
      await context.store.push(a, [gauge(a, "m", 1)], { mode: "replace" });
      const reader = new Reader(context.store);
      await reader.sync();
      const create = async (count: number) => {
        for (let index = 0; index < count; index++)
          await context.store.push(group({ job: "gone", n: `${index}` }), [], { mode: "replace" });
      };
      const remove = async (count: number) => {
        for (let index = 0; index < count; index++)
          await context.store.delete(group({ job: "gone", n: `${index}` }).id);
        await context.store.expire(1000);
      };
      await create(context.subject.tombstoneLimit);
      await remove(context.subject.tombstoneLimit);
      await reader.sync();
      expect(reader.resets).toBe(1);
      const behind = reader.cursor;
      await create(context.subject.tombstoneLimit + 1);
      await remove(context.subject.tombstoneLimit + 1);
      reader.cursor = behind;
      await reader.sync();
      expect(reader.resets).toBe(2);
      expect([...reader.groups.keys()]).toEqual([a.id]);
    });

    test("of a listing in small pages end although tombstones newer than its first groups were trimmed", async () => {
      for (const each of [a, b]) await context.store.push(each, [gauge(each, "m", 1)], { mode: "replace" });
      for (let index = 0; index < context.subject.tombstoneLimit + 5; index++) {
        const passing = group({ job: "gone", n: `${index}` });
        await context.store.push(passing, [], { mode: "replace" });
        await context.store.delete(passing.id);
      }
      await context.store.expire(1000);
      const reader = new Reader(context.store, 1);
      await reader.sync();
      expect(reader.resets).toBe(1);
      expect([...reader.groups.keys()].toSorted()).toEqual([a.id, b.id].toSorted());
      await context.store.delete(a.id);
      await reader.sync();
      expect(reader.resets).toBe(1);
      expect([...reader.groups.keys()]).toEqual([b.id]);
    });
  });
}
