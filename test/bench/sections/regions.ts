import { type Section, startAll } from "../bench.ts";
import { startRedisStore, startRegionWithPeers } from "../contenders.ts";
import { measurePushes, type PushMeasurement } from "../push-rounds.ts";

/** What it costs a region that all it takes is shipped to two others, by a federator on the same machine. */
export const regionsSection: Section = async (bench) => {
  const { heldGroups: groups } = bench.pace;
  await using running = await startAll(
    [
      [startRegionWithPeers, { groups }],
      [startRedisStore, { groups }],
    ],
    bench,
  );
  const measured = await measurePushes(running.contenders, bench);
  const [shipped, alone] = measured.results;
  if (shipped === undefined || alone === undefined) throw new Error("nothing was measured");
  const name = `redis store, two peers / no region, ${groups.toLocaleString("en")} groups`;
  const [ours = Number.NaN, theirs = Number.NaN] = redisMicros(measured);
  return {
    comparisons: [
      shipped.against(alone, { name: `push, ${name}`, target: { atLeast: 0.85 } }),
      shipped.costAgainst(alone, { name: `gateway time of a push, ${name}` }),
      { name: `Redis time of a push, ${name}`, unit: "µs", ours, theirs, ratio: ours / theirs },
    ],
    details: measured.details,
  };
};

function redisMicros({ details }: PushMeasurement): readonly number[] {
  return details.map(({ figures }) => figures["redis µs"] ?? Number.NaN);
}
