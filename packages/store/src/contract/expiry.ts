import type { Group } from "@pushfleet/groups";
import { describe, expect, test } from "vitest";
import { at, type ContractContext, texts } from "./context.ts";
import { counter, gauge, group, histogram } from "./families.ts";
import { Reader } from "./reader.ts";

/** The time to live. */
export function describeExpiry(context: ContractContext): void {
  const a = group({ job: "a" });
  const b = group({ job: "b" });

  describe("time to live", () => {
    const ttlMs = 40;

    test("the group carries the moment its last push runs out", async () => {
      await context.store.push(a, [gauge(a, "m", 1)], { mode: "replace", ttlMs: 60_000 });
      const first = await context.storedGroup(a);
      expect(first.expiresAtMs).toBeWithin(
        Math.floor(first.pushedAtMicros / 1000) + 60_000,
        Math.ceil(first.pushedAtMicros / 1000) + 60_001,
      );
      await context.store.push(a, [gauge(a, "m", 1)], { mode: "merge", ttlMs: 120_000 });
      expect((await context.storedGroup(a)).expiresAtMs).toBeGreaterThan((first.expiresAtMs ?? 0) + 59_999);
      await context.store.push(a, [gauge(a, "m", 1)], { mode: "merge" });
      expect((await context.storedGroup(a)).expiresAtMs).toBeNull();
    });

    test("an expired group is reported as expired, if at all", async () => {
      await context.store.push(a, [gauge(a, "m", 1)], { mode: "replace", ttlMs });
      await context.subject.passTime(ttlMs);
      const page = await context.store.changes(null, 100);
      for (const state of page.upserts) expect(state.expiresAtMs).toBeLessThanOrEqual(page.nowMs);
    });

    test("expire removes expired groups only, oldest first, and reports the removal", async () => {
      const reader = new Reader(context.store);
      const groups = Array.from({ length: 6 }, (_, index) => group({ job: "ttl", instance: `${index}` }));
      // Pushed in an order that is not the order of expiry.
      for (const [index, ttl] of [30, 10, 50, 20, 60, 40].entries()) {
        const target = at(groups, index);
        await context.store.push(target, [gauge(target, "m", 1)], { mode: "replace", ttlMs: ttl * 10 });
      }
      await context.store.push(a, [], { mode: "replace", ttlMs: 3_600_000 });
      await context.store.push(b, [], { mode: "replace" });
      await reader.sync();
      expect(await context.store.expire(100)).toBe(0);
      await context.subject.passTime(600);
      expect(await context.store.expire(2)).toBe(2);
      await reader.sync();
      expect(reader.has(at(groups, 1)) || reader.has(at(groups, 3))).toBeFalse();
      expect(await context.store.expire(4)).toBe(4);
      expect(await context.store.expire(4)).toBe(0);
      await reader.sync();
      expect([...reader.groups.keys()].toSorted()).toEqual([a.id, b.id].toSorted());
      expect(await context.store.delete(at(groups, 0).id)).toBeFalse();
    });

    test("a push before expiry keeps the group beyond it", async () => {
      await context.store.push(a, [gauge(a, "m", 1)], { mode: "replace", ttlMs });
      await context.store.push(a, [gauge(a, "m", 2)], { mode: "merge", ttlMs: 3_600_000 });
      await context.store.push(b, [gauge(b, "m", 1)], { mode: "replace", ttlMs });
      await context.store.push(b, [gauge(b, "m", 2)], { mode: "merge" });
      await context.subject.passTime(ttlMs);
      expect(await context.store.expire(100)).toBe(0);
      expect((await context.stored()).size).toBe(2);
    });

    test("a push that shortens the time to live is heard", async () => {
      await context.store.push(a, [], { mode: "replace", ttlMs: 3_600_000 });
      await context.store.push(a, [], { mode: "replace", ttlMs });
      await context.subject.passTime(ttlMs);
      expect(await context.store.expire(100)).toBe(1);
    });

    test("an expired group counts as absent for the next push to it", async () => {
      await context.store.recordFailure(a);
      await context.store.push(a, [gauge(a, "m", 1), histogram(a, "h", 1)], { mode: "replace", ttlMs });
      await context.subject.passTime(ttlMs);
      await context.store.push(a, [gauge(a, "h_count", 1)], { mode: "merge" });
      const state = await context.storedGroup(a);
      expect(texts(state)).toEqual([gauge(a, "h_count", 1).text]);
      expect(state).toMatchObject({ failedAtMicros: 0, expiresAtMs: null });
      expect(await context.store.expire(100)).toBe(0);
    });

    test("an expired group counts as absent for delete and recordFailure", async () => {
      await context.store.push(a, [gauge(a, "m", 1)], { mode: "replace", ttlMs });
      await context.store.push(b, [gauge(b, "m", 1)], { mode: "replace", ttlMs });
      await context.subject.passTime(ttlMs);
      expect(await context.store.delete(a.id)).toBeFalse();
      await context.store.recordFailure(b);
      expect(await context.storedGroup(b)).toMatchObject({
        families: [],
        pushedAtMicros: 0,
        expiresAtMs: null,
      });
      await context.store.push(a, [counter(a, "m", 1)], { mode: "replace" });
    });

    test("a group that only a failure made lives as long as was said then", async () => {
      await context.store.recordFailure(a, { ttlMs: 60_000 });
      const failed = await context.storedGroup(a);
      expect(failed).toMatchObject({ families: [], pushedAtMicros: 0 });
      expect(failed.expiresAtMs).toBeWithin(
        Math.floor(failed.failedAtMicros / 1000) + 60_000,
        Math.ceil(failed.failedAtMicros / 1000) + 60_001,
      );
      await context.store.recordFailure(b, { ttlMs });
      await context.subject.passTime(ttlMs);
      expect(await context.store.expire(100)).toBe(1);
      expect([...(await context.stored()).keys()]).toEqual([a.id]);
    });

    test("a failure does not move the end of a group that is there", async () => {
      await context.store.push(a, [gauge(a, "m", 1)], { mode: "replace", ttlMs: 3_600_000 });
      const { expiresAtMs } = await context.storedGroup(a);
      await context.store.push(b, [gauge(b, "m", 1)], { mode: "replace" });
      for (const options of [{ ttlMs: 1 }, { ttlMs: 7_200_000 }, {}, undefined]) {
        await context.store.recordFailure(a, options);
        await context.store.recordFailure(b, options);
      }
      expect((await context.storedGroup(a)).expiresAtMs).toBe(expiresAtMs);
      expect((await context.storedGroup(b)).expiresAtMs).toBeNull();
    });

    test("a failure that meets an expired group makes a new one, with its own time to live", async () => {
      await context.store.push(a, [gauge(a, "m", 1)], { mode: "replace", ttlMs });
      await context.subject.passTime(ttlMs);
      await context.store.recordFailure(a, { ttlMs: 60_000 });
      const state = await context.storedGroup(a);
      expect(state).toMatchObject({ families: [], pushedAtMicros: 0 });
      expect(state.expiresAtMs).toBeGreaterThan(Math.floor(state.failedAtMicros / 1000));
    });

    test("a push takes over a group that a failure made, with the time to live of the push", async () => {
      await context.store.recordFailure(a, { ttlMs });
      await context.store.push(a, [gauge(a, "m", 1)], { mode: "merge" });
      await context.subject.passTime(ttlMs);
      expect(await context.store.expire(100)).toBe(0);
      expect((await context.storedGroup(a)).expiresAtMs).toBeNull();
    });

    test.each([
      ["type", (g: Group) => [counter(g, "m", 1)]],
      ["suffix", (g: Group) => [gauge(g, "h_sum", 1)]],
      ["duplicate", (g: Group) => [gauge(g, "s", 1)]],
    ] as const)("an expired group causes no %s conflict, reaped or not", async (_, families) => {
      const narrow = group({ job: "a", instance: "x" });
      const all = [gauge(a, "m", 1), histogram(a, "h", 1), gauge(a, "s", 1, [{ instance: "x" }])];
      await context.store.push(a, all, { mode: "replace", ttlMs });
      await context.subject.passTime(ttlMs);
      await context.store.push(narrow, families(narrow), { mode: "replace" });
      expect((await context.storedGroup(narrow)).families).toHaveLength(1);
    });

    test("a push that races with expiry wins", async () => {
      for (let round = 0; round < 10; round++) {
        await context.store.push(a, [gauge(a, "m", round)], { mode: "replace", ttlMs: 5 });
        await context.subject.passTime(5);
        const push = () => context.store.push(a, [gauge(a, "m", -round)], { mode: "merge" });
        const expire = () => context.store.expire(10);
        await Promise.all(round % 2 === 0 ? [push(), expire()] : [expire(), push()]);
        expect(texts(await context.storedGroup(a))).toEqual([gauge(a, "m", -round).text]);
      }
    });
  });
}
