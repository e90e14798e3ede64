import { type Bench, type Start, settleAll, startAll } from "./bench.ts";
import type { Contender } from "./contenders.ts";
import type { LoadResult } from "./load.ts";
import { processorSeconds } from "./proc.ts";
import type { Comparison, Detail, Target } from "./report.ts";
import { inTurn, median, medianRatio } from "./rounds.ts";

/** A contender to be loaded, alone or while something else goes on. */
export interface PushSubject extends Contender {
  /** Begins it before each load. Disposing what it resolves to ends it after the load, and rejects if it failed. */
  readonly beside?: () => Promise<AsyncDisposable>;
}

/** What the rounds of one subject gave. */
export interface PushResults {
  readonly rates: readonly number[];
  /** Processor time of the gateway for one push, µs. */
  readonly costs: readonly number[];
  /** Compares rates of the same rounds. */
  against(theirs: PushResults, row: Row): Comparison;
  /** Compares costs of the same rounds. */
  costAgainst(theirs: PushResults, row: Row): Comparison;
}

type Row = Pick<Comparison, "name" | "target">;

export interface PushMeasurement {
  readonly results: readonly PushResults[];
  readonly details: readonly Detail[];
}

/** Loads the subjects in turn; results are in their order. */
export async function measurePushes(
  contenders: readonly PushSubject[],
  bench: Bench,
): Promise<PushMeasurement> {
  const { load, pace, say } = bench;
  const push = async (contender: PushSubject, seconds: number) => {
    await settleAll(contenders, bench);
    await using _beside = await contender.beside?.();
    const { port, groups, authorization } = contender;
    return withCost(contender, () => load.push({ port, groups, seconds, authorization }));
  };
  for (const contender of contenders) await push(contender, pace.warmUpSeconds);

  const rounds = await inTurn(contenders, pace.pushRounds, async (contender) => {
    const result = await push(contender, secondsFor(contender, bench));
    const { pushesPerSecond, p50Ms, p99Ms } = result;
    say(
      `${contender.name}, ${contender.groups} groups: ${pushesPerSecond.toFixed(1)} pushes/s, p50 ${p50Ms} ms, p99 ${p99Ms} ms`,
    );
    return result;
  });
  return {
    results: rounds.map((results) =>
      pushResults({
        rates: results.map(({ pushesPerSecond }) => pushesPerSecond),
        costs: results.map(({ gatewayMicros }) => gatewayMicros),
      }),
    ),
    details: contenders.map((contender, position) => detail(contender, rounds[position] ?? [])),
  };
}

/**
 * Loads new processes in each of so many rounds, because two that do the same differ for as long as they live, by a tenth now
 * and then. Each is first, second and last as often as the others. Results are in the order of `starts`.
 */
export async function measureFreshProcesses(
  starts: readonly Start[],
  rounds: number,
  bench: Bench,
): Promise<PushMeasurement> {
  const measured: PushMeasurement[] = [];
  const places = [...starts.keys()];
  for (let round = 0; round < rounds; round++) {
    await using running = await startAll(starts, bench);
    const order = places.map((place) => (place + round) % places.length);
    const subjects = order.flatMap((place) => running.contenders[place] ?? []);
    const { results, details } = await measurePushes(subjects, bench);
    measured.push({ results: places.flatMap((place) => results[order.indexOf(place)] ?? []), details });
  }
  return {
    results: places.map((place) => joinResults(measured.flatMap(({ results }) => results[place] ?? []))),
    details: measured.flatMap(({ details }) => details),
  };
}

interface CostedResult extends LoadResult {
  /** Processor time the server itself spent on one push: hardly moved by what else the machine does. */
  readonly gatewayMicros: number;
  readonly redisMicros: number;
}

async function withCost(
  { pid, redisPid }: Contender,
  push: () => Promise<LoadResult>,
): Promise<CostedResult> {
  const spent = () =>
    Promise.all([processorSeconds(pid), redisPid === undefined ? 0 : processorSeconds(redisPid)]);
  const [gatewayBefore, redisBefore] = await spent();
  const result = await push();
  const [gatewayAfter, redisAfter] = await spent();
  const perPush = (seconds: number) => (seconds * 1e6) / result.requests;
  return {
    ...result,
    gatewayMicros: perPush(gatewayAfter - gatewayBefore),
    redisMicros: perPush(redisAfter - redisBefore),
  };
}

function secondsFor({ name, groups }: Contender, { pace }: Bench): number {
  return name === "upstream checked" ? pace.slowSeconds(groups) : pace.seconds;
}

/** Of rounds that were measured one after the other, as if they were of one measurement. */
export function joinResults(parts: readonly PushResults[]): PushResults {
  return pushResults({
    rates: parts.flatMap(({ rates }) => rates),
    costs: parts.flatMap(({ costs }) => costs),
  });
}

function pushResults({ rates, costs }: Pick<PushResults, "rates" | "costs">): PushResults {
  return {
    rates,
    costs,
    against: (theirs, row) => ({
      ...row,
      unit: "/s",
      ours: median(rates),
      theirs: median(theirs.rates),
      ratio: medianRatio(rates, theirs.rates),
    }),
    costAgainst: (theirs, row) => ({
      ...row,
      unit: "µs",
      ours: median(costs),
      theirs: median(theirs.costs),
      ratio: medianRatio(costs, theirs.costs),
    }),
  };
}

/** What something that is there, or goes on beside them, costs pushes. */
export function costRows(
  name: string,
  withIt: PushResults,
  without: PushResults,
  targets: { readonly rate?: Target; readonly time?: Target } = {},
): readonly Comparison[] {
  const row = (what: string, target: Target | undefined) => ({
    name: `${what}, ${name}`,
    ...(target === undefined ? {} : { target }),
  });
  return [
    withIt.against(without, row("push", targets.rate)),
    withIt.costAgainst(without, row("gateway time of a push", targets.time)),
  ];
}

/** One part in twenty at most. */
export const littleCost = { rate: { atLeast: 0.95 }, time: { atMost: 1.05 } } as const;

function detail(contender: Contender, rounds: readonly CostedResult[]): Detail {
  const medianOf = (figure: keyof CostedResult) => median(rounds.map((round) => round[figure]));
  return {
    what: "push",
    contender: contender.name,
    groups: contender.groups,
    figures: {
      "pushes/s": medianOf("pushesPerSecond"),
      "p50 ms": medianOf("p50Ms"),
      "p90 ms": medianOf("p90Ms"),
      "p99 ms": medianOf("p99Ms"),
      "max ms": medianOf("maxMs"),
      "gateway µs": medianOf("gatewayMicros"),
      "redis µs": medianOf("redisMicros"),
    },
  };
}
