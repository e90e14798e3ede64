import type { GroupId } from "@pushfleet/groups";
import { describe, expect, test } from "vitest";
import { textOf } from "../text-span.ts";
import { at } from "./context.ts";
import { gauge, group } from "./families.ts";
import { after, deletion, here, posted, put, type ReplicationContext } from "./replication-context.ts";
import { plain, plainVersions, readChanges, readVersions } from "./replication-reading.ts";

/** What a region tells others: what changed, what they ask for, and what there is. */
export function describeTelling(context: ReplicationContext): void {
  const [a, b, c] = [group({ job: "a" }), group({ job: "b" }), group({ job: "c" })];
  const past = async (): Promise<number> => (await context.now()) - 10_000_000;
  const changed = async (since: Parameters<typeof readChanges>[1], ownAfter: number, limit = 10) =>
    await readChanges(context.replication, since, { ownAfter, limit });

  describe("the changes that regions are told of", () => {
    test("have all that there is of a group, with what came from elsewhere", async () => {
      await context.merge(posted(a, { micros: await past(), region: after }, [gauge(a, "l", 1)]));
      await context.store.push(a, [gauge(a, "m", 2)], { mode: "merge", ttlMs: 3_600_000 });
      await context.store.recordFailure(a);
      await context.store.delete(b.id);
      const { states, last } = await changed(null, 0);
      expect([...states.keys()]).toEqual([a.id, b.id]);
      expect(last).toMatchObject({ reset: true, more: false });
      for (const [id, state] of states) {
        expect(plain(state, Math.floor(last.nowMicros / 1000))).toEqual(await context.told({ id }));
      }
      const told = states.get(a.id);
      expect(told?.labels).toEqual(a.labels);
      expect(told?.families.map(({ name, version }) => `${name}@${version.region}`).sort()).toEqual([
        "l@west",
        "m@north",
      ]);
      const family = told?.families.find(({ name }) => name === "m")?.family;
      expect(family).toMatchObject({ name: "m", type: "gauge", help: "", region: here, metricCount: 1 });
      expect(family && textOf(family.text)).toBe(gauge(a, "m", 2).text);
    });

    test("leave out groups in which nothing happened here", async () => {
      await context.merge(
        put(a, { micros: await past(), region: after }, [gauge(a, "l", 1)]),
        deletion(b, { micros: await past(), region: after }),
        posted(c, { micros: await past(), region: after }, []),
      );
      expect((await changed(null, 0)).states.size).toBe(0);
      await context.store.recordFailure(c);
      expect([...(await changed(null, 0)).states.keys()]).toEqual([c.id]);
    });

    test("leave out groups in which nothing happened here after the version that was told", async () => {
      await context.store.push(a, [gauge(a, "m", 1)], { mode: "merge" });
      const first = await changed(null, 0);
      const { cursor, clockMicros } = first.last;
      expect(clockMicros).toBeGreaterThanOrEqual((await context.told(a))?.pushed?.atMicros ?? 0);
      expect((await changed(cursor, clockMicros)).states.size).toBe(0);
      await context.merge(posted(a, { micros: await context.now(), region: after }, [gauge(a, "n", 1)]));
      expect((await changed(cursor, clockMicros)).states.size).toBe(0);
      expect([...(await changed(cursor, 0)).states.keys()]).toEqual([a.id]);
      await context.store.push(b, [], { mode: "merge" });
      await context.store.delete(a.id);
      expect([...(await changed(cursor, clockMicros)).states.keys()]).toEqual([b.id, a.id]);
    });

    test("tell each group once, with its newest state, and go on where they ended", async () => {
      await context.store.push(a, [gauge(a, "m", 1)], { mode: "merge" });
      const { last } = await changed(null, 0);
      await context.store.push(b, [gauge(b, "m", 1)], { mode: "merge" });
      await context.store.delete(b.id);
      await context.store.push(b, [gauge(b, "m", 2)], { mode: "merge" });
      const next = await context.replication.changes(last.cursor, 10, { ownAfter: 0 });
      expect(next).toMatchObject({ reset: false, more: false });
      expect(next.states.map(({ id, families }) => [id, families.length])).toEqual([[b.id, 1]]);
      expect((await changed(next.cursor, 0)).states.size).toBe(0);
    });

    test.each([1, 3, 50])("come in pages of %i, among groups of other regions", async (limit) => {
      const own: GroupId[] = [];
      const micros = await past();
      for (let index = 0; index < 12; index++) {
        const [mine, foreign] = [group({ job: `mine-${index}` }), group({ job: `foreign-${index}` })];
        await context.store.push(mine, [gauge(mine, "m", 1)], { mode: "merge" });
        if (index % 3 === 0) await context.store.delete(mine.id);
        await context.merge(
          posted(foreign, { micros: micros + index, region: after }, [gauge(foreign, "m", 1)]),
        );
        if (index % 4 === 0)
          await context.merge(deletion(foreign, { micros: micros + 100 + index, region: after }));
        own.push(mine.id);
      }
      const { states, last } = await changed(null, 0, limit);
      expect([...states.keys()].toSorted()).toEqual(own.toSorted());
      await context.store.push(a, [], { mode: "merge" });
      expect([...(await changed(last.cursor, last.clockMicros, limit)).states.keys()]).toEqual([a.id]);
    });

    test("begin again when the history is another one", async () => {
      await context.store.push(a, [gauge(a, "m", 1)], { mode: "merge" });
      const { last } = await changed(null, 0);
      const before = await context.replication.standing();
      await context.subject.forgetHistory();
      await context.store.push(b, [gauge(b, "m", 1)], { mode: "merge" });
      expect((await context.replication.standing()).history).not.toBe(before.history);
      const page = await context.replication.changes(last.cursor, 10, { ownAfter: 0 });
      expect(page.reset).toBeTrue();
      expect(page.states.map(({ id }) => id)).toContain(b.id);
    });
  });

  describe("the groups that are asked for", () => {
    test("are those that are known, alive or not", async () => {
      await context.store.push(a, [gauge(a, "m", 1)], { mode: "merge" });
      await context.merge(deletion(b, { micros: await past(), region: after }));
      const states = await context.replication.groups([c.id, b.id, a.id]);
      expect(states.map(({ id, labels }) => [id, labels]).sort()).toEqual(
        [
          [a.id, a.labels],
          [b.id, null],
        ].sort(),
      );
      expect(await context.replication.groups([])).toEqual([]);
    });

    test("can be 500", async () => {
      const owners = Array.from({ length: 500 }, (_, index) => group({ job: `${index}` }));
      const version = { micros: await past(), region: after };
      await context.merge(...owners.map((owner) => posted(owner, version, [gauge(owner, "m", 1)])));
      const states = await context.replication.groups(owners.map(({ id }) => id));
      expect(new Set(states.map(({ id }) => id)).size).toBe(500);
      expect(states.every(({ families }) => families.length === 1)).toBeTrue();
    });
  });

  describe("the versions", () => {
    test.each([1, 4, 100])(
      "in pages of %i are those of all groups, alive or not, without their content",
      async (limit) => {
        const micros = await past();
        const ids: GroupId[] = [];
        for (let index = 0; index < 11; index++) {
          const owner = group({ job: `${index}` });
          ids.push(owner.id);
          await context.merge(
            posted(owner, { micros: micros + index, region: after }, [gauge(owner, "l", 1)]),
          );
          if (index % 3 === 0) await context.store.push(owner, [gauge(owner, "m", 1)], { mode: "merge" });
          if (index % 4 === 0) await context.store.delete(owner.id);
        }
        const versions = await readVersions(context.replication, limit);
        expect([...versions.keys()].toSorted()).toEqual(ids.toSorted());
        for (const [id, state] of versions) {
          const told = await context.told({ id });
          const families = told?.families.map((family) => ({ ...family, text: "" }));
          expect(plainVersions(state, 0)).toEqual({ ...told, families });
          for (const family of state.families)
            expect(Object.keys(family).sort()).toEqual(["name", "version"]);
        }
      },
    );

    test("of an empty store are none", async () => {
      expect(await context.replication.versions(null, 10)).toEqual({ groups: [], next: null });
    });

    test("leave no group out that changes while they are read", async () => {
      const owners = Array.from({ length: 12 }, (_, index) => group({ job: `${index}` }));
      for (const owner of owners) await context.store.push(owner, [], { mode: "merge" });
      const seen = new Map<GroupId, string>();
      let cursor: Parameters<typeof context.replication.versions>[0] = null;
      for (let page = 0; page < 100; page++) {
        const { groups, next } = await context.replication.versions(cursor, 2);
        for (const state of groups) seen.set(state.id, JSON.stringify(state));
        if (next === null) break;
        cursor = next;
        // From the end, the beginning and the middle.
        if (page === 0) await context.store.push(at(owners, 11), [], { mode: "merge" });
        if (page === 1) await context.store.delete(at(owners, 0).id);
        if (page === 2) await context.store.delete(at(owners, 8).id);
        if (page === 3) await context.store.push(at(owners, 1), [], { mode: "replace" });
      }
      expect([...seen.keys()].toSorted()).toEqual(owners.map(({ id }) => id).toSorted());
      for (const id of [8, 11, 1].map((index) => at(owners, index).id)) {
        expect(seen.get(id)).toBe(JSON.stringify((await readVersions(context.replication, 100)).get(id)));
      }
    });
  });

  test("standing tells the history of the cursors, and the clock", async () => {
    await context.store.push(a, [], { mode: "merge" });
    const { history, nowMicros } = await context.replication.standing();
    const [own, page] = [await context.store.changes(null, 10), (await changed(null, 0)).last];
    expect([own.cursor.history, page.cursor.history]).toEqual([history, history]);
    for (const micros of [own.nowMs * 1000, page.nowMicros])
      expect(micros - nowMicros).toBeWithin(-1_000, 10_000_000);
  });
}
