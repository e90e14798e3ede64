import { atOnce } from "@pushfleet/exposition";
import fc from "fast-check";
import { expect, test } from "vitest";
import { sortInSteps } from "./sorting.ts";

test("sorts as the engine does, equal items in the order they had", () => {
  const item = fc.record({ key: fc.nat(300), place: fc.nat() });
  fc.assert(
    fc.property(fc.array(item, { maxLength: 3_000, size: "max" }), (items) => {
      const expected = items.toSorted((a, b) => a.key - b.key);
      expect(atOnce(sortInSteps([...items], (a, b) => a.key - b.key))).toEqual(expected);
    }),
    { numRuns: 50 },
  );
});

test("what is long is sorted in many steps", () => {
  const items = Array.from({ length: 10_000 }, (_, i) => (i * 7_919) % 10_007);
  let steps = 0;
  const sorting = sortInSteps(items, (a, b) => a - b);
  while (sorting.next().done !== true) steps++;
  expect(steps).toBeGreaterThan(50);
});
