import { type Bench, settleAll } from "./bench.ts";
import type { Contender } from "./contenders.ts";
import type { LoadResult } from "./load.ts";
import { processorSeconds } from "./proc.ts";
import type { Comparison, Detail, Target } from "./report.ts";
import { inTurn, median, medianRatio } from "./rounds.ts";

/** What the rounds of one contender gave. */
export interface PushResults {
  readonly rates: readonly number[];
  /** Compares rates of the same rounds. */
  against(theirs: PushResults, row: { readonly name: string; readonly target?: Target }): Comparison;
}

/** Loads the contenders in turn; results are in their order. */
export async function measurePushes(
  contenders: readonly Contender[],
  bench: Bench,
): Promise<{ readonly results: readonly PushResults[]; readonly details: readonly Detail[] }> {
  const { load, pace, say } = bench;
  const push = async (contender: Contender, seconds: number) => {
    await settleAll(contenders, bench);
    return load.push({ port: contender.port, groups: contender.groups, seconds });
  };
  for (const contender of contenders) await push(contender, pace.warmUpSeconds);

  const rounds = await inTurn(contenders, pace.pushRounds, async (contender) => {
    const result = await withCost(contender, () => push(contender, secondsFor(contender, bench)));
    const { pushesPerSecond, p50Ms, p99Ms } = result;
    say(
      `${contender.name}, ${contender.groups} groups: ${pushesPerSecond.toFixed(1)} pushes/s, p50 ${p50Ms} ms, p99 ${p99Ms} ms`,
    );
    return result;
  });
  return {
    results: rounds.map(pushResults),
    details: contenders.map((contender, position) => detail(contender, rounds[position] ?? [])),
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

function pushResults(rounds: readonly CostedResult[]): PushResults {
  const rates = rounds.map(({ pushesPerSecond }) => pushesPerSecond);
  return {
    rates,
    against: (theirs, row) => ({
      ...row,
      unit: "/s",
      ours: median(rates),
      theirs: median(theirs.rates),
      ratio: medianRatio(rates, theirs.rates),
    }),
  };
}

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
