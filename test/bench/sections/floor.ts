import { type Section, startAll } from "../bench.ts";
import { startFloor, startRedisStore } from "../contenders.ts";
import { measurePushes } from "../push-rounds.ts";

const GROUPS = 1_000;
/** The two are so near to each other that a slow moment of the machine matters: measured so many times more often. */
const TIMES_AS_MANY_ROUNDS = 3;

/** Push rate of the Redis store against the least that Express and ioredis can do for the same bytes. */
export const floorSection: Section = async (bench) => {
  const pace = { ...bench.pace, pushRounds: TIMES_AS_MANY_ROUNDS * bench.pace.pushRounds };
  await using running = await startAll(
    [
      [startRedisStore, { groups: GROUPS }],
      [startFloor, { groups: GROUPS }],
    ],
    bench,
  );
  const { results, details } = await measurePushes(running.contenders, { ...bench, pace });
  const [ours, floor] = results;
  if (ours === undefined || floor === undefined) throw new Error("nothing was measured");
  const comparisons = [
    ours.against(floor, { name: "push, redis store / floor, 1,000 groups", target: { atLeast: 0.65 } }),
  ];
  return { comparisons, details };
};
