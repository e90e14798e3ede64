import { describe, expect, test } from "vitest";
import { formatVersion, justAfter } from "../replication/version.ts";
import { gauge, group, histogram } from "./families.ts";
import { Reader } from "./reader.ts";
import {
  after,
  before,
  deletion,
  ended,
  failure,
  posted,
  put,
  type ReplicationContext,
} from "./replication-context.ts";
import { readVersions } from "./replication-reading.ts";

/** Groups whose life has ended: in this region, in another, or in both. */
export function describeEnds(context: ReplicationContext): void {
  const [a, b] = [group({ job: "a" }), group({ job: "b" })];
  const ttlMs = 40;
  const nowMs = async (): Promise<number> => Math.floor((await context.now()) / 1000);

  describe("the end of a group", () => {
    test("is that of the push, whichever region it was made in", async () => {
      const expiresAtMs = (await nowMs()) + ttlMs;
      const version = { micros: (await context.now()) - 1_000, region: after };
      await context.merge(posted(a, version, [gauge(a, "m", 1)], expiresAtMs));
      await context.merge(failure(b, version, expiresAtMs + 3_600_000));
      expect(await context.told(b)).toMatchObject({
        status: "alive",
        life: { expiresAtMs: expiresAtMs + 3_600_000 },
      });
      await context.subject.passTime(ttlMs);
      expect([...(await context.shown()).keys()]).toEqual([b.id]);
      expect(await context.store.expire(10)).toBe(1);
      expect(await context.store.delete(a.id)).toBeFalse();
    });

    test.each(["before", "after"])(
      "leaves floor, deletion and life to be told, %s it is removed",
      async (when) => {
        await context.store.delete(a.id);
        await context.store.push(a, [gauge(a, "m", 1)], { mode: "replace", ttlMs });
        await context.store.recordFailure(a);
        const alive = await context.told(a);
        await context.subject.passTime(ttlMs);
        if (when === "after") expect(await context.store.expire(10)).toBe(1);
        const expired = { ...alive, status: "expired", pushed: null, failed: null, families: [] };
        expect(await context.told(a)).toEqual(expired);
        const versions = (await readVersions(context.replication, 10)).get(a.id);
        expect(versions).toEqual((await context.replication.groups([a.id]))[0]);
        const page = await context.replication.changes(null, 10, { ownAfter: 0 });
        expect(page.states).toEqual([versions]);
      },
    );

    test("that a later push moved is the end no more", async () => {
      await context.store.push(a, [gauge(a, "m", 1)], { mode: "merge", ttlMs });
      const micros = (await context.told(a))?.pushed?.atMicros ?? 0;
      await context.merge(posted(a, { micros: micros + 1, region: after }, [gauge(a, "n", 1)]));
      await context.store.push(b, [gauge(b, "m", 1)], { mode: "merge" });
      await context.merge(
        posted(
          b,
          { micros: ((await context.told(b))?.pushed?.atMicros ?? 0) + 1, region: after },
          [],
          (await nowMs()) + ttlMs,
        ),
      );
      await context.subject.passTime(ttlMs);
      expect(await context.store.expire(10)).toBe(1);
      expect(await context.shownNames(a)).toEqual(["m", "n"]);
      expect(await context.shownNames(b)).toBeUndefined();
    });

    test("takes the families with it, whose names are free then", async () => {
      const version = { micros: (await context.now()) - 1_000, region: after };
      await context.merge(posted(a, version, [histogram(a, "x", 1)], (await nowMs()) + ttlMs));
      await context.subject.passTime(ttlMs);
      await context.store.push(b, [gauge(b, "x", 1), gauge(b, "x_count", 1)], { mode: "merge" });
    });
  });

  describe("a group that is created again after its end", () => {
    const cases = [
      ["a POST", "before"],
      ["a POST", "after"],
      ["a PUT", "before"],
      ["a PUT", "after"],
      ["a failure", "before"],
      ["a failure", "after"],
    ] as const;

    test.each(cases)("by %s, %s it is removed, lets fall what that life held", async (by, when) => {
      await context.store.push(a, [gauge(a, "m", 1)], { mode: "merge", ttlMs });
      const version = {
        micros: (await context.told(a))?.pushed?.atMicros ?? 0,
        region: context.replication.region,
      };
      await context.subject.passTime(ttlMs);
      if (when === "after") await context.store.expire(10);
      if (by === "a failure") await context.store.recordFailure(a);
      else await context.store.push(a, [gauge(a, "n", 1)], { mode: by === "a PUT" ? "replace" : "merge" });
      const told = await context.told(a);
      expect(told?.deleted).toBe(formatVersion(justAfter(version)));
      expect(told?.floor).toBe(by === "a PUT" ? told?.pushed?.version : told?.deleted);
      // Another region had it still, for ever.
      await context.merge(posted(a, version, [gauge(a, "m", 1)]));
      await context.merge(posted(a, { ...version, region: before }, [gauge(a, "l", 1)]));
      expect(await context.shownNames(a)).toEqual(by === "a failure" ? [] : ["n"]);
    });

    test("keeps what another region pushed after that life", async () => {
      await context.store.push(a, [gauge(a, "m", 1)], { mode: "merge", ttlMs });
      const micros = (await context.told(a))?.pushed?.atMicros ?? 0;
      await context.subject.passTime(ttlMs);
      await context.store.push(a, [gauge(a, "n", 1)], { mode: "merge" });
      await context.merge(posted(a, { micros: micros + 1, region: after }, [gauge(a, "l", 1)]));
      expect(await context.shownNames(a)).toEqual(["l", "n"]);
    });

    test("by another region that had not heard of the end has all that this one kept alive", async () => {
      await context.store.push(a, [gauge(a, "m", 1)], { mode: "merge", ttlMs });
      const own = (await context.told(a))?.pushed?.version;
      const micros = Number.parseInt(own ?? "", 10);
      await context.subject.passTime(ttlMs);
      await context.store.expire(10);
      const later = posted(a, { micros: micros + 1, region: after }, [gauge(a, "n", 1)]);
      const older = posted(a, { micros, region: context.replication.region }, [gauge(a, "m", 1)]);
      await context.merge({ ...later, families: [...older.families, ...later.families] });
      expect(await context.shownNames(a)).toEqual(["m", "n"]);
    });
  });

  describe("a state that has expired on its way", () => {
    test("shows nothing of itself, and is remembered", async () => {
      const version = { micros: (await context.now()) - 1_000_000, region: after };
      const state = put(a, version, [gauge(a, "m", 1)], await nowMs());
      expect(await context.merge(state)).toEqual([{ kind: "merged", changed: true }]);
      expect(await context.merge(state)).toEqual([{ kind: "merged", changed: false }]);
      expect((await context.shown()).size).toBe(0);
      expect(await context.told(a)).toMatchObject({
        status: "expired",
        floor: formatVersion(version),
        families: [],
      });
      await context.store.push(a, [gauge(a, "n", 1)], { mode: "merge" });
      expect(await context.told(a)).toMatchObject({ deleted: formatVersion(justAfter(version)) });
    });

    test.each(["what is remembered of it", "all of it"])(
      "ends what lived by an older life, if %s is told",
      async (what) => {
        const reader = new Reader(context.store);
        await context.store.push(a, [gauge(a, "m", 1)], { mode: "merge" });
        await reader.sync();
        const version = { micros: (await context.told(a))?.pushed?.atMicros ?? 0, region: after };
        await context.subject.passTime(2);
        const end = await nowMs();
        const state =
          what === "all of it" ? posted(a, version, [gauge(a, "n", 1)], end) : ended(a, version, end);
        expect(await context.merge(state)).toEqual([{ kind: "merged", changed: true }]);
        expect(await context.shownNames(a)).toBeUndefined();
        // Who follows the feed hears of it.
        await reader.sync();
        expect(reader.groups.get(a.id)?.expiresAtMs ?? 0).toBeLessThanOrEqual(end);
        await context.store.expire(10);
        await reader.sync();
        expect(reader.has(a)).toBeFalse();
        expect(await context.told(a)).toMatchObject({
          status: "expired",
          life: { version: formatVersion(version) },
        });
        await context.store.push(b, [gauge(b, "m_sum", 1), histogram(b, "m", 1)].slice(1), { mode: "merge" });
      },
    );

    test("leaves alone what lives by a later life", async () => {
      await context.store.push(a, [gauge(a, "m", 1)], { mode: "merge" });
      const told = await context.told(a);
      const version = { micros: (told?.pushed?.atMicros ?? 0) - 1, region: after };
      expect(await context.merge(posted(a, version, [gauge(a, "n", 1)], 1))).toEqual([
        { kind: "merged", changed: false },
      ]);
      expect(await context.merge(ended(a, version, 1))).toEqual([{ kind: "merged", changed: false }]);
      expect(await context.told(a)).toEqual(told);
    });

    test("is deleted by a later deletion", async () => {
      const micros = (await context.now()) - 1_000;
      await context.merge(
        ended(a, { micros, region: after }, 1),
        deletion(a, { micros: micros + 1, region: after }),
      );
      expect(await context.told(a)).toMatchObject({ status: "deleted", life: null });
    });

    test("by the clock of another region only is passed over, but what happens here is later", async () => {
      await context.store.push(a, [gauge(a, "m", 1)], { mode: "merge" });
      const told = await context.told(a);
      const version = { micros: (await context.now()) + 10_000_000, region: after };
      const end = (await nowMs()) + 60_000;
      expect(await context.merge(ended(a, version, end), ended(b, version, end))).toEqual([
        { kind: "merged", changed: false },
        { kind: "merged", changed: false },
      ]);
      expect(await context.told(a)).toEqual(told);
      expect(await context.told(b)).toBeUndefined();
      await context.store.push(b, [], { mode: "merge" });
      expect((await context.told(b))?.pushed?.atMicros).toBeGreaterThan(version.micros);
    });
  });

  test("deleted and expired groups are forgotten after the retention, and not before", async () => {
    const forgetful = await context.open({ region: before, tombstoneRetentionMs: 300 });
    const { store, replication } = forgetful;
    await store.push(a, [gauge(a, "m", 1)], { mode: "merge" });
    await store.push(b, [gauge(b, "m", 1)], { mode: "merge", ttlMs: 1 });
    await store.delete(a.id);
    await forgetful.passTime(1);
    await store.expire(10);
    expect(await replication.groups([a.id, b.id])).toHaveLength(2);
    await forgetful.passTime(400);
    await store.expire(10);
    expect(await replication.groups([a.id, b.id])).toEqual([]);
    expect((await readVersions(replication, 10)).size).toBe(0);
    await forgetful[Symbol.asyncDispose]();
  });
}
