import { setInterval as every } from "node:timers/promises";
import { type ApiClient, createApiClient, type GroupsQuery, matchedIn } from "../api-client.ts";
import { type ApiSubject, answersDetail, measureAnswers, measureFirstAnswer } from "../api-rounds.ts";
import { type Bench, type Section, startAll } from "../bench.ts";
import { type StartContender, startEmbedded, startRedisStore } from "../contenders.ts";
import { allGroups } from "../fill.ts";
import {
  costRows,
  joinResults,
  littleCost,
  measurePushes,
  type PushMeasurement,
  type PushSubject,
} from "../push-rounds.ts";
import { type Comparison, type Detail, joinReports, type SectionReport, withinLimit } from "../report.ts";
import { median, medianRatio } from "../rounds.ts";
import { groupPath } from "../workload.ts";

const FEW = 1_000;
const PUSHES_BETWEEN = 10;
const CHANGES = [
  { pushesBetween: 0, text: "nothing pushed" },
  { pushesBetween: PUSHES_BETWEEN, text: `${PUSHES_BETWEEN} pushes between` },
];
const OTHER_SORTS = ["failure", "job", "series", "bytes", "expiry"];

const SEARCH_LIMIT_MS = 100;
const SEARCHES: readonly { readonly what: string; readonly query: GroupsQuery; readonly finds: RegExp }[] = [
  { what: "free text", query: { search: "job-1 host-4" }, finds: /job-1\d*\/instance\/host-4\d?$/ },
  {
    what: "matchers",
    query: { "match[]": '{job="job-7",instance="host-42"}' },
    finds: /job-7\/instance\/host-42$/,
  },
  {
    what: "regular expressions",
    query: { "match[]": '{job=~"job-.*7",instance!~"host-[0-4].*"}' },
    finds: /job-\d*7\/instance\/host-[5-9]\d?$/,
  },
];

/** What a page of groups costs whoever asks for it, and the pushes beside. */
export const apiSection: Section = async (bench) => {
  const reports = [];
  for (const start of [startEmbedded, startRedisStore]) reports.push(await answers(start, bench));
  reports.push(await besidePushes(bench));
  return joinReports(reports);
};

async function answers(start: StartContender, bench: Bench): Promise<SectionReport> {
  const { largeSize, shownGroups } = bench.pace;
  const sizes = [largeSize, FEW, shownGroups];
  await using running = await startAll(
    sizes.map((groups) => [start, { groups }]),
    bench,
  );
  using clients = new DisposableStack();
  const [large, few, shown] = running.contenders.map((contender) => ({
    contender,
    client: clients.use(createApiClient(contender.port)),
  }));
  if (large === undefined || few === undefined || shown === undefined) throw new Error("nothing was started");
  const first = [];
  for (const subject of [large, few, shown]) first.push(await measureFirstAnswer(subject));
  return joinReports([
    await firstPages({ large, few }, bench),
    await searches(shown, { isLimited: true }, bench),
    await searches(large, { isLimited: false }, bench),
    await otherSorts([shown, large], bench),
    { comparisons: [], details: first },
  ]);
}

async function firstPages(
  { large, few }: { readonly large: ApiSubject; readonly few: ApiSubject },
  bench: Bench,
): Promise<SectionReport> {
  const comparisons: Comparison[] = [];
  const details: Detail[] = [];
  for (const { pushesBetween, text } of CHANGES) {
    const options = { query: { sort: "last_push" }, pushesBetween, rounds: bench.pace.apiRounds };
    const [many = [], less = []] = await measureAnswers([large, few], options, bench);
    const [manyMs, lessMs] = [many, less].map((rounds) => rounds.map(({ medianMs }) => medianMs));
    if (manyMs === undefined || lessMs === undefined) throw new Error("nothing was measured");
    const what = `api, first page by last push, ${text}`;
    const sizes = [large, few].map(({ contender }) => contender.groups.toLocaleString("en")).join(" / ");
    comparisons.push({
      name: `${what}, ${large.contender.name}, ${sizes} groups`,
      unit: "ms",
      ours: median(manyMs),
      theirs: median(lessMs),
      ratio: medianRatio(manyMs, lessMs),
      target: { atMost: 3 },
    });
    details.push(answersDetail(what, large.contender, many), answersDetail(what, few.contender, less));
    bench.say(
      `${what}, ${large.contender.name}: ${median(manyMs).toFixed(1)} ms / ${median(lessMs).toFixed(1)} ms`,
    );
  }
  return { comparisons, details };
}

