import { type AdmittedFamily, packFamilies, unpackFamilies } from "@pushfleet/groups";
import { describe, expect, test } from "vitest";
import { type ContractContext, expectConflict, texts } from "./context.ts";
import { counter, gauge, group, histogram, withEmptyLabel } from "./families.ts";

/** push, recordFailure, delete and wipe, as far as they succeed. */
export function describeMutations(context: ContractContext): void {
  const a = group({ job: "a" });
  const b = group({ job: "b" });

  describe("push", () => {
    test("stores everything of a family and stamps the group", async () => {
      const pushed = {
        ...gauge(a, "m", 1),
        help: 'a "help"\n with lines',
        proto: new Uint8Array([0, 10, 255]),
      };
      await context.store.push(a, [pushed, histogram(a, "h", 3)], { mode: "replace" });
      const state = await context.storedGroup(a);
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

    test("a group that was taken over tells the times it had, until the next push or failure", async () => {
      const times = { pushedAtMicros: 1_600_000_000_000_001, failedAtMicros: 1_500_000_000_000_000 };
      await context.store.push(a, [gauge(a, "m", 1)], { mode: "replace", times });
      expect(await context.storedGroup(a)).toMatchObject(times);
      const [family] = (await context.storedGroup(a)).families;
      expect(family?.pushedAtMicros).toBeGreaterThan(times.pushedAtMicros);
      expect(await context.store.delete(a.id, { ifPushedAtMicros: times.pushedAtMicros + 1 })).toBeFalse();
      await context.store.recordFailure(a);
      const failed = await context.storedGroup(a);
      expect(failed.pushedAtMicros).toBe(times.pushedAtMicros);
      expect(failed.failedAtMicros).toBeGreaterThan(times.failedAtMicros);
      await context.store.push(a, [gauge(a, "n", 1)], { mode: "merge" });
      const pushed = await context.storedGroup(a);
      expect(pushed.pushedAtMicros).toBeGreaterThan(failed.failedAtMicros);
      expect(pushed.failedAtMicros).toBe(failed.failedAtMicros);
      expect(texts(pushed)).toHaveLength(2);
      await context.store.push(a, [gauge(a, "m", 2)], { mode: "merge", times });
      expect(await context.storedGroup(a)).toMatchObject(times);
      expect(await context.store.delete(a.id, { ifPushedAtMicros: times.pushedAtMicros })).toBeTrue();
    });

    test("a large text may come as bytes, beside others or alone, and is not changed by later pushes", async () => {
      const large = (value: number) => {
        const family = gauge(a, "ä", value);
        return { ...family, bytes: Buffer.from(family.text) };
      };
      const [first, second] = [large(1), large(2)];
      await context.store.push(a, [first], { mode: "replace" });
      expect(texts(await context.storedGroup(a))).toEqual([first.text]);
      await context.store.push(a, [gauge(a, "m", 1), second], { mode: "merge" });
      expect(texts(await context.storedGroup(a))).toEqual([gauge(a, "m", 1).text, second.text].toSorted());
      await context.store.push(a, [gauge(a, "ä", 3)], { mode: "replace" });
      expect(texts(await context.storedGroup(a))).toEqual([gauge(a, "ä", 3).text]);
      expect(first.bytes.toString()).toBe(first.text);
    });

    test("families that were packed together are stored like others, and can be merged with", async () => {
      const packed = (...families: AdmittedFamily[]) => unpackFamilies(packFamilies(families));
      const [m, n] = [gauge(a, "m", 1), withEmptyLabel(counter(a, "ñ", 2, [{ x: "1" }, { x: "2" }]))];
      await context.store.push(a, packed(m, n), { mode: "replace" });
      expect(texts(await context.storedGroup(a))).toEqual([m.text, n.text].toSorted());
      const newer = gauge(a, "m", 3);
      await context.store.push(a, packed(newer), { mode: "merge" });
      expect(texts(await context.storedGroup(a))).toEqual([newer.text, n.text].toSorted());
      await context.store.push(a, [gauge(a, "m", 4)], { mode: "merge" });
      expect(texts(await context.storedGroup(a))).toEqual([gauge(a, "m", 4).text, n.text].toSorted());
      await context.store.push(a, packed(newer), { mode: "replace" });
      expect(texts(await context.storedGroup(a))).toEqual([newer.text]);
    });

    test("replace drops the families that are not pushed again", async () => {
      await context.store.push(a, [gauge(a, "m", 1), gauge(a, "n", 1)], { mode: "replace" });
      await context.store.push(a, [gauge(a, "n", 2)], { mode: "replace" });
      expect(texts(await context.storedGroup(a))).toEqual([gauge(a, "n", 2).text]);
    });

    test("merge keeps the families that are not pushed again and replaces the others whole", async () => {
      const two = gauge(a, "n", 1, [{ x: "1" }, { x: "2" }]);
      await context.store.push(a, [gauge(a, "m", 1), two], { mode: "replace" });
      await context.store.push(a, [gauge(a, "n", 2, [{ x: "1" }])], { mode: "merge" });
      expect(texts(await context.storedGroup(a))).toEqual([
        gauge(a, "m", 1).text,
        gauge(a, "n", 2, [{ x: "1" }]).text,
      ]);
    });

    test("each family tells when it was pushed, which a merge of others does not change", async () => {
      await context.store.push(a, [gauge(a, "m", 1)], { mode: "replace" });
      const first = await context.storedGroup(a);
      await context.store.push(a, [gauge(a, "n", 1)], { mode: "merge" });
      await context.store.recordFailure(a);
      const second = await context.storedGroup(a);
      const times = new Map(second.families.map(({ name, pushedAtMicros }) => [name, pushedAtMicros]));
      expect(times.get("m")).toBe(first.pushedAtMicros);
      expect(times.get("n")).toBe(second.pushedAtMicros);
    });

    test("an empty replace empties the group, an empty merge stamps it only; both create it", async () => {
      await context.store.push(a, [], { mode: "replace" });
      await context.store.push(b, [], { mode: "merge" });
      expect((await context.storedGroup(a)).families).toEqual([]);
      expect((await context.storedGroup(b)).pushedAtMicros).toBeGreaterThan(0);
      await context.store.push(a, [gauge(a, "m", 1)], { mode: "merge" });
      const before = await context.storedGroup(a);
      await context.store.push(a, [], { mode: "merge" });
      const merged = await context.storedGroup(a);
      expect(merged.families).toHaveLength(1);
      expect(merged.pushedAtMicros).toBeGreaterThan(before.pushedAtMicros);
      await context.store.push(a, [], { mode: "replace" });
      expect((await context.storedGroup(a)).families).toEqual([]);
    });

    test("push times of successive pushes increase strictly", async () => {
      for (let round = 0; round < 50; round++) {
        await context.store.push(a, [], { mode: "merge" });
        await context.store.push(b, [], { mode: "merge" });
        const [first, second] = [await context.storedGroup(a), await context.storedGroup(b)];
        expect(second.pushedAtMicros).toBeGreaterThan(first.pushedAtMicros);
      }
    });

    test("names that JavaScript and Lua objects know already are names like any other", async () => {
      const names = ["__proto__", "constructor", "hasOwnProperty", "toString", "labels", "seq", "f:m"];
      const odd = group({ job: "__proto__", constructor: "prototype" });
      await context.store.push(
        odd,
        names.map((each) => gauge(odd, each, 1)),
        { mode: "replace" },
      );
      const state = await context.storedGroup(odd);
      expect(state.families.map((family) => family.name).sort()).toEqual(names.toSorted());
      await expectConflict(context.store, a, [counter(a, "__proto__", 1)], "type-conflict");
      expect(await context.store.delete(odd.id)).toBeTrue();
      await context.store.push(a, [counter(a, "__proto__", 1)], { mode: "replace" });
    });

    test("values with separators, line ends and any Unicode come back as they were", async () => {
      const strange = group({ job: 'a"\\\n{},=', "ünï.code": "💥\u0000\u007f" });
      await context.store.push(strange, [gauge(strange, "m", 1)], { mode: "replace" });
      const state = await context.storedGroup(strange);
      expect(state.labels).toEqual(strange.labels);
      expect(texts(state)).toEqual([gauge(strange, "m", 1).text]);
    });

    test("big families are stored whole and checked quickly", async () => {
      const many = Array.from({ length: 5_000 }, (_, index) => ({ instance: `host-${index}` }));
      const big = gauge(a, "m", 1, many);
      await context.store.push(a, [big], { mode: "replace" });
      expect(texts(await context.storedGroup(a))).toEqual([big.text]);
      const one = group({ job: "a", instance: "host-4999" });
      await expectConflict(context.store, one, [gauge(one, "m", 1)], "duplicate-series");
      const apart = group({ job: "a", zone: "z" });
      await context.store.push(apart, [gauge(apart, "m", 1, many)], { mode: "replace" });
      await context.store.push(a, [gauge(a, "m", 2, many)], { mode: "merge" });
    });
  });

  describe("failure times", () => {
    test("recordFailure creates a missing group without families, never pushed", async () => {
      await context.store.recordFailure(a);
      const state = await context.storedGroup(a);
      expect(state).toMatchObject({ pushedAtMicros: 0, families: [], labels: a.labels, expiresAtMs: null });
      expect(state.failedAtMicros).toBeGreaterThan(1e12);
    });

    test("recordFailure leaves families, push time and time to live alone", async () => {
      await context.store.push(a, [gauge(a, "m", 1)], { mode: "replace", ttlMs: 60_000 });
      const before = await context.storedGroup(a);
      await context.store.recordFailure(a);
      const after = await context.storedGroup(a);
      expect(after.failedAtMicros).toBeGreaterThan(before.pushedAtMicros);
      expect({ ...after, failedAtMicros: 0, change: 0 }).toEqual({ ...before, change: 0 });
    });

    test("both push modes keep the failure time; delete drops it", async () => {
      await context.store.recordFailure(a);
      const { failedAtMicros } = await context.storedGroup(a);
      await context.store.push(a, [gauge(a, "m", 1)], { mode: "replace" });
      await context.store.push(a, [gauge(a, "m", 1)], { mode: "merge" });
      expect(await context.storedGroup(a)).toMatchObject({ failedAtMicros });
      await context.store.delete(a.id);
      await context.store.push(a, [gauge(a, "m", 1)], { mode: "merge" });
      expect(await context.storedGroup(a)).toMatchObject({ failedAtMicros: 0 });
    });
  });

  describe("delete and wipe", () => {
    test("delete tells whether there was a group", async () => {
      expect(await context.store.delete(a.id)).toBeFalse();
      await context.store.push(a, [gauge(a, "m", 1)], { mode: "replace" });
      await context.store.push(b, [gauge(b, "m", 1)], { mode: "replace" });
      expect(await context.store.delete(a.id)).toBeTrue();
      expect(await context.store.delete(a.id)).toBeFalse();
      expect([...(await context.stored()).keys()]).toEqual([b.id]);
    });

    test("a deleted group starts anew", async () => {
      await context.store.push(a, [gauge(a, "m", 1)], { mode: "replace", ttlMs: 60_000 });
      await context.store.delete(a.id);
      await context.store.push(a, [gauge(a, "n", 1)], { mode: "merge" });
      const state = await context.storedGroup(a);
      expect(texts(state)).toEqual([gauge(a, "n", 1).text]);
      expect(state.expiresAtMs).toBeNull();
    });

    test("wipe removes everything, says how much it was, and frees all names", async () => {
      expect(await context.store.wipe()).toBe(0);
      await context.store.push(a, [gauge(a, "m", 1)], { mode: "replace" });
      await context.store.push(b, [gauge(b, "m", 1), histogram(b, "h", 1)], { mode: "replace" });
      await context.store.recordFailure(group({ job: "c" }));
      expect(await context.store.wipe()).toBe(3);
      expect((await context.stored()).size).toBe(0);
      await context.store.push(b, [counter(b, "m", 1), gauge(b, "h_count", 1)], { mode: "replace" });
      expect((await context.stored()).size).toBe(1);
    });
  });
}
