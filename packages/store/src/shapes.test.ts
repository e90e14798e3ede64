import { expect, test } from "vitest";
import { gauge, group } from "./contract/families.ts";
import { parseShapeKey, rivalGroups, shapeKey } from "./shapes.ts";

const keys = (...args: Parameters<typeof rivalGroups>) =>
  [...rivalGroups(...args).values()].map((rival) => rival.group.key);

test("a shape's key tells names with any characters apart", () => {
  expect(
    shapeKey([
      ["a", "1"],
      ["job", "x"],
    ]),
  ).toBe(
    shapeKey([
      ["a", "2"],
      ["job", "y"],
    ]),
  );
  expect(shapeKey([['a","b', ""]])).not.toBe(
    shapeKey([
      ["a", ""],
      ["b", ""],
    ]),
  );
  expect(
    parseShapeKey(
      shapeKey([
        ["a b", "1"],
        ["job", "x"],
      ]),
    ),
  ).toEqual(["a b", "job"]);
});

test("the pushing group is not its own rival", () => {
  const own = group({ job: "a", instance: "x" });
  expect(keys(own, [gauge(own, "m", 1)], [["instance", "job"]])).toEqual([]);
});

test("a shape within the own labels gives one rival for the whole push", () => {
  const own = group({ job: "a", instance: "x", zone: "z" });
  const families = [gauge(own, "m", 1, [{ n: "1" }, { n: "2" }]), gauge(own, "n", 1)];
  const rivals = [...rivalGroups(own, families, [["instance", "job"]]).values()];
  expect(rivals).toHaveLength(1);
  expect(rivals[0]?.group).toEqual(group({ job: "a", instance: "x" }));
  expect(rivals[0]?.families.map(({ metrics }) => metrics.length)).toEqual([2, 1]);
});

test("a shape with other labels gives one rival for each set of values among the series", () => {
  const own = group({ job: "a" });
  const families = [
    gauge(own, "m", 1, [{ instance: "x" }, { instance: "y" }, { instance: "x", n: "1" }, { n: "2" }]),
    gauge(own, "n", 1, [{ instance: "x" }]),
  ];
  const rivals = rivalGroups(own, families, [["instance", "job"]]);
  expect([...rivals.values()].map((rival) => rival.group.key)).toEqual([
    '{instance="x",job="a"}',
    '{instance="y",job="a"}',
  ]);
  const x = rivals.get(group({ job: "a", instance: "x" }).id);
  expect(x?.families.map(({ family, metrics }) => [family.name, metrics.length])).toEqual([
    ["m", 2],
    ["n", 1],
  ]);
});

test("shapes with a name that no series has give none", () => {
  const own = group({ job: "a", instance: "x" });
  expect(
    keys(
      own,
      [gauge(own, "m", 1)],
      [
        ["job", "zone"],
        ["instance", "job", "zone"],
      ],
    ),
  ).toEqual([]);
});