/** While groups are pushed, as nobody searches what stands still. */
async function searches(
  subject: ApiSubject,
  { isLimited }: { readonly isLimited: boolean },
  bench: Bench,
): Promise<SectionReport> {
  const { contender, client } = subject;
  const comparisons: Comparison[] = [];
  const details: Detail[] = [];
  for (const { what, query, finds } of SEARCHES) {
    await checkFound(client, { query, expected: countGroups(contender.groups, finds) });
    const options = { query, pushesBetween: PUSHES_BETWEEN, rounds: isLimited ? bench.pace.apiRounds : 1 };
    const [rounds = []] = await measureAnswers([subject], options, bench);
    const detail = answersDetail(`api, search by ${what}`, contender, rounds);
    details.push(detail);
    const { "median ms": medianMs = Number.NaN, "worst ms": worstMs = Number.NaN } = detail.figures;
    bench.say(
      `${detail.what}, ${contender.name}, ${contender.groups} groups: ${medianMs.toFixed(1)} ms, at worst ${worstMs.toFixed(1)} ms`,
    );
    if (!isLimited) continue;
    const name = `${detail.what}, ${contender.name}, ${contender.groups.toLocaleString("en")} groups`;
    comparisons.push(
      withinLimit({ name: `${name}, median`, unit: "ms", value: medianMs, limit: SEARCH_LIMIT_MS }),
      withinLimit({ name: `${name}, worst`, unit: "ms", value: worstMs, limit: SEARCH_LIMIT_MS }),
    );
  }
  return { comparisons, details };
}

/** After all else: every order that was asked for once is kept up from then on. */
async function otherSorts(subjects: readonly ApiSubject[], bench: Bench): Promise<SectionReport> {
  const details: Detail[] = [];
  for (const sort of OTHER_SORTS) {
    const options = { query: { sort }, pushesBetween: PUSHES_BETWEEN, rounds: 1 };
    const rounds = await measureAnswers(subjects, options, bench);
    details.push(
      ...subjects.map(({ contender }, position) =>
        answersDetail(`api, first page by ${sort}`, contender, rounds[position] ?? []),
      ),
    );
  }
  return { comparisons: [], details };
}

/**
 * Pushes as fast as they are answered: to a gateway whose query API nobody has ever used, to one that has all its orders to
 * keep up, and to the same while a client asks once a second, as an open page of the web UI does. All have been scraped,
 * so that the view is there either way. Two processes that do the same differ by more than a twentieth for as long as they
 * live, so there is a new pair for each round.
 */
async function besidePushes(bench: Bench): Promise<SectionReport> {
  const { heldGroups: groups, besideRounds } = bench.pace;
  const rounds: PushMeasurement[] = [];
  for (let round = 0; round < besideRounds; round++) rounds.push(await besidePushesOnce(bench, round));
  const [before, never, asked] = [0, 1, 2].map((subject) =>
    joinResults(rounds.flatMap(({ results }) => results[subject] ?? [])),
  );
  if (asked === undefined || before === undefined || never === undefined)
    throw new Error("nothing was measured");
  const at = `${groups.toLocaleString("en")} groups`;
  return {
    comparisons: [
      ...costRows(`embedded, query API used before / never, ${at}`, before, never, littleCost),
      // What somebody who asks costs is theirs: this much is for comparison only.
      ...costRows(`embedded, first page asked for once a second / not, ${at}`, asked, before),
    ],
    details: rounds.flatMap(({ details }) => details),
  };
}

async function besidePushesOnce(bench: Bench, round: number): Promise<PushMeasurement> {
  const filled = [startEmbedded, { groups: bench.pace.heldGroups }] as const;
  await using running = await startAll([filled, filled], bench);
  const [one, other] = running.contenders;
  if (one === undefined || other === undefined) throw new Error("nothing was started");
  const [used, unused] = round % 2 === 0 ? [one, other] : [other, one];
  for (const { port } of running.contenders)
    await (await fetch(`http://127.0.0.1:${port}/metrics`)).arrayBuffer();
  using client = createApiClient(used.port);
  for (const sort of ["last_push", ...OTHER_SORTS]) await client.groups({ sort });
  const pace = { ...bench.pace, pushRounds: 1, seconds: bench.pace.besideSeconds };
  const measure = (subjects: readonly PushSubject[]) => measurePushes(subjects, { ...bench, pace });
  // Apart, so that neither of the first two has taken more pushes than the other before.
  const first = await measure([
    { ...used, name: "embedded, asked before" },
    { ...unused, name: "embedded, never asked" },
  ]);
  const then = await measure([
    { ...used, name: "embedded, asked", beside: async () => askEverySecond(used.port) },
  ]);
  return {
    results: [...first.results, ...then.results],
    details: [...first.details, ...then.details],
  };
}

/** Disposing ends it and rejects when a request failed. */
function askEverySecond(port: number): AsyncDisposable {
  const stopping = new AbortController();
  const { signal } = stopping;
  const asking = (async () => {
    using client = createApiClient(port);
    try {
      for await (const _ of every(1_000, undefined, { signal })) await client.groups({});
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  })();
  asking.catch(() => {}); // told when it is disposed
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await asking;
    },
  };
}

/** A fast search that finds something else would be no feat. */
async function checkFound(
  client: ApiClient,
  { query, expected }: { readonly query: GroupsQuery; readonly expected: number },
): Promise<void> {
  const found = matchedIn(await client.groups(query));
  if (found !== expected)
    throw new Error(`${JSON.stringify(query)} finds ${found} groups, there are ${expected}`);
}

function countGroups(groups: number, finds: RegExp): number {
  return [...allGroups(groups)].filter((group) => finds.test(groupPath(group))).length;
}
