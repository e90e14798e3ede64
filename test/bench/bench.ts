import type { Contender, ContenderOptions, StartContender } from "./contenders.ts";
import type { Load } from "./load.ts";
import { settle } from "./proc.ts";
import type { SectionReport } from "./report.ts";

/** What every section works with. */
export interface Bench {
  readonly load: Load;
  readonly pace: Pace;
  readonly signal: AbortSignal;
  /** One line of progress. */
  readonly say: (line: string) => void;
}

export interface Pace {
  /** Times every contender is measured; ratios are medians over them. */
  readonly pushRounds: number;
  readonly scrapeRounds: number;
  /** Of load in one measurement. */
  readonly seconds: number;
  /** The same for upstream with its check on, which answers a few pushes a second when it holds 10,000 groups. */
  readonly slowSeconds: (groups: number) => number;
  /** Of load before anything counts, so that the compilers of Node and LuaJIT have done their work. */
  readonly warmUpSeconds: number;
  /** Sizes at which all servers are compared. */
  readonly sizes: readonly number[];
  /** Groups held while scrapes and memory are measured; the targets of both are set for 10,000. */
  readonly heldGroups: number;
  /** The size ours must be as fast at as at 100 groups. */
  readonly largeSize: number;
  /** Groups held while searches and the web UI are measured; the targets of both are set for 20,000. */
  readonly shownGroups: number;
  /** Rounds of requests to the query API and of visits to the web UI, and requests in a round. */
  readonly apiRounds: number;
  readonly apiRequests: number;
  /** Rounds of load with something beside it and without, and their length: two rates to be told apart by a twentieth. */
  readonly besideRounds: number;
  readonly besideSeconds: number;
}

export type Section = (bench: Bench) => Promise<SectionReport>;

/** What to start, and how. */
export type Start = readonly [StartContender, Omit<ContenderOptions, "signal">];

/** Starts the contenders one after the other; disposing the result ends them all. */
export async function startAll(
  starts: readonly Start[],
  { signal, say }: Bench,
): Promise<{ readonly contenders: readonly Contender[] } & AsyncDisposable> {
  await using stack = new AsyncDisposableStack();
  const contenders: Contender[] = [];
  for (const [start, options] of starts) {
    const contender = stack.use(await start({ ...options, signal }));
    say(`filled ${contender.name} with ${contender.groups} groups`);
    contenders.push(contender);
  }
  const running = stack.move();
  return { contenders, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

/** Waits until the contenders have nothing left to do. */
export function settleAll(contenders: readonly Contender[], { signal }: Bench): Promise<void> {
  const pids = contenders.flatMap(({ pid, redisPid }) => (redisPid === undefined ? [pid] : [pid, redisPid]));
  return settle(pids, signal);
}
