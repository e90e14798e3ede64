/**
 * What every GroupStore keeps (see store.ts), as tests. Each implementation runs it from a test file of its own.
 */
import type { AdmittedFamily, Group, GroupId } from "@pushfleet/groups";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { counter, gauge, group, histogram, summary, withEmptyLabel } from "./contract/families.ts";
import { type Outcome, randomOperation, run, StoreModel, seededRandom } from "./contract/model.ts";
import type { Changes, Cursor, GroupState, GroupStore, InconsistencyCode } from "./store.ts";

/** An empty store, of its own for each test. */
export interface StoreUnderTest extends AsyncDisposable {
  readonly store: GroupStore;
  /** Another handle on the same data, as another replica has it; the same object where there is one process only. */
  another(): Promise<GroupStore>;
  /** Lets this much time pass on the store's clock: at least, where that clock is not ours to set. */
  passTime(ms: number): Promise<void>;
  /** Begins a new history of change numbers, as a restart, a failover or a flush does; the data may be lost with it. */
  forgetHistory(): Promise<void>;
  /** How many removals the store remembers at most, once `expire` has run. Best small (some dozens). */
  readonly tombstoneLimit: number;
}

export function describeStoreContract(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`${name} keeps the store contract`, () => {
    let subject: StoreUnderTest;
    let store: GroupStore;

    beforeEach(async () => {
      subject = await open();
      store = subject.store;
    });
    afterEach(async () => {
      await subject[Symbol.asyncDispose]();
    });

    const a = group({ job: "a" });
    const b = group({ job: "b" });

    /** Folds the whole feed from the beginning. */
    const stored = async (): Promise<Map<GroupId, GroupState>> => {
      const reader = new Reader(store);
      await reader.sync();
      return reader.groups;
    };
    const storedGroup = async (wanted: Group): Promise<GroupState> => {
      const state = (await stored()).get(wanted.id);
      if (state === undefined) throw new Error(`no group ${wanted.key}`);
      return state;
    };
    const texts = (state: GroupState): string[] => state.families.map(({ text }) => text).sort();

    describe("push", () => {
      test("stores everything of a family and stamps the group", async () => {
        const pushed = {
          ...gauge(a, "m", 1),
          help: 'a "help"\n with lines',
          proto: new Uint8Array([0, 10, 255]),
        };
        await store.push(a, [pushed, histogram(a, "h", 3)], { mode: "replace" });
        const state = await storedGroup(a);
        expect(state).toMatchObject({ id: a.id, labels: a.labels, failedAtMicros: 0, expiresAtMs: null });
        expect(state.pushedAtMicros).toBeGreaterThan(1e12);
        const { pushedAtMicros } = state;
        const [h, m, ...others] = state.families.toSorted((x, y) => (x.name < y.name ? -1 : 1));
        expect(others).toEqual([]);
        const inBoth = { help: "", metricCount: 1, pushedAtMicros };
        expect(h).toMatchObject({ ...inBoth, name: "h", type: "histogram", text: histogram(a, "h", 3).text });
        expect(h?.proto).toBeUndefined();
        expect(m).toMatchObject({
          ...inBoth,
          name: "m",
          type: "gauge",
          text: pushed.text,
          help: pushed.help,
        });
        expect([...(m?.proto ?? [])]).toEqual([0, 10, 255]);
      });

      test("replace drops the families that are not pushed again", async () => {
        await store.push(a, [gauge(a, "m", 1), gauge(a, "n", 1)], { mode: "replace" });
        await store.push(a, [gauge(a, "n", 2)], { mode: "replace" });
        expect(texts(await storedGroup(a))).toEqual([gauge(a, "n", 2).text]);
      });

      test("merge keeps the families that are not pushed again and replaces the others whole", async () => {
        const two = gauge(a, "n", 1, [{ x: "1" }, { x: "2" }]);
        await store.push(a, [gauge(a, "m", 1), two], { mode: "replace" });
        await store.push(a, [gauge(a, "n", 2, [{ x: "1" }])], { mode: "merge" });
        expect(texts(await storedGroup(a))).toEqual([
          gauge(a, "m", 1).text,
          gauge(a, "n", 2, [{ x: "1" }]).text,
        ]);
      });

      test("each family tells when it was pushed, which a merge of others does not change", async () => {
        await store.push(a, [gauge(a, "m", 1)], { mode: "replace" });
        const first = await storedGroup(a);
        await store.push(a, [gauge(a, "n", 1)], { mode: "merge" });
        await store.recordFailure(a);
        const second = await storedGroup(a);
        const times = new Map(second.families.map(({ name, pushedAtMicros }) => [name, pushedAtMicros]));
        expect(times.get("m")).toBe(first.pushedAtMicros);
        expect(times.get("n")).toBe(second.pushedAtMicros);
      });

      test("an empty replace empties the group, an empty merge stamps it only; both create it", async () => {
        await store.push(a, [], { mode: "replace" });
        await store.push(b, [], { mode: "merge" });
        expect((await storedGroup(a)).families).toEqual([]);
        expect((await storedGroup(b)).pushedAtMicros).toBeGreaterThan(0);
        await store.push(a, [gauge(a, "m", 1)], { mode: "merge" });
        const before = await storedGroup(a);
        await store.push(a, [], { mode: "merge" });
        const merged = await storedGroup(a);
        expect(merged.families).toHaveLength(1);
        expect(merged.pushedAtMicros).toBeGreaterThan(before.pushedAtMicros);
        await store.push(a, [], { mode: "replace" });
        expect((await storedGroup(a)).families).toEqual([]);
      });

      test("push times of successive pushes increase strictly", async () => {
        for (let round = 0; round < 50; round++) {
          await store.push(a, [], { mode: "merge" });
          await store.push(b, [], { mode: "merge" });
          const [first, second] = [await storedGroup(a), await storedGroup(b)];
          expect(second.pushedAtMicros).toBeGreaterThan(first.pushedAtMicros);
        }
      });

      test("names that JavaScript and Lua objects know already are names like any other", async () => {
        const names = ["__proto__", "constructor", "hasOwnProperty", "toString", "labels", "seq", "f:m"];
        const odd = group({ job: "__proto__", constructor: "prototype" });
        await store.push(
          odd,
          names.map((each) => gauge(odd, each, 1)),
          { mode: "replace" },
        );
        const state = await storedGroup(odd);
        expect(state.families.map((family) => family.name).sort()).toEqual(names.toSorted());
        await expectConflict(store, a, [counter(a, "__proto__", 1)], "type-conflict");
        expect(await store.delete(odd.id)).toBeTrue();
        await store.push(a, [counter(a, "__proto__", 1)], { mode: "replace" });
      });

      test("values with separators, line ends and any Unicode come back as they were", async () => {
        const strange = group({ job: 'a"\\\n{},=', "ünï.code": "💥\u0000\u007f" });
        await store.push(strange, [gauge(strange, "m", 1)], { mode: "replace" });
        const state = await storedGroup(strange);
        expect(state.labels).toEqual(strange.labels);
        expect(texts(state)).toEqual([gauge(strange, "m", 1).text]);
      });

      test("big families are stored whole and checked quickly", async () => {
        const many = Array.from({ length: 5_000 }, (_, index) => ({ instance: `host-${index}` }));
        const big = gauge(a, "m", 1, many);
        await store.push(a, [big], { mode: "replace" });
        expect(texts(await storedGroup(a))).toEqual([big.text]);
        const one = group({ job: "a", instance: "host-4999" });
        await expectConflict(store, one, [gauge(one, "m", 1)], "duplicate-series");
        const apart = group({ job: "a", zone: "z" });
        await store.push(apart, [gauge(apart, "m", 1, many)], { mode: "replace" });
        await store.push(a, [gauge(a, "m", 2, many)], { mode: "merge" });
      });
    });

    describe("failure times", () => {
      test("recordFailure creates a missing group without families, never pushed", async () => {
        await store.recordFailure(a);
        const state = await storedGroup(a);
        expect(state).toMatchObject({ pushedAtMicros: 0, families: [], labels: a.labels, expiresAtMs: null });
        expect(state.failedAtMicros).toBeGreaterThan(1e12);
      });

      test("recordFailure leaves families, push time and time to live alone", async () => {
        await store.push(a, [gauge(a, "m", 1)], { mode: "replace", ttlMs: 60_000 });
        const before = await storedGroup(a);
        await store.recordFailure(a);
        const after = await storedGroup(a);
        expect(after.failedAtMicros).toBeGreaterThan(before.pushedAtMicros);
        expect({ ...after, failedAtMicros: 0, change: 0 }).toEqual({ ...before, change: 0 });
      });

      test("both push modes keep the failure time; delete drops it", async () => {
        await store.recordFailure(a);
        const { failedAtMicros } = await storedGroup(a);
        await store.push(a, [gauge(a, "m", 1)], { mode: "replace" });
        await store.push(a, [gauge(a, "m", 1)], { mode: "merge" });
        expect(await storedGroup(a)).toMatchObject({ failedAtMicros });
        await store.delete(a.id);
        await store.push(a, [gauge(a, "m", 1)], { mode: "merge" });
        expect(await storedGroup(a)).toMatchObject({ failedAtMicros: 0 });
      });
    });

    describe("delete and wipe", () => {
      test("delete tells whether there was a group", async () => {
        expect(await store.delete(a.id)).toBeFalse();
        await store.push(a, [gauge(a, "m", 1)], { mode: "replace" });
        await store.push(b, [gauge(b, "m", 1)], { mode: "replace" });
        expect(await store.delete(a.id)).toBeTrue();
        expect(await store.delete(a.id)).toBeFalse();
        expect([...(await stored()).keys()]).toEqual([b.id]);
      });

      test("a deleted group starts anew", async () => {
        await store.push(a, [gauge(a, "m", 1)], { mode: "replace", ttlMs: 60_000 });
        await store.delete(a.id);
        await store.push(a, [gauge(a, "n", 1)], { mode: "merge" });
        const state = await storedGroup(a);
        expect(texts(state)).toEqual([gauge(a, "n", 1).text]);
        expect(state.expiresAtMs).toBeNull();
      });

      test("wipe removes everything, says how much it was, and frees all names", async () => {
        expect(await store.wipe()).toBe(0);
        await store.push(a, [gauge(a, "m", 1)], { mode: "replace" });
        await store.push(b, [gauge(b, "m", 1), histogram(b, "h", 1)], { mode: "replace" });
        await store.recordFailure(group({ job: "c" }));
        expect(await store.wipe()).toBe(3);
        expect((await stored()).size).toBe(0);
        await store.push(b, [counter(b, "m", 1), gauge(b, "h_count", 1)], { mode: "replace" });
        expect((await stored()).size).toBe(1);
      });
    });

    describe("type conflicts", () => {
      test("a name has one type across groups", async () => {
        await store.push(a, [gauge(a, "m", 1)], { mode: "replace" });
        const error = await expectConflict(store, b, [counter(b, "m", 1)], "type-conflict");
        expect(error.message).toMatch(/collected metric "m" .*is not a GAUGE.*counter/);
        await store.push(b, [gauge(b, "m", 1)], { mode: "replace" });
      });

      test("the only holder of a name may change its type, in both modes", async () => {
        await store.push(a, [gauge(a, "m", 1)], { mode: "replace" });
        await store.push(a, [counter(a, "m", 1)], { mode: "merge" });
        await store.push(a, [histogram(a, "m", 1)], { mode: "replace" });
        await store.push(b, [histogram(b, "m", 1)], { mode: "replace" });
        await expectConflict(store, a, [gauge(a, "m", 1)], "type-conflict");
        await store.delete(b.id);
        await store.push(a, [gauge(a, "m", 1)], { mode: "merge" });
        expect((await storedGroup(a)).families).toMatchObject([{ name: "m", type: "gauge" }]);
      });

      test("pushing a family again does not count its group twice", async () => {
        for (let round = 0; round < 3; round++)
          await store.push(a, [gauge(a, "m", round)], { mode: "merge" });
        for (let round = 0; round < 3; round++)
          await store.push(a, [gauge(a, "m", round)], { mode: "replace" });
        await store.push(a, [], { mode: "replace" });
        await store.push(b, [counter(b, "m", 1)], { mode: "replace" });
      });

      test("a family without metrics holds its type like any other", async () => {
        const empty: AdmittedFamily = { name: "m", type: "gauge", help: "", text: "", metrics: [] };
        await store.push(a, [empty], { mode: "replace" });
        await expectConflict(store, b, [{ ...empty, type: "counter" }], "type-conflict");
      });
    });

    describe("suffix collisions", () => {
      const cases: [
        held: (g: Group) => AdmittedFamily,
        pushed: (g: Group) => AdmittedFamily,
        collide: boolean,
      ][] = [
        [(g) => histogram(g, "x", 1), (g) => gauge(g, "x_count", 1), true],
        [(g) => histogram(g, "x", 1), (g) => counter(g, "x_sum", 1), true],
        [(g) => histogram(g, "x", 1), (g) => gauge(g, "x_bucket", 1), true],
        [(g) => histogram(g, "x", 1, "gaugehistogram"), (g) => gauge(g, "x_bucket", 1), true],
        [(g) => summary(g, "x", 1), (g) => gauge(g, "x_count", 1), true],
        [(g) => summary(g, "x", 1), (g) => gauge(g, "x_sum", 1), true],
        [(g) => summary(g, "x", 1), (g) => gauge(g, "x_bucket", 1), false],
        [(g) => summary(g, "x", 1), (g) => gauge(g, "x_total", 1), false],
        [(g) => gauge(g, "x", 1), (g) => gauge(g, "x_count", 1), false],
      ];

      test.each(cases)("case %#, in two groups and either order", async (held, pushed, collide) => {
        for (const [first, second] of [
          [held, pushed],
          [pushed, held],
        ] as const) {
          await store.wipe();
          await store.push(a, [first(a)], { mode: "replace" });
          if (collide) await expectConflict(store, b, [second(b)], "suffix-collision");
          else await store.push(b, [second(b)], { mode: "replace" });
        }
      });

      test.each(cases.filter(([, , collide]) => collide))(
        "case %#, with what a merge leaves in the group, but not with what a replace drops",
        async (held, pushed) => {
          for (const [first, second] of [
            [held, pushed],
            [pushed, held],
          ] as const) {
            await store.wipe();
            await store.push(a, [first(a)], { mode: "replace" });
            await expectConflict(store, a, [second(a)], "suffix-collision");
            await store.push(a, [second(a)], { mode: "replace" });
          }
        },
      );

      test("the message names both families", async () => {
        await store.push(a, [summary(a, "x", 1)], { mode: "replace" });
        const shorter = await expectConflict(store, b, [gauge(b, "x_sum", 1)], "suffix-collision");
        expect(shorter.message).toContain(
          'collected metric named "x_sum" collides with previously collected summary named "x"',
        );
        await store.push(a, [gauge(a, "x_sum", 1)], { mode: "replace" });
        const longer = await expectConflict(store, b, [summary(b, "x", 1)], "suffix-collision");
        expect(longer.message).toContain(
          'collected histogram or summary named "x" collides with previously collected metric named "x_sum"',
        );
      });

      test("a merge that turns the histogram into a gauge may push its suffixes too", async () => {
        await store.push(a, [histogram(a, "x", 1)], { mode: "replace" });
        await store.push(a, [gauge(a, "x", 1), gauge(a, "x_count", 1)], { mode: "merge" });
        await expectConflict(store, a, [histogram(a, "x", 1)], "suffix-collision");
      });
    });

    describe("duplicate series", () => {
      const wide = group({ job: "a" });
      const narrow = group({ job: "a", instance: "x" });

      test("a group with fewer labels may not hold a series of one with more, nor the other way round", async () => {
        await store.push(wide, [gauge(wide, "m", 1, [{ instance: "w" }, { instance: "x" }])], {
          mode: "replace",
        });
        const error = await expectConflict(store, narrow, [gauge(narrow, "m", 1)], "duplicate-series");
        expect(error.message).toMatch(
          /^collected metric "m" \{ label:\{name:"instance" value:"x"\} label:\{name:"job" value:"a"\} \} was collected before with the same name and label values/,
        );
        await store.delete(wide.id);
        await store.push(narrow, [gauge(narrow, "m", 1)], { mode: "replace" });
        await expectConflict(store, wide, [gauge(wide, "m", 1, [{ instance: "x" }])], "duplicate-series");
        await store.push(wide, [gauge(wide, "m", 1, [{ instance: "w" }])], { mode: "replace" });
      });

      test("shapes of which neither contains the other collide as well", async () => {
        const zone = group({ job: "a", zone: "z" });
        await store.push(narrow, [gauge(narrow, "m", 1, [{ zone: "z" }])], { mode: "replace" });
        await expectConflict(store, zone, [gauge(zone, "m", 1, [{ instance: "x" }])], "duplicate-series");
        await store.push(zone, [gauge(zone, "m", 1, [{ instance: "y" }])], { mode: "replace" });
      });

      test.each([
        ["summary", summary],
        ["histogram", histogram],
      ] as const)("of a %s as well", async (_, build) => {
        await store.push(narrow, [build(narrow, "m", 1)], { mode: "replace" });
        const inWide: AdmittedFamily = build(narrow, "m", 2);
        await expectConflict(store, wide, [inWide], "duplicate-series");
      });

      test("series that differ in name, in one label or in job do not collide", async () => {
        const other = group({ job: "b", instance: "x" });
        await store.push(wide, [gauge(wide, "m", 1, [{ instance: "x", extra: "1" }])], { mode: "replace" });
        await store.push(narrow, [gauge(narrow, "m", 1), gauge(narrow, "n", 1)], { mode: "replace" });
        await store.push(other, [gauge(other, "m", 1, [{ extra: "1" }])], { mode: "replace" });
        await store.push(wide, [gauge(wide, "n", 1)], { mode: "merge" });
        expect((await stored()).size).toBe(3);
      });

      test("a series whose identity is the end of another's, or stands inside a label value, does not collide", async () => {
        const identity = gauge(narrow, "m", 1).metrics[0]?.identity ?? "";
        await store.push(wide, [gauge(wide, "mm", 1, [{ instance: "x" }])], { mode: "replace" });
        await store.push(wide, [gauge(wide, "m", 1, [{ instance: `\n${identity}` }])], { mode: "merge" });
        await store.push(narrow, [gauge(narrow, "m", 1)], { mode: "replace" });
      });

      test("labels printed with empty values do not hide a duplicate", async () => {
        const hidden = withEmptyLabel(gauge(wide, "m", 1, [{ instance: "x" }]));
        await store.push(wide, [hidden], { mode: "replace" });
        await expectConflict(store, narrow, [gauge(narrow, "m", 1)], "duplicate-series");
        await expectConflict(store, narrow, [withEmptyLabel(gauge(narrow, "m", 1))], "duplicate-series");
        await store.wipe();
        await store.push(narrow, [gauge(narrow, "m", 1)], { mode: "replace" });
        await expectConflict(store, wide, [hidden], "duplicate-series");
        await store.push(narrow, [], { mode: "replace" });
        await store.push(wide, [hidden], { mode: "replace" });
      });

      test("a family with many series is searched as thoroughly as one with few", async () => {
        const many = Array.from({ length: 40 }, (_, index) => ({ instance: "x", n: `${index}` }));
        await store.push(wide, [gauge(wide, "m", 1, many), withEmptyLabel(gauge(wide, "n", 1, many))], {
          mode: "replace",
        });
        const inNarrow = (numbers: number[]) => numbers.map((n) => ({ n: `${n}` }));
        const fresh = Array.from({ length: 20 }, (_, index) => index + 100);
        await store.push(narrow, [gauge(narrow, "m", 1, inNarrow(fresh))], { mode: "replace" });
        await expectConflict(
          store,
          narrow,
          [gauge(narrow, "m", 1, inNarrow([...fresh, 39]))],
          "duplicate-series",
        );
        await expectConflict(
          store,
          narrow,
          [gauge(narrow, "n", 1, inNarrow([...fresh, 0]))],
          "duplicate-series",
        );
      });

      test("what a push drops from its own group is no duplicate, what a rejected push brought neither", async () => {
        await store.push(narrow, [gauge(narrow, "m", 1)], { mode: "replace" });
        await store.push(narrow, [gauge(narrow, "m", 2)], { mode: "merge" });
        await store.push(narrow, [gauge(narrow, "n", 2)], { mode: "replace" });
        await store.push(wide, [gauge(wide, "m", 1, [{ instance: "x" }])], { mode: "replace" });
      });
    });

    test("a rejected push leaves nothing, not even a group, and changes nothing", async () => {
      const narrow = group({ job: "a", instance: "x" });
      await store.push(a, [gauge(a, "m", 1), histogram(a, "h", 1), gauge(a, "s", 1, [{ instance: "x" }])], {
        mode: "replace",
      });
      await store.push(b, [gauge(b, "only_b", 1)], { mode: "replace" });
      const before = await stored();
      const good = (g: Group) => [gauge(g, "fresh", 1), gauge(g, "fresher", 1)];
      for (const target of [b, narrow]) {
        await expectConflict(store, target, [...good(target), counter(target, "m", 1)], "type-conflict");
        await expectConflict(store, target, [...good(target), gauge(target, "h_sum", 1)], "suffix-collision");
      }
      await expectConflict(store, narrow, [...good(narrow), gauge(narrow, "s", 1)], "duplicate-series");
      expect(await stored()).toEqual(before);
      await store.push(b, [counter(b, "fresh", 1), histogram(b, "fresher", 1)], { mode: "replace" });
      expect(await store.delete(narrow.id)).toBeFalse();
    });

    describe("time to live", () => {
      const ttlMs = 40;

      test("the group carries the moment its last push runs out", async () => {
        await store.push(a, [gauge(a, "m", 1)], { mode: "replace", ttlMs: 60_000 });
        const first = await storedGroup(a);
        expect(first.expiresAtMs).toBeWithin(
          Math.floor(first.pushedAtMicros / 1000) + 60_000,
          Math.ceil(first.pushedAtMicros / 1000) + 60_001,
        );
        await store.push(a, [gauge(a, "m", 1)], { mode: "merge", ttlMs: 120_000 });
        expect((await storedGroup(a)).expiresAtMs).toBeGreaterThan((first.expiresAtMs ?? 0) + 59_999);
        await store.push(a, [gauge(a, "m", 1)], { mode: "merge" });
        expect((await storedGroup(a)).expiresAtMs).toBeNull();
      });

      test("an expired group is reported as expired, if at all", async () => {
        await store.push(a, [gauge(a, "m", 1)], { mode: "replace", ttlMs });
        await subject.passTime(ttlMs);
        const page = await store.changes(null, 100);
        for (const state of page.upserts) expect(state.expiresAtMs).toBeLessThanOrEqual(page.nowMs);
      });

      test("expire removes expired groups only, oldest first, and reports the removal", async () => {
        const reader = new Reader(store);
        const groups = Array.from({ length: 6 }, (_, index) => group({ job: "ttl", instance: `${index}` }));
        // Pushed in an order that is not the order of expiry.
        for (const [index, ttl] of [30, 10, 50, 20, 60, 40].entries()) {
          const target = at(groups, index);
          await store.push(target, [gauge(target, "m", 1)], { mode: "replace", ttlMs: ttl * 10 });
        }
        await store.push(a, [], { mode: "replace", ttlMs: 3_600_000 });
        await store.push(b, [], { mode: "replace" });
        await reader.sync();
        expect(await store.expire(100)).toBe(0);
        await subject.passTime(600);
        expect(await store.expire(2)).toBe(2);
        await reader.sync();
        expect(reader.has(at(groups, 1)) || reader.has(at(groups, 3))).toBeFalse();
        expect(await store.expire(4)).toBe(4);
        expect(await store.expire(4)).toBe(0);
        await reader.sync();
        expect([...reader.groups.keys()].toSorted()).toEqual([a.id, b.id].toSorted());
        expect(await store.delete(at(groups, 0).id)).toBeFalse();
      });

      test("a push before expiry keeps the group beyond it", async () => {
        await store.push(a, [gauge(a, "m", 1)], { mode: "replace", ttlMs });
        await store.push(a, [gauge(a, "m", 2)], { mode: "merge", ttlMs: 3_600_000 });
        await store.push(b, [gauge(b, "m", 1)], { mode: "replace", ttlMs });
        await store.push(b, [gauge(b, "m", 2)], { mode: "merge" });
        await subject.passTime(ttlMs);
        expect(await store.expire(100)).toBe(0);
        expect((await stored()).size).toBe(2);
      });

      test("a push that shortens the time to live is heard", async () => {
        await store.push(a, [], { mode: "replace", ttlMs: 3_600_000 });
        await store.push(a, [], { mode: "replace", ttlMs });
        await subject.passTime(ttlMs);
        expect(await store.expire(100)).toBe(1);
      });

      test("an expired group counts as absent for the next push to it", async () => {
        await store.recordFailure(a);
        await store.push(a, [gauge(a, "m", 1), histogram(a, "h", 1)], { mode: "replace", ttlMs });
        await subject.passTime(ttlMs);
        await store.push(a, [gauge(a, "h_count", 1)], { mode: "merge" });
        const state = await storedGroup(a);
        expect(texts(state)).toEqual([gauge(a, "h_count", 1).text]);
        expect(state).toMatchObject({ failedAtMicros: 0, expiresAtMs: null });
        expect(await store.expire(100)).toBe(0);
      });

      test("an expired group counts as absent for delete and recordFailure", async () => {
        await store.push(a, [gauge(a, "m", 1)], { mode: "replace", ttlMs });
        await store.push(b, [gauge(b, "m", 1)], { mode: "replace", ttlMs });
        await subject.passTime(ttlMs);
        expect(await store.delete(a.id)).toBeFalse();
        await store.recordFailure(b);
        expect(await storedGroup(b)).toMatchObject({ families: [], pushedAtMicros: 0, expiresAtMs: null });
        await store.push(a, [counter(a, "m", 1)], { mode: "replace" });
      });

      test.each([
        ["type", (g: Group) => [counter(g, "m", 1)]],
        ["suffix", (g: Group) => [gauge(g, "h_sum", 1)]],
        ["duplicate", (g: Group) => [gauge(g, "s", 1)]],
      ] as const)("an expired group causes no %s conflict, reaped or not", async (_, families) => {
        const narrow = group({ job: "a", instance: "x" });
        const all = [gauge(a, "m", 1), histogram(a, "h", 1), gauge(a, "s", 1, [{ instance: "x" }])];
        await store.push(a, all, { mode: "replace", ttlMs });
        await subject.passTime(ttlMs);
        await store.push(narrow, families(narrow), { mode: "replace" });
        expect((await storedGroup(narrow)).families).toHaveLength(1);
      });

      test("a push that races with expiry wins", async () => {
        for (let round = 0; round < 10; round++) {
          await store.push(a, [gauge(a, "m", round)], { mode: "replace", ttlMs: 5 });
          await subject.passTime(5);
          const push = () => store.push(a, [gauge(a, "m", -round)], { mode: "merge" });
          const expire = () => store.expire(10);
          await Promise.all(round % 2 === 0 ? [push(), expire()] : [expire(), push()]);
          expect(texts(await storedGroup(a))).toEqual([gauge(a, "m", -round).text]);
        }
      });
    });

    describe("changes", () => {
      test("of an empty store are none", async () => {
        const page = await store.changes(null, 10);
        expect(page).toMatchObject({ upserts: [], removals: [], reset: true, more: false });
        expect(page.nowMs).toBeGreaterThan(1e12);
        expect(await store.changes(page.cursor, 10)).toMatchObject({
          upserts: [],
          removals: [],
          reset: false,
          more: false,
          cursor: page.cursor,
        });
      });

      test("tell what changed since the cursor, once, with its newest state", async () => {
        const all = Array.from({ length: 5 }, (_, index) => group({ job: `${index}` }));
        for (const each of all) await store.push(each, [gauge(each, "m", 1)], { mode: "replace" });
        const { cursor } = await store.changes(null, 100);
        await store.push(at(all, 3), [gauge(at(all, 3), "m", 2)], { mode: "replace" });
        await store.delete(at(all, 1).id);
        await store.recordFailure(at(all, 0));
        await store.push(at(all, 3), [gauge(at(all, 3), "m", 3)], { mode: "merge" });
        const page = await store.changes(cursor, 100);
        expect(page).toMatchObject({ reset: false, more: false, removals: [at(all, 1).id] });
        expect(page.upserts.map(({ id }) => id)).toEqual([at(all, 0).id, at(all, 3).id]);
        expect(page.upserts[1]?.families[0]?.text).toBe(gauge(at(all, 3), "m", 3).text);
        expect((await store.changes(page.cursor, 100)).upserts).toEqual([]);
        // An old cursor is as good as new.
        expect(await store.changes(cursor, 100)).toMatchObject({
          upserts: page.upserts,
          removals: page.removals,
        });
      });

      test("come in the order of their change numbers", async () => {
        const all = Array.from({ length: 20 }, (_, index) => group({ job: `${index}` }));
        for (const each of all) await store.push(each, [], { mode: "replace" });
        for (const index of [7, 3, 11]) await store.push(at(all, index), [], { mode: "replace" });
        const numbers = (await store.changes(null, 100)).upserts.map(({ change }) => change);
        expect(numbers).toHaveLength(20);
        expect(numbers).toEqual(numbers.toSorted((x, y) => x - y));
      });

      test("a group deleted and pushed again is an upsert, one pushed and deleted a removal", async () => {
        await store.push(a, [gauge(a, "m", 1)], { mode: "replace" });
        const { cursor } = await store.changes(null, 10);
        await store.delete(a.id);
        await store.push(a, [gauge(a, "n", 1)], { mode: "replace" });
        await store.push(b, [gauge(b, "n", 1)], { mode: "replace" });
        await store.delete(b.id);
        const page = await store.changes(cursor, 10);
        expect(page.upserts.map(({ id }) => id)).toEqual([a.id]);
        expect(page.removals).toEqual([b.id]);
      });

      test("report what wipe removed", async () => {
        const reader = new Reader(store);
        for (const each of [a, b]) await store.push(each, [gauge(each, "m", 1)], { mode: "replace" });
        await reader.sync();
        await store.wipe();
        await store.push(b, [gauge(b, "m", 2)], { mode: "replace" });
        await reader.sync();
        expect([...reader.groups.keys()]).toEqual([b.id]);
      });

      test.each([1, 2, 7, 1000])("in pages of %i fold to the same state", async (limit) => {
        const reader = new Reader(store, limit);
        const all = Array.from({ length: 25 }, (_, index) => group({ job: "p", instance: `${index}` }));
        for (const each of all) await store.push(each, [gauge(each, "m", 1)], { mode: "replace" });
        await reader.sync();
        expect(reader.groups).toEqual(await stored());
        for (const index of [0, 4, 8, 12]) await store.delete(at(all, index).id);
        for (const index of [4, 5, 6, 7, 8, 9]) await store.push(at(all, index), [], { mode: "replace" });
        await reader.sync();
        expect(reader.groups).toEqual(await stored());
        expect(reader.groups.size).toBe(23);
        expect(reader.resets).toBe(1);
        expect(reader.largestPage).toBeLessThanOrEqual(limit);
      });

      test("between the pages of a listing are folded in by its last page", async () => {
        const all = Array.from({ length: 6 }, (_, index) => group({ job: `${index}` }));
        for (const each of all) await store.push(each, [gauge(each, "m", 1)], { mode: "replace" });
        const reader = new Reader(store, 2);
        await reader.page();
        await store.delete(at(all, 0).id);
        await store.delete(at(all, 5).id);
        await store.push(at(all, 1), [gauge(at(all, 1), "m", 2)], { mode: "replace" });
        await reader.sync();
        expect(reader.groups).toEqual(await stored());
        expect(reader.groups.size).toBe(4);
      });

      test("start again after the history was lost", async () => {
        const reader = new Reader(store, 2);
        for (const each of [a, b]) await store.push(each, [gauge(each, "m", 1)], { mode: "replace" });
        await reader.sync();
        await subject.forgetHistory();
        // A new store may have taken the place of the old one.
        store = subject.store;
        reader.store = store;
        await store.wipe();
        await store.push(b, [gauge(b, "m", 1)], { mode: "replace" });
        await reader.sync();
        expect(reader.resets).toBe(2);
        expect([...reader.groups.keys()]).toEqual([b.id]);
        expect(await store.changes({ history: "none of ours", change: 1 }, 10)).toMatchObject({
          reset: true,
        });
      });

      test("start again when more was removed than the store remembers, and not before", async () => {
        await store.push(a, [gauge(a, "m", 1)], { mode: "replace" });
        const reader = new Reader(store);
        await reader.sync();
        const create = async (count: number) => {
          for (let index = 0; index < count; index++)
            await store.push(group({ job: "gone", n: `${index}` }), [], { mode: "replace" });
        };
        const remove = async (count: number) => {
          for (let index = 0; index < count; index++)
            await store.delete(group({ job: "gone", n: `${index}` }).id);
          await store.expire(1000);
        };
        await create(subject.tombstoneLimit);
        await remove(subject.tombstoneLimit);
        await reader.sync();
        expect(reader.resets).toBe(1);
        const behind = reader.cursor;
        await create(subject.tombstoneLimit + 1);
        await remove(subject.tombstoneLimit + 1);
        reader.cursor = behind;
        await reader.sync();
        expect(reader.resets).toBe(2);
        expect([...reader.groups.keys()]).toEqual([a.id]);
      });

      test("of a listing in small pages end although tombstones newer than its first groups were trimmed", async () => {
        for (const each of [a, b]) await store.push(each, [gauge(each, "m", 1)], { mode: "replace" });
        for (let index = 0; index < subject.tombstoneLimit + 5; index++) {
          const passing = group({ job: "gone", n: `${index}` });
          await store.push(passing, [], { mode: "replace" });
          await store.delete(passing.id);
        }
        await store.expire(1000);
        const reader = new Reader(store, 1);
        await reader.sync();
        expect(reader.resets).toBe(1);
        expect([...reader.groups.keys()].toSorted()).toEqual([a.id, b.id].toSorted());
        await store.delete(a.id);
        await reader.sync();
        expect(reader.resets).toBe(1);
        expect([...reader.groups.keys()]).toEqual([b.id]);
      });
    });

    test("what one handle acknowledged, another shows", async () => {
      const second = await subject.another();
      const reader = new Reader(second);
      for (let round = 0; round < 20; round++) {
        await store.push(a, [gauge(a, "m", round)], { mode: "replace" });
        await reader.sync();
        expect(reader.groups.get(a.id)?.families[0]?.text).toBe(gauge(a, "m", round).text);
      }
      await expectConflict(second, b, [counter(b, "m", 1)], "type-conflict");
      expect(await second.delete(a.id)).toBeTrue();
      expect(await store.delete(a.id)).toBeFalse();
    });

    test("is ready", async () => {
      await expect(store.ready()).resolves.toBeUndefined();
    });

    test("2,000 random operations do what a model does that checks everything every time", async () => {
      const random = seededRandom(20_250_101);
      const model = new StoreModel();
      const reader = new Reader(store, 3);
      const outcomes = new Map<Outcome, number>();
      for (let step = 0; step < 2_000; step++) {
        const operation = randomOperation(random);
        const possible = model.apply(operation);
        const outcome = await run(operation, store);
        if (!possible.includes(outcome)) {
          throw new Error(
            `step ${step}: ${JSON.stringify(operation)} gave ${outcome}, expected ${possible.join(" or ")}`,
          );
        }
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
        if (random() < 0.1 || step === 1_999) {
          await reader.sync();
          const folded = [...reader.groups.values()].map((state) => [state.id, texts(state)] as const);
          expect(new Map(folded)).toEqual(model.texts());
        }
      }
      // Otherwise the numbers above prove little.
      for (const outcome of [
        "ok",
        "absent",
        "type-conflict",
        "suffix-collision",
        "duplicate-series",
      ] as const) {
        expect(outcomes.get(outcome) ?? 0, outcome).toBeGreaterThan(20);
      }
    });

    test("concurrent pushers and readers: acknowledged is visible, groups are whole, deletions are seen", async () => {
      const rounds = 60;
      const logs = Array.from(
        { length: 4 },
        (_, index) => new PushLog(group({ job: "c", instance: `${index}` })),
      );
      const handles = [store, await subject.another()];
      const handle = (index: number) => at(handles, index % handles.length);
      let pushing = logs.length;

      const pusher = async (log: PushLog, index: number) => {
        for (let number = 1; number <= rounds; number++) {
          const removes = number % 7 === 0;
          log.issued.push(removes ? "delete" : "push");
          if (removes) await handle(index).delete(log.group.id);
          else {
            const families = [gauge(log.group, "m", number), gauge(log.group, "n", number)];
            await handle(index).push(log.group, families, { mode: number % 2 === 0 ? "merge" : "replace" });
          }
          log.acknowledged = number;
        }
        pushing--;
      };
      const readUntilDone = async (index: number) => {
        const reader = new Reader(handle(index), index + 1);
        let last = false;
        while (!last) {
          last = pushing === 0;
          const seen = logs.map((log) => log.acknowledged);
          await reader.sync();
          for (const [which, log] of logs.entries()) {
            log.expectPlausible(reader.groups.get(log.group.id), at(seen, which));
          }
        }
        return reader.groups;
      };

      const [first, ...others] = (
        await Promise.all([Promise.all([0, 1, 2].map(readUntilDone)), Promise.all(logs.map(pusher))])
      )[0];
      expect(first?.size).toBe(logs.length);
      for (const other of others) expect(other).toEqual(first);
    });
  });
}

