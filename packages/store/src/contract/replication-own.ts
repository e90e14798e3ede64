import { describe, expect, test } from "vitest";
import { at } from "./context.ts";
import { gauge, group } from "./families.ts";
import { here, type ReplicationContext } from "./replication-context.ts";

/** What is told of that which happens in the region itself. */
export function describeOwnVersions(context: ReplicationContext): void {
  const [a, b] = [group({ job: "a" }), group({ job: "b" })];

  describe("what happens here", () => {
    test("has the id of the region, in the families and in the group", async () => {
      expect(context.replication.region).toBe(here);
      await context.store.push(a, [gauge(a, "m", 1)], { mode: "replace" });
      const state = (await context.shown()).get(a.id);
      expect(state).toMatchObject({ pushedRegion: here, families: [{ region: here }] });
      await context.store.recordFailure(b);
      expect((await context.shown()).get(b.id)).not.toHaveProperty("pushedRegion");
    });

    test("raises the floor if it is a PUT, and only its families if it is a POST", async () => {
      await context.store.push(a, [gauge(a, "l", 1), gauge(a, "m", 1)], { mode: "merge" });
      const posted = await context.told(a);
      expect(posted).toMatchObject({ status: "alive", floor: null, deleted: null, failed: null });
      expect(posted?.pushed?.version).toBe(posted?.life?.version);
      expect(posted?.pushed?.version).toBe(`${posted?.pushed?.atMicros}@${here}`);
      await context.store.push(a, [gauge(a, "m", 2)], { mode: "merge" });
      const again = await context.told(a);
      expect(again?.families).toEqual([
        at(posted?.families ?? [], 0),
        { name: "m", version: again?.pushed?.version, text: gauge(a, "m", 2).text },
      ]);
      await context.store.push(a, [gauge(a, "n", 3)], { mode: "replace" });
      const replaced = await context.told(a);
      expect(replaced?.floor).toBe(replaced?.pushed?.version);
      expect(replaced?.families).toEqual([
        { name: "n", version: replaced?.pushed?.version, text: gauge(a, "n", 3).text },
      ]);
      expect(replaced?.deleted).toBeNull();
    });

    test("with times of its own tells them, with a version that is true, until the next push", async () => {
      const times = { pushedAtMicros: 1_600_000_000_000_001, failedAtMicros: 1_500_000_000_000_000 };
      const now = await context.now();
      await context.store.push(a, [gauge(a, "m", 1)], { mode: "merge", times });
      const told = await context.told(a);
      expect(told?.pushed?.atMicros).toBe(times.pushedAtMicros);
      expect(told?.failed).toEqual({ version: told?.pushed?.version, atMicros: times.failedAtMicros });
      expect(Number.parseInt(told?.pushed?.version ?? "", 10)).toBeGreaterThanOrEqual(now);
      expect(told?.families).toMatchObject([{ version: told?.pushed?.version }]);
      await context.store.push(a, [], { mode: "merge" });
      const after = await context.told(a);
      expect(after?.pushed?.version).toBe(`${after?.pushed?.atMicros}@${here}`);
      expect(after?.failed).toEqual(told?.failed);
      await context.store.push(a, [], { mode: "merge", times: { pushedAtMicros: 0, failedAtMicros: 0 } });
      expect((await context.shown()).get(a.id)).toMatchObject({ pushedAtMicros: 0, failedAtMicros: 0 });
    });

    test("is a failure that creates a group to live by, and only a failure of one that is there", async () => {
      await context.store.recordFailure(a, { ttlMs: 60_000 });
      const created = await context.told(a);
      expect(created).toMatchObject({ status: "alive", pushed: null, families: [], floor: null });
      expect(created?.failed?.version).toBe(created?.life?.version);
      await context.store.recordFailure(a);
      const again = await context.told(a);
      expect(again?.life).toEqual(created?.life);
      expect(again?.failed).not.toEqual(created?.failed);
    });

    test("is remembered of a DELETE, whether or not there was such a group", async () => {
      await context.store.push(a, [gauge(a, "m", 1)], { mode: "merge" });
      const pushed = await context.told(a);
      expect(await context.store.delete(a.id)).toBeTrue();
      expect(await context.store.delete(b.id)).toBeFalse();
      for (const deleted of [await context.told(a), await context.told(b)]) {
        expect(deleted).toMatchObject({
          status: "deleted",
          life: null,
          pushed: null,
          failed: null,
          families: [],
        });
        expect(deleted?.floor).toBe(deleted?.deleted);
        expect(deleted?.deleted).toEndWith(`@${here}`);
        expect(Number.parseInt(deleted?.floor ?? "", 10)).toBeGreaterThan(pushed?.pushed?.atMicros ?? 0);
      }
    });

    test("is not remembered of a DELETE whose condition was not met", async () => {
      expect(await context.store.delete(b.id, { ifPushedAtMicros: 0 })).toBeFalse();
      expect(await context.told(b)).toBeUndefined();
      await context.store.push(a, [gauge(a, "m", 1)], { mode: "merge" });
      const pushed = await context.told(a);
      expect(await context.store.delete(a.id, { ifPushedAtMicros: 1 })).toBeFalse();
      expect(await context.told(a)).toEqual(pushed);
    });

    test("is a deletion of each group when everything is wiped", async () => {
      for (const owner of [a, b]) await context.store.push(owner, [gauge(owner, "m", 1)], { mode: "merge" });
      expect(await context.store.wipe()).toBe(2);
      for (const owner of [a, b]) {
        const deleted = await context.told(owner);
        expect(deleted).toMatchObject({ status: "deleted", floor: deleted?.deleted });
      }
    });

    test("is above everything that happened here before, also to a group that is pushed again after its deletion", async () => {
      const versions: number[] = [];
      for (let round = 0; round < 5; round++) {
        await context.store.push(a, [gauge(a, "m", round)], { mode: "merge" });
        versions.push((await context.told(a))?.pushed?.atMicros ?? 0);
        await context.store.recordFailure(b);
        versions.push((await context.told(b))?.failed?.atMicros ?? 0);
        await context.store.delete(a.id);
        versions.push(Number.parseInt((await context.told(a))?.deleted ?? "", 10));
      }
      expect(versions).toEqual([...new Set(versions)].sort((x, y) => x - y));
      const deleted = (await context.told(a))?.deleted;
      await context.store.push(a, [gauge(a, "m", 1)], { mode: "merge" });
      expect(await context.told(a)).toMatchObject({ status: "alive", floor: deleted, deleted });
    });
  });
}
