import type { Section } from "../bench.ts";
import { startFloor, startRedisStore } from "../contenders.ts";
import { measureFreshProcesses } from "../push-rounds.ts";

const GROUPS = 1_000;
/** The two are so near to each other that a slow moment of the machine matters: measured in so many times more processes. */
const TIMES_AS_MANY_ROUNDS = 2;

/** Push rate of the Redis store against the least that Express and ioredis can do for the same bytes. */
export const floorSection: Section = async (bench) => {
  const { results, details } = await measureFreshProcesses(
    [
      [startRedisStore, { groups: GROUPS }],
      [startFloor, { groups: GROUPS }],
    ],
    TIMES_AS_MANY_ROUNDS * bench.pace.pushRounds,
    { ...bench, pace: { ...bench.pace, pushRounds: 1 } },
  );
  const [ours, floor] = results;
  if (ours === undefined || floor === undefined) throw new Error("nothing was measured");
  const comparisons = [
    ours.against(floor, { name: "push, redis store / floor, 1,000 groups", target: { atLeast: 0.65 } }),
  ];
  return { comparisons, details };
};
