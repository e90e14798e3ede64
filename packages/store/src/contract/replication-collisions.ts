import type { Group } from "@pushfleet/groups";
import { describe, expect, test } from "vitest";
import { expectConflict } from "./context.ts";
import { counter, gauge, group, histogram } from "./families.ts";
import { after, deletion, posted, put, type ReplicationContext } from "./replication-context.ts";

/** What could not have been pushed beside each other, but has come together from several regions. */
export function describeCollisions(context: ReplicationContext): void {
  const [a, b] = [group({ job: "a" }), group({ job: "b" })];

  describe("what collides", () => {
    test.each([
      ["a type", (g: Group) => gauge(g, "x", 1), (g: Group) => counter(g, "x", 1)],
      ["a suffix", (g: Group) => histogram(g, "x", 1), (g: Group) => gauge(g, "x_count", 1)],
    ])("in %s with another group is stored", async (_, held, arriving) => {
      await context.store.push(a, [held(a)], { mode: "merge" });
      const version = { micros: await context.now(), region: after };
      expect(await context.merge(posted(b, version, [arriving(b)]))).toEqual([
        { kind: "merged", changed: true },
      ]);
      expect(await context.shownNames(a)).toEqual(["x"]);
      expect(await context.shownNames(b)).toEqual([arriving(b).name]);
    });

    test("in a series with another group is stored", async () => {
      const narrow = group({ job: "a", instance: "x" });
      await context.store.push(a, [gauge(a, "m", 1, [{ instance: "x" }])], { mode: "merge" });
      await context.merge(
        posted(narrow, { micros: await context.now(), region: after }, [gauge(narrow, "m", 2)]),
      );
      expect(await context.shownNames(narrow)).toEqual(["m"]);
    });

    test.each([
      ["a type", (g: Group, value: number) => gauge(g, "x", value), (g: Group) => counter(g, "x", 1)],
      [
        "a suffix",
        (g: Group, value: number) => histogram(g, "x", value),
        (g: Group) => gauge(g, "x_count", 1),
      ],
      [
        "the other suffix",
        (g: Group, value: number) => gauge(g, "x_sum", value),
        (g: Group) => histogram(g, "x", 1),
      ],
      [
        "a series",
        (g: Group, value: number) => gauge(g, "m", value, [{ instance: "x" }]),
        (g: Group) => gauge(g, "m", 1),
      ],
    ])("in %s refuses no push that a group made before", async (what, family, arriving) => {
      const other = what === "a series" ? group({ job: "a", instance: "x" }) : b;
      await context.store.push(a, [family(a, 1)], { mode: "merge" });
      await context.merge(posted(other, { micros: await context.now(), region: after }, [arriving(other)]));
      for (const [value, mode] of [
        [2, "merge"],
        [3, "replace"],
      ] as const) {
        await context.store.push(a, [family(a, value)], { mode });
        expect((await context.shown()).get(a.id)?.families).toMatchObject([{ text: family(a, value).text }]);
        // Beside another family, which no push brought before.
        await context.store.push(a, [family(a, value), gauge(a, `with_${mode}`, 1)], { mode });
      }
      await context.store.push(other, [arriving(other)], { mode: "replace" });
      await context.store.push(a, [family(a, 4)], { mode: "merge" });
    });

    test("in a series lets nobody push it who does not hold it", async () => {
      const [wide, narrow] = [group({ job: "a" }), group({ job: "a", instance: "x" })];
      await context.store.push(wide, [gauge(wide, "m", 1, [{ instance: "x" }])], { mode: "merge" });
      await context.merge(
        posted(narrow, { micros: await context.now(), region: after }, [gauge(narrow, "m", 2)]),
      );
      const third = group({ job: "a", zone: "z" });
      await context.store.push(third, [gauge(third, "m", 1)], { mode: "merge" });
      await context.store.push(wide, [gauge(wide, "m", 1, [{ instance: "x" }, { instance: "y" }])], {
        mode: "merge",
      });
      const both = [{ instance: "x" }, { zone: "z" }];
      await expectConflict(context.store, wide, [gauge(wide, "m", 1, both)], "duplicate-series");
      await context.store.delete(wide.id);
      await expectConflict(
        context.store,
        wide,
        [gauge(wide, "m", 1, [{ instance: "x" }])],
        "duplicate-series",
      );
    });

    test("in its type lets pushes be of each type that somebody holds, and of no other", async () => {
      await context.store.push(a, [gauge(a, "m", 1)], { mode: "merge" });
      const version = { micros: await context.now(), region: after };
      await context.merge(posted(b, version, [counter(b, "m", 1)]));
      const [c, d] = [group({ job: "c" }), group({ job: "d" })];
      await context.store.push(a, [gauge(a, "m", 2)], { mode: "replace" });
      await context.store.push(b, [counter(b, "m", 2)], { mode: "merge" });
      await context.store.push(c, [gauge(c, "m", 2)], { mode: "merge" });
      await context.store.push(d, [counter(d, "m", 2)], { mode: "merge" });
      for (const owner of [a, c, group({ job: "e" })]) {
        await expectConflict(context.store, owner, [histogram(owner, "m", 1)], "type-conflict");
      }
      // Nobody holds the one type any more, then nobody the other.
      for (const owner of [b, d]) await context.store.delete(owner.id);
      await expectConflict(context.store, b, [counter(b, "m", 3)], "type-conflict");
      await context.merge(
        deletion(a, { micros: (await context.told(a))?.pushed?.atMicros ?? 0, region: after }),
      );
      await context.store.delete(c.id);
      await context.store.push(b, [counter(b, "m", 3)], { mode: "merge" });
      await context.store.push(a, [counter(a, "m", 3)], { mode: "merge" });
    });

    test("in a family that another version of the group replaces counts no more", async () => {
      const now = (await context.now()) - 100;
      await context.merge(posted(a, { micros: now, region: after }, [gauge(a, "m", 1), gauge(a, "n", 1)]));
      await context.merge(put(a, { micros: now + 1, region: after }, [counter(a, "m", 1)]));
      await expectConflict(context.store, b, [gauge(b, "m", 1)], "type-conflict");
      await context.store.push(b, [counter(b, "m", 1), counter(b, "n", 1)], { mode: "merge" });
    });
  });
}
