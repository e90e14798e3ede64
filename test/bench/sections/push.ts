import { type Bench, type Section, startAll } from "../bench.ts";
import {
  startEmbedded,
  startRedisStore,
  startUpstreamChecked,
  startUpstreamUnchecked,
} from "../contenders.ts";
import { measurePushes, type PushResults } from "../push-rounds.ts";
import { type Comparison, joinReports, type SectionReport, type Target } from "../report.ts";

const SMALL_SIZE = 100;

/** Push rates of the same load: both stores against upstream with its check on and off, then many groups against few. */
export const pushSection: Section = async (bench) => {
  const reports = [];
  for (const groups of bench.pace.sizes) reports.push(await againstUpstream(bench, groups));
  reports.push(await manyAgainstFew(bench));
  return joinReports(reports);
};

async function againstUpstream(bench: Bench, groups: number): Promise<SectionReport> {
  await using running = await startAll(
    [
      [startUpstreamChecked, { groups }],
      [startUpstreamUnchecked, { groups }],
      [startEmbedded, { groups }],
      [startRedisStore, { groups }],
    ],
    bench,
  );
  const { results, details } = await measurePushes(running.contenders, bench);
  const [checked, unchecked, embedded, redis] = results;
  const at = `${groups.toLocaleString("en")} groups`;
  return {
    comparisons: [
      compare(`push, redis store / upstream checked, ${at}`, redis, checked, redisTarget(groups)),
      compare(`push, embedded / upstream checked, ${at}`, embedded, checked, embeddedTarget(groups)),
      compare(`push, embedded / upstream unchecked, ${at}`, embedded, unchecked, uncheckedTarget(groups)),
    ],
    details,
  };
}

async function manyAgainstFew(bench: Bench): Promise<SectionReport> {
  const { largeSize } = bench.pace;
  await using running = await startAll(
    [
      [startEmbedded, { groups: largeSize }],
      [startEmbedded, { groups: SMALL_SIZE }],
      [startRedisStore, { groups: largeSize }],
      [startRedisStore, { groups: SMALL_SIZE }],
    ],
    bench,
  );
  const { results, details } = await measurePushes(running.contenders, bench);
  const [embeddedMany, embeddedFew, redisMany, redisFew] = results;
  const sizes = `${largeSize.toLocaleString("en")} groups / ${SMALL_SIZE} groups`;
  return {
    comparisons: [
      compare(`push, embedded, ${sizes}`, embeddedMany, embeddedFew, { atLeast: 0.7 }),
      compare(`push, redis store, ${sizes}`, redisMany, redisFew, { atLeast: 0.7 }),
    ],
    details,
  };
}

function redisTarget(groups: number): Target | undefined {
  if (groups === 1_000) return { atLeast: 60 };
  return groups === 10_000 ? { atLeast: 1_500 } : undefined;
}

function embeddedTarget(groups: number): Target | undefined {
  return groups === 1_000 ? { atLeast: 80 } : undefined;
}

function uncheckedTarget(groups: number): Target | undefined {
  return groups === 1_000 ? { atLeast: 1 } : undefined;
}

function compare(
  name: string,
  ours: PushResults | undefined,
  theirs: PushResults | undefined,
  target: Target | undefined,
): Comparison {
  if (ours === undefined || theirs === undefined) throw new Error(`${name}: nothing was measured`);
  return ours.against(theirs, target === undefined ? { name } : { name, target });
}
