import { type Section, startAll } from "../bench.ts";
import { startReplicated } from "../contenders.ts";
import { measurePushes } from "../push-rounds.ts";

const GROUPS = 1_000;

/** What it costs to have each push confirmed by a replica, with three Redis servers in both cases. */
export const acksSection: Section = async (bench) => {
  await using running = await startAll(
    [
      [startReplicated(1), { groups: GROUPS }],
      [startReplicated(0), { groups: GROUPS }],
    ],
    bench,
  );
  const { results, details } = await measurePushes(running.contenders, bench);
  const [confirmed, plain] = results;
  if (confirmed === undefined || plain === undefined) throw new Error("nothing was measured");
  const name = "push, redis store, acks=1 / no acks, 1,000 groups";
  return { comparisons: [confirmed.against(plain, { name, target: { atLeast: 0.75 } })], details };
};
