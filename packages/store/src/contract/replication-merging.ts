import type { Group } from "@pushfleet/groups";
import { describe, expect, test } from "vitest";
import { textOf } from "../text-span.ts";
import { at } from "./context.ts";
import { counter, gauge, group } from "./families.ts";
import { Reader } from "./reader.ts";
import {
  after,
  before,
  deletion,
  failure,
  first,
  permutations,
  posted,
  put,
  type ReplicationContext,
} from "./replication-context.ts";

const minuteMicros = 60_000_000;

/** States of other regions beside what is here. */
export function describeMerging(context: ReplicationContext): void {
  const [a, b] = [group({ job: "a" }), group({ job: "b" })];

  describe("merging", () => {
    test("shows what another region has, as it tells it, and puts it into the change feed", async () => {
      const reader = new Reader(context.store);
      await reader.sync();
      const version = { micros: (await context.now()) - 5_000, region: after };
      const told = {
        ...posted(a, version, [gauge(a, "m", 1)]),
        pushed: { version, atMicros: 7 },
        failed: { version, atMicros: 8 },
      };
      expect(await context.merge(told)).toEqual([{ kind: "merged", changed: true }]);
      await reader.sync();
      expect(reader.groups.get(a.id)).toMatchObject({
        labels: a.labels,
        pushedAtMicros: 7,
        failedAtMicros: 8,
        expiresAtMs: null,
        pushedRegion: after,
        families: [
          {
            name: "m",
            type: "gauge",
            text: gauge(a, "m", 1).text,
            pushedAtMicros: version.micros,
            region: after,
          },
        ],
      });
      expect(await context.store.delete(a.id, { ifPushedAtMicros: 6 })).toBeFalse();
      expect(await context.store.delete(a.id, { ifPushedAtMicros: 7 })).toBeTrue();
    });

    test("keeps help, several series and what only protobuf can say", async () => {
      const family = {
        ...gauge(a, "m", 1, [{ x: "ä" }, { x: "2" }]),
        help: "tells\nmuch",
        proto: Buffer.from("not text"),
      };
      await context.merge(posted(a, { micros: (await context.now()) - 1, region: after }, [family]));
      const stored = at((await context.replication.groups([a.id]))[0]?.families ?? [], 0).family;
      expect(stored).toMatchObject({ name: "m", type: "gauge", help: family.help, metricCount: 2 });
      expect(textOf(stored.text)).toBe(family.text);
      expect(Buffer.from(stored.proto ?? []).toString()).toBe("not text");
    });

    test("changes nothing the second time, and nothing with what is older", async () => {
      const now = await context.now();
      const older = posted(a, { micros: now - 20, region: after }, [gauge(a, "m", 1)]);
      const newer = posted(a, { micros: now - 10, region: before }, [gauge(a, "m", 2)]);
      await context.merge(newer);
      const [told, { cursor }] = [await context.told(a), await context.store.end()];
      expect(await context.merge(newer, older)).toEqual([
        { kind: "merged", changed: false },
        { kind: "merged", changed: false },
      ]);
      expect(await context.told(a)).toEqual(told);
      expect((await context.store.end()).cursor).toEqual(cursor);
    });

    test("comes to the same in any order", async () => {
      const now = (await context.now()) - 1_000;
      const states = (owner: Group) => [
        put(owner, { micros: now + 1, region: after }, [gauge(owner, "l", 1), gauge(owner, "m", 1)]),
        posted(owner, { micros: now + 2, region: before }, [gauge(owner, "m", 2)]),
        deletion(owner, { micros: now + 2, region: after }),
        posted(owner, { micros: now + 3, region: after }, [gauge(owner, "n", 3)]),
        failure(owner, { micros: now + 4, region: before }),
      ];
      const outcomes = new Set<string>();
      for (const [index, order] of permutations([0, 1, 2, 3, 4]).entries()) {
        const owner = group({ job: `${index}` });
        for (const next of order) await context.merge(at(states(owner), next));
        outcomes.add(JSON.stringify(await context.told(owner)).replaceAll(`job=\\"${index}\\"`, ""));
      }
      expect([...outcomes]).toHaveLength(1);
      expect(first([...outcomes])).toContain('"status":"alive"');
    });

    test("tells what became of each state, in the order given", async () => {
      const now = await context.now();
      const [early, late] = [
        { micros: now - 2, region: after },
        { micros: now - 1, region: after },
      ];
      await context.merge(posted(b, late, []));
      const far = { micros: now + 2 * minuteMicros, region: after };
      expect(
        await context.merge(
          posted(a, early, []),
          posted(b, early, []),
          deletion(b, far),
          posted(b, late, []),
        ),
      ).toMatchObject([
        { kind: "merged", changed: true },
        { kind: "merged", changed: false },
        { kind: "ahead" },
        { kind: "merged", changed: false },
      ]);
      expect(await context.merge()).toEqual([]);
    });

    test("lets POSTs of different families in two regions both survive, and of the same the later", async () => {
      await context.store.push(a, [gauge(a, "l", 1), gauge(a, "m", 1)], { mode: "merge" });
      const own = (await context.told(a))?.pushed?.atMicros ?? 0;
      await context.merge(posted(a, { micros: own, region: after }, [gauge(a, "m", 2), gauge(a, "n", 2)]));
      expect((await context.told(a))?.families.map(({ text }) => text)).toEqual([
        gauge(a, "l", 1).text,
        gauge(a, "m", 2).text,
        gauge(a, "n", 2).text,
      ]);
      await context.merge(posted(a, { micros: own, region: before }, [gauge(a, "l", 3)]));
      expect((await context.told(a))?.families.at(0)?.text).toBe(gauge(a, "l", 1).text);
    });

    test("lets a PUT drop what is older here, and not what is newer", async () => {
      await context.store.push(a, [gauge(a, "l", 1)], { mode: "replace" });
      const between = await context.now();
      await context.subject.passTime(1);
      await context.store.push(a, [gauge(a, "m", 2)], { mode: "merge" });
      const version = {
        micros: Math.max(between, ((await context.told(a))?.pushed?.atMicros ?? 0) - 1),
        region: after,
      };
      await context.merge(put(a, version, [gauge(a, "n", 3)]));
      expect(await context.shownNames(a)).toEqual(["m", "n"]);
    });

    test("lets a DELETE remove what is older here, and report the removal", async () => {
      const reader = new Reader(context.store);
      await context.store.push(a, [gauge(a, "m", 1)], { mode: "replace" });
      await reader.sync();
      const pushed = await context.told(a);
      await context.merge(deletion(a, { micros: (pushed?.pushed?.atMicros ?? 0) - 1, region: after }));
      expect(await context.shownNames(a)).toEqual(["m"]);
      await context.merge(deletion(a, { micros: pushed?.pushed?.atMicros ?? 0, region: after }));
      await reader.sync();
      expect(reader.has(a)).toBeFalse();
      expect(await context.store.delete(a.id)).toBeFalse();
      await context.store.push(b, [counter(b, "m", 1)], { mode: "replace" });
      await context.merge(
        posted(a, { micros: (pushed?.pushed?.atMicros ?? 0) - 1, region: before }, [gauge(a, "l", 1)]),
      );
      expect(await context.shownNames(a)).toBeUndefined();
    });

    test("remembers the deletion of a group that was not known", async () => {
      const now = await context.now();
      expect(await context.merge(deletion(a, { micros: now, region: after }))).toEqual([
        { kind: "merged", changed: true },
      ]);
      await context.merge(posted(a, { micros: now - 1, region: before }, [gauge(a, "m", 1)]));
      expect(await context.shownNames(a)).toBeUndefined();
      expect(await context.told(a)).toMatchObject({ status: "deleted", deleted: `${now}@${after}` });
    });

    test("keeps the failure that came after a deletion for the group that is created again", async () => {
      const now = (await context.now()) - 1_000;
      await context.merge(deletion(a, { micros: now + 1, region: after }));
      const failed = { version: { micros: now + 2, region: before }, atMicros: now + 2 };
      await context.merge({ ...posted(a, { micros: now, region: before }, [gauge(a, "m", 1)]), failed });
      expect(await context.told(a)).toMatchObject({
        status: "deleted",
        failed: { atMicros: now + 2 },
        families: [],
      });
      expect((await context.shown()).size).toBe(0);
      await context.store.push(a, [gauge(a, "n", 1)], { mode: "merge" });
      expect((await context.shown()).get(a.id)).toMatchObject({
        failedAtMicros: now + 2,
        families: [{ name: "n" }],
      });
    });

    test("of a later failure tells its time, and does not move the end of the group", async () => {
      await context.store.push(a, [gauge(a, "m", 1)], { mode: "merge", ttlMs: 3_600_000 });
      const pushed = await context.told(a);
      await context.store.recordFailure(a);
      const version = { micros: (await context.told(a))?.failed?.atMicros ?? 0, region: after };
      await context.merge(failure(a, { ...version, micros: (pushed?.pushed?.atMicros ?? 0) - 1 }));
      expect(await context.told(a)).toMatchObject({ life: pushed?.life });
      const state = posted(a, { micros: (pushed?.pushed?.atMicros ?? 0) - 1, region: after }, []);
      await context.merge({ ...state, failed: { version, atMicros: 5 } });
      expect(await context.told(a)).toMatchObject({ life: pushed?.life, failed: { atMicros: 5 } });
      await context.store.recordFailure(a, { ttlMs: 1 });
      expect(await context.told(a)).toMatchObject({ life: pushed?.life, status: "alive" });
    });
  });

  describe("a state from ahead", () => {
    const far = { micros: 0, region: after };
    const places = [
      ["floor", (owner: Group, version = far) => deletion(owner, version)],
      ["last push", (owner: Group, version = far) => posted(owner, version, [])],
      ["families", (owner: Group, version = far) => posted(owner, version, [gauge(owner, "m", 1)])],
      ["failure", (owner: Group, version = far) => failure(owner, version)],
    ] as const;

    test.each(places)(
      "of less than a minute is merged, and all that happens here is later than its %s",
      async (_, state) => {
        const micros = (await context.now()) + minuteMicros / 2;
        expect(await context.merge(state(a, { micros, region: after }))).toEqual([
          { kind: "merged", changed: true },
        ]);
        await context.store.push(b, [gauge(b, "m", 1)], { mode: "merge" });
        expect((await context.told(b))?.pushed?.atMicros).toBeGreaterThan(micros);
        await context.store.delete(a.id);
        expect(await context.told(a)).toMatchObject({ status: "deleted" });
      },
    );

    test.each(places)(
      "of more than a minute is refused whole for its %s, and moves nothing",
      async (_, state) => {
        const now = await context.now();
        const micros = now + minuteMicros + 5_000_000;
        const [outcome] = await context.merge(state(a, { micros, region: after }));
        expect(outcome?.kind).toBe("ahead");
        expect(outcome?.kind === "ahead" && outcome.aheadMs).toBeWithin(60_000, 65_001);
        expect(await context.told(a)).toBeUndefined();
        await context.store.push(b, [gauge(b, "m", 1)], { mode: "merge" });
        expect((await context.told(b))?.pushed?.atMicros).toBeLessThan(micros);
      },
    );

    test("does not move the store's clock", async () => {
      const now = await context.now();
      await context.merge(posted(a, { micros: now + minuteMicros / 2, region: after }, []));
      expect(await context.now()).toBeLessThan(now + minuteMicros / 4);
      await context.store.push(b, [], { mode: "merge", ttlMs: 1_000 });
      expect((await context.shown()).get(b.id)?.expiresAtMs).toBeLessThan((now + minuteMicros / 4) / 1000);
    });

    test("is measured by what the store was told", async () => {
      const patient = await context.open({ region: before, maxAheadMs: 3_600_000 });
      const { nowMicros } = await patient.replication.standing();
      const version = { micros: nowMicros + 10 * minuteMicros, region: after };
      expect(await patient.replication.merge([posted(a, version, [])])).toMatchObject([{ kind: "merged" }]);
      await patient[Symbol.asyncDispose]();
    });
  });
}
