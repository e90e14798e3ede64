/** The laws are tried on stores that are plainly right, and on others in which one rule is broken. */
import { describe, expect, test } from "vitest";
import { join, remembered } from "../replication/merge.ts";
import { describeMergeLaws, firstViolation } from "./merge-laws.ts";
import { createPlainStore, type Rules } from "./merge-laws-plain-store.ts";
import { planOf, regionNames } from "./merge-laws-plan.ts";
import { SetClocks, type World } from "./merge-laws-world.ts";
import { namedRegion } from "./replication-reading.ts";

describeMergeLaws("a store that joins", () => open({}), { count: 500 });

describe("the laws of merging notice", () => {
  test.each<[string, Partial<Rules>]>([
    [
      "families that stay below the floor",
      {
        join: (a, b) => ({
          ...join(a, b),
          families: join({ ...a, floor: null }, { ...b, floor: null }).families,
        }),
      },
    ],
    ["a floor that is forgotten", { join: (a, b) => ({ ...join(a, b), floor: a.floor }) }],
    [
      "the families of one side only",
      { join: (a, b) => ({ ...join(a, b), families: join({ ...a, families: [] }, b).families }) },
    ],
    ["times that survive a deletion", { join: (a, b) => ({ ...join(a, b), deleted: null }) }],
    ["the first failure staying", { join: (a, b) => ({ ...join(a, b), failed: a.failed ?? b.failed }) }],
    ["the first life staying", { join: (a, b) => ({ ...join(a, b), life: a.life ?? b.life }) }],
    [
      "a deletion that forgets a later failure",
      { join: (a, b) => (join(a, b).life === null ? { ...join(a, b), failed: null } : join(a, b)) },
    ],
    ["ends that nobody heeds", { remembered: (state) => state }],
    [
      "ended lives that are forgotten",
      {
        remembered: (state, nowMs) =>
          remembered(state, nowMs) === state ? state : { ...remembered(state, nowMs), life: null },
      },
    ],
    ["what had expired rising again", { floorAfter: (floor) => floor }],
  ])("%s", async (_, rules) => {
    const plans = Array.from({ length: 3_000 }, (_each, index) => planOf(index));
    const violation = await firstViolation(plans, () => open(rules));
    expect(violation?.message).toContain("should be");
  });
});

async function open(rules: Partial<Rules>): Promise<World> {
  const clocks = new SetClocks();
  const regions = regionNames.map((name, index) =>
    createPlainStore({ region: namedRegion(name), now: () => clocks.nowMicros(index), rules }),
  );
  return { regions, clocks, [Symbol.asyncDispose]: async () => {} };
}
