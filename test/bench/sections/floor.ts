import { type Section, startAll } from "../bench.ts";
import { startFloor, startRedisStore } from "../contenders.ts";
import { measurePushes } from "../push-rounds.ts";

const GROUPS = 1_000;

/** Push rate of the Redis store against the least that Express and ioredis can do for the same bytes. */
export const floorSection: Section = async (bench) => {
  await using running = await startAll(
    [
      [startRedisStore, { groups: GROUPS }],
      [startFloor, { groups: GROUPS }],
    ],
    bench,
  );
  const { results, details } = await measurePushes(running.contenders, bench);
  const [ours, floor] = results;
  if (ours === undefined || floor === undefined) throw new Error("nothing was measured");
  const comparisons = [
    ours.against(floor, { name: "push, redis store / floor, 1,000 groups", target: { atLeast: 0.65 } }),
  ];
  return { comparisons, details };
};