/** A copy of the store kept up to date from its change feed, as the view does it. */
class Reader {
  readonly groups = new Map<GroupId, GroupState>();
  cursor: Cursor | null = null;
  resets = 0;
  largestPage = 0;
  store: GroupStore;
  readonly #limit: number;

  constructor(store: GroupStore, limit = 1000) {
    this.store = store;
    this.#limit = limit;
  }

  async page(): Promise<Changes> {
    const page = await this.store.changes(this.cursor, this.#limit);
    if (page.reset) {
      this.groups.clear();
      this.resets++;
    }
    for (const state of page.upserts) this.groups.set(state.id, state);
    for (const id of page.removals) this.groups.delete(id);
    this.largestPage = Math.max(this.largestPage, page.upserts.length + page.removals.length);
    this.cursor = page.cursor;
    return page;
  }

  async sync(): Promise<void> {
    // A feed that never ends would otherwise hang the suite.
    for (let pages = 0; pages < 10_000; pages++) {
      if (!(await this.page()).more) return;
    }
    throw new Error("the change feed does not end");
  }

  has(wanted: Group): boolean {
    return this.groups.has(wanted.id);
  }
}

/** What one pusher did to its group: operation n, counted from 1, pushed the value n or deleted the group. */
class PushLog {
  readonly group: Group;
  readonly issued: ("push" | "delete")[] = [];
  acknowledged = 0;

