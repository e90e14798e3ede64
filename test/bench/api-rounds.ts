import { type ApiClient, type GroupsQuery, matchedIn } from "./api-client.ts";
import { type Bench, settleAll } from "./bench.ts";
import type { Contender } from "./contenders.ts";
import { pushGroups } from "./fill.ts";
import { processorSeconds } from "./proc.ts";
import type { Detail } from "./report.ts";
import { inTurn, median } from "./rounds.ts";

export interface ApiSubject {
  readonly contender: Contender;
  readonly client: ApiClient;
}

interface RequestOptions {
  readonly query: GroupsQuery;
  /** Random groups that are pushed before each request, outside of its time. */
  readonly pushesBetween: number;
  readonly rounds: number;
}

/** One round of requests, one after the other. */
export interface AnswerTimes {
  readonly medianMs: number;
  readonly worstMs: number;
  /** Processor time of the gateway for one request, with that of the pushes before it. */
  readonly gatewayMicros: number;
  readonly kilobytes: number;
}

/** Asks the subjects in turn; results are in their order, round by round. */
export function measureAnswers(
  subjects: readonly ApiSubject[],
  { query, pushesBetween, rounds }: RequestOptions,
  bench: Bench,
): Promise<AnswerTimes[][]> {
  const contenders = subjects.map(({ contender }) => contender);
  const requests = bench.pace.apiRequests;
  return inTurn(subjects, rounds, async ({ contender: { port, pid, groups }, client }) => {
    await settleAll(contenders, bench);
    await client.groups(query);
    const before = await processorSeconds(pid);
    const times: number[] = [];
    let kilobytes = 0;
    for (let asked = 0; asked < requests; asked++) {
      const changed = Array.from({ length: pushesBetween }, () => Math.floor(Math.random() * groups));
      await pushGroups({ port, groups: changed, signal: bench.signal });
      const { milliseconds, body } = await client.groups(query);
      times.push(milliseconds);
      kilobytes = body.length / 1e3;
    }
    const gatewayMicros = (((await processorSeconds(pid)) - before) * 1e6) / requests;
    return { medianMs: median(times), worstMs: Math.max(...times), gatewayMicros, kilobytes };
  });
}

export function answersDetail(what: string, contender: Contender, rounds: readonly AnswerTimes[]): Detail {
  const medianOf = (figure: keyof AnswerTimes) => median(rounds.map((round) => round[figure]));
  return {
    what,
    contender: contender.name,
    groups: contender.groups,
    figures: {
      "median ms": medianOf("medianMs"),
      "worst ms": medianOf("worstMs"),
      "gateway µs": medianOf("gatewayMicros"),
      kB: medianOf("kilobytes"),
    },
  };
}

/**
 * How long it takes until the first page tells of all groups, right after they were pushed: the gateway reads and folds
 * them all then. Meanwhile it may serve what it knew before.
 */
export async function measureFirstAnswer({ contender, client }: ApiSubject): Promise<Detail> {
  const start = performance.now();
  while (matchedIn(await client.groups({})) < contender.groups);
  return {
    what: "api, first request of all",
    contender: contender.name,
    groups: contender.groups,
    figures: { ms: performance.now() - start },
  };
}
