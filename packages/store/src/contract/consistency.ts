import type { AdmittedFamily, Group } from "@pushfleet/groups";
import { describe, expect, test } from "vitest";
import { type ContractContext, expectConflict } from "./context.ts";
import { counter, gauge, group, histogram, summary, withEmptyLabel } from "./families.ts";

/** Pushes that contradict what is stored, and those that only look so. */
export function describeConsistency(context: ContractContext): void {
  const a = group({ job: "a" });
  const b = group({ job: "b" });

  describe("type conflicts", () => {
    test("a name has one type across groups", async () => {
      await context.store.push(a, [gauge(a, "m", 1)], { mode: "replace" });
      const error = await expectConflict(context.store, b, [counter(b, "m", 1)], "type-conflict");
      expect(error.message).toMatch(/collected metric "m" .*is not a GAUGE.*counter/);
      await context.store.push(b, [gauge(b, "m", 1)], { mode: "replace" });
    });

    test("the only holder of a name may change its type, in both modes", async () => {
      await context.store.push(a, [gauge(a, "m", 1)], { mode: "replace" });
      await context.store.push(a, [counter(a, "m", 1)], { mode: "merge" });
      await context.store.push(a, [histogram(a, "m", 1)], { mode: "replace" });
      await context.store.push(b, [histogram(b, "m", 1)], { mode: "replace" });
      await expectConflict(context.store, a, [gauge(a, "m", 1)], "type-conflict");
      await context.store.delete(b.id);
      await context.store.push(a, [gauge(a, "m", 1)], { mode: "merge" });
      expect((await context.storedGroup(a)).families).toMatchObject([{ name: "m", type: "gauge" }]);
    });

    test("pushing a family again does not count its group twice", async () => {
      for (let round = 0; round < 3; round++)
        await context.store.push(a, [gauge(a, "m", round)], { mode: "merge" });
      for (let round = 0; round < 3; round++)
        await context.store.push(a, [gauge(a, "m", round)], { mode: "replace" });
      await context.store.push(a, [], { mode: "replace" });
      await context.store.push(b, [counter(b, "m", 1)], { mode: "replace" });
    });

    test("a family without metrics holds its type like any other", async () => {
      const empty: AdmittedFamily = {
        name: "m",
        type: "gauge",
        help: "",
        text: "",
        metrics: [],
        unprinted: [],
        seriesCount: 0,
      };
      await context.store.push(a, [empty], { mode: "replace" });
      await expectConflict(context.store, b, [{ ...empty, type: "counter" }], "type-conflict");
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
        await context.store.wipe();
        await context.store.push(a, [first(a)], { mode: "replace" });
        if (collide) await expectConflict(context.store, b, [second(b)], "suffix-collision");
        else await context.store.push(b, [second(b)], { mode: "replace" });
      }
    });

    test.each(cases.filter(([, , collide]) => collide))(
      "case %#, with what a merge leaves in the group, but not with what a replace drops",
      async (held, pushed) => {
        for (const [first, second] of [
          [held, pushed],
          [pushed, held],
        ] as const) {
          await context.store.wipe();
          await context.store.push(a, [first(a)], { mode: "replace" });
          await expectConflict(context.store, a, [second(a)], "suffix-collision");
          await context.store.push(a, [second(a)], { mode: "replace" });
        }
      },
    );

    test("the message names both families", async () => {
      await context.store.push(a, [summary(a, "x", 1)], { mode: "replace" });
      const shorter = await expectConflict(context.store, b, [gauge(b, "x_sum", 1)], "suffix-collision");
      expect(shorter.message).toContain(
        'collected metric named "x_sum" collides with previously collected summary named "x"',
      );
      await context.store.push(a, [gauge(a, "x_sum", 1)], { mode: "replace" });
      const longer = await expectConflict(context.store, b, [summary(b, "x", 1)], "suffix-collision");
      expect(longer.message).toContain(
        'collected histogram or summary named "x" collides with previously collected metric named "x_sum"',
      );
    });

    test("a merge that turns the histogram into a gauge may push its suffixes too", async () => {
      await context.store.push(a, [histogram(a, "x", 1)], { mode: "replace" });
      await context.store.push(a, [gauge(a, "x", 1), gauge(a, "x_count", 1)], { mode: "merge" });
      await expectConflict(context.store, a, [histogram(a, "x", 1)], "suffix-collision");
    });
  });

  describe("duplicate series", () => {
    const wide = group({ job: "a" });
    const narrow = group({ job: "a", instance: "x" });

    test("a group with fewer labels may not hold a series of one with more, nor the other way round", async () => {
      await context.store.push(wide, [gauge(wide, "m", 1, [{ instance: "w" }, { instance: "x" }])], {
        mode: "replace",
      });
      const error = await expectConflict(context.store, narrow, [gauge(narrow, "m", 1)], "duplicate-series");
      expect(error.message).toMatch(
        /^collected metric "m" \{ label:\{name:"instance" value:"x"\} label:\{name:"job" value:"a"\} \} was collected before with the same name and label values/,
      );
      await context.store.delete(wide.id);
      await context.store.push(narrow, [gauge(narrow, "m", 1)], { mode: "replace" });
      await expectConflict(
        context.store,
        wide,
        [gauge(wide, "m", 1, [{ instance: "x" }])],
        "duplicate-series",
      );
      await context.store.push(wide, [gauge(wide, "m", 1, [{ instance: "w" }])], { mode: "replace" });
    });

    test("shapes of which neither contains the other collide as well", async () => {
      const zone = group({ job: "a", zone: "z" });
      await context.store.push(narrow, [gauge(narrow, "m", 1, [{ zone: "z" }])], { mode: "replace" });
      await expectConflict(
        context.store,
        zone,
        [gauge(zone, "m", 1, [{ instance: "x" }])],
        "duplicate-series",
      );
      await context.store.push(zone, [gauge(zone, "m", 1, [{ instance: "y" }])], { mode: "replace" });
    });

    test.each([
      ["summary", summary],
      ["histogram", histogram],
    ] as const)("of a %s as well", async (_, build) => {
      await context.store.push(narrow, [build(narrow, "m", 1)], { mode: "replace" });
      const inWide: AdmittedFamily = build(narrow, "m", 2);
      await expectConflict(context.store, wide, [inWide], "duplicate-series");
    });

    test("series that differ in name, in one label or in job do not collide", async () => {
      const other = group({ job: "b", instance: "x" });
      await context.store.push(wide, [gauge(wide, "m", 1, [{ instance: "x", extra: "1" }])], {
        mode: "replace",
      });
      await context.store.push(narrow, [gauge(narrow, "m", 1), gauge(narrow, "n", 1)], { mode: "replace" });
      await context.store.push(other, [gauge(other, "m", 1, [{ extra: "1" }])], { mode: "replace" });
      await context.store.push(wide, [gauge(wide, "n", 1)], { mode: "merge" });
      expect((await context.stored()).size).toBe(3);
    });

    test("a series whose identity is the end of another's, or stands inside a label value, does not collide", async () => {
      const [{ identity } = { identity: "" }] = gauge(narrow, "m", 1).metrics;
      await context.store.push(wide, [gauge(wide, "mm", 1, [{ instance: "x" }])], { mode: "replace" });
      await context.store.push(wide, [gauge(wide, "m", 1, [{ instance: `\n${identity}` }])], {
        mode: "merge",
      });
      await context.store.push(narrow, [gauge(narrow, "m", 1)], { mode: "replace" });
    });

    test("labels printed with empty values do not hide a duplicate", async () => {
      const hidden = withEmptyLabel(gauge(wide, "m", 1, [{ instance: "x" }]));
      await context.store.push(wide, [hidden], { mode: "replace" });
      await expectConflict(context.store, narrow, [gauge(narrow, "m", 1)], "duplicate-series");
      await expectConflict(
        context.store,
        narrow,
        [withEmptyLabel(gauge(narrow, "m", 1))],
        "duplicate-series",
      );
      await context.store.wipe();
      await context.store.push(narrow, [gauge(narrow, "m", 1)], { mode: "replace" });
      await expectConflict(context.store, wide, [hidden], "duplicate-series");
      await context.store.push(narrow, [], { mode: "replace" });
      await context.store.push(wide, [hidden], { mode: "replace" });
    });

    test("a family with many series is searched as thoroughly as one with few", async () => {
      const many = Array.from({ length: 40 }, (_, index) => ({ instance: "x", n: `${index}` }));
      await context.store.push(wide, [gauge(wide, "m", 1, many), withEmptyLabel(gauge(wide, "n", 1, many))], {
        mode: "replace",
      });
      const inNarrow = (numbers: number[]) => numbers.map((n) => ({ n: `${n}` }));
      const fresh = Array.from({ length: 20 }, (_, index) => index + 100);
      await context.store.push(narrow, [gauge(narrow, "m", 1, inNarrow(fresh))], { mode: "replace" });
      await expectConflict(
        context.store,
        narrow,
        [gauge(narrow, "m", 1, inNarrow([...fresh, 39]))],
        "duplicate-series",
      );
      await expectConflict(
        context.store,
        narrow,
        [gauge(narrow, "n", 1, inNarrow([...fresh, 0]))],
        "duplicate-series",
      );
    });

    test("what a push drops from its own group is no duplicate, what a rejected push brought neither", async () => {
      await context.store.push(narrow, [gauge(narrow, "m", 1)], { mode: "replace" });
      await context.store.push(narrow, [gauge(narrow, "m", 2)], { mode: "merge" });
      await context.store.push(narrow, [gauge(narrow, "n", 2)], { mode: "replace" });
      await context.store.push(wide, [gauge(wide, "m", 1, [{ instance: "x" }])], { mode: "replace" });
    });
  });

  test("a rejected push leaves nothing, not even a group, and changes nothing", async () => {
    const narrow = group({ job: "a", instance: "x" });
    await context.store.push(
      a,
      [gauge(a, "m", 1), histogram(a, "h", 1), gauge(a, "s", 1, [{ instance: "x" }])],
      {
        mode: "replace",
      },
    );
    await context.store.push(b, [gauge(b, "only_b", 1)], { mode: "replace" });
    const before = await context.stored();
    const good = (g: Group) => [gauge(g, "fresh", 1), gauge(g, "fresher", 1)];
    for (const target of [b, narrow]) {
      await expectConflict(
        context.store,
        target,
        [...good(target), counter(target, "m", 1)],
        "type-conflict",
      );
      await expectConflict(
        context.store,
        target,
        [...good(target), gauge(target, "h_sum", 1)],
        "suffix-collision",
      );
    }
    await expectConflict(context.store, narrow, [...good(narrow), gauge(narrow, "s", 1)], "duplicate-series");
    expect(await context.stored()).toEqual(before);
    await context.store.push(b, [counter(b, "fresh", 1), histogram(b, "fresher", 1)], { mode: "replace" });
    expect(await context.store.delete(narrow.id)).toBeFalse();
  });
}