  constructor(own: Group) {
    this.group = own;
  }

  /** Fails unless the group is in the state after some operation not older than `atLeast`, and whole. */
  expectPlausible(state: GroupState | undefined, atLeast: number): void {
    // Operation atLeast itself and those after it.
    const candidates = this.issued.slice(Math.max(atLeast - 1, 0));
    if (state === undefined) {
      const gone = atLeast === 0 || candidates.includes("delete");
      expect(gone, `${this.group.key} vanished after operation ${atLeast}`).toBeTrue();
      return;
    }
    const values = state.families.map(({ text }) => Number(text.slice(text.lastIndexOf(" "))));
    expect(values).toHaveLength(2);
    expect(values[0]).toBe(values[1]);
    expect(values[0]).toBeWithin(atLeast, this.issued.length + 1);
    expect(this.issued[(values[0] ?? 0) - 1]).toBe("push");
  }
}

/** Merges, because that is the stricter mode: nothing of the group is dropped. */
async function expectConflict(
  store: GroupStore,
  target: Group,
  families: readonly AdmittedFamily[],
  code: InconsistencyCode,
): Promise<Error> {
  const error = await store.push(target, families, { mode: "merge" }).then(
    () => new Error(`no ${code}`),
    (reason: Error) => reason,
  );
  expect(error).toMatchObject({ name: "InconsistentPush", code });
  return error;
}

function at<T>(list: readonly T[], index: number): T {
  const item = list[index];
  if (item === undefined) throw new RangeError(`no item ${index}`);
  return item;
}
