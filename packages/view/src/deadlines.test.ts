import type { GroupId } from "@pushfleet/groups";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Deadlines } from "./deadlines.ts";

const id = (n: number) => `group-${n}` as GroupId; // any text serves as an id here

test("exactly the groups whose last deadline has come are reached, whatever was set before", () => {
  const step = fc.record({ group: fc.nat(20), atMs: fc.nat(1000) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), fc.nat(1000), (steps, nowMs) => {
      const current = new Map<GroupId, number>();
      const deadlines = new Deadlines((deadline) => current.get(deadline.id) === deadline.atMs);
      for (const { group, atMs } of steps) {
        current.set(id(group), atMs);
        deadlines.add({ id: id(group), atMs });
      }
      const due = [...current].filter(([, atMs]) => atMs <= nowMs).map(([group]) => group);
      expect(new Set(deadlines.reached(nowMs))).toEqual(new Set(due));
      expect(deadlines.reached(nowMs)).toEqual([]);
    }),
    { seed: 3, numRuns: 300 },
  );
});
