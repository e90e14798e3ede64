import { setTimeout as delay } from "node:timers/promises";
import { type Client, createClient } from "./client.ts";
import { groupPath, pushBody, readScrape, seriesPerGroup } from "./exposition.ts";
import type { Failure, History, Push, Scrape } from "./history.ts";

export interface LoadOptions {
  /** Address that takes the pushes, without a trailing slash. */
  readonly pushUrl: string;
  /** Each is scraped by a reader of its own. */
  readonly targets: readonly ScrapeTarget[];
  readonly groups?: number;
  readonly pushers?: number;
  /** Milliseconds that a pusher, or a reader, waits after an answer. */
  readonly pushPauseMs?: number;
  readonly scrapePauseMs?: number;
}

export interface ScrapeTarget {
  readonly name: string;
  /** Address without a trailing slash. */
  readonly url: string;
}

/** Pushers and readers at work. Disposing stops them too. */
export interface Load extends AsyncDisposable {
  /** Reads one more target until the work is done. It is not among those that are scraped at the end. */
  readWhile(target: ScrapeTarget, work: () => Promise<void>): Promise<void>;
  /** Pushes and deletions acknowledged so far. */
  acknowledged(): number;
  /** Scrapes of the target answered so far. */
  readsOf(name: string): number;
  /** Ends the load, then scrapes every target once more; resolves to all that happened since the start. */
  stop(): Promise<History>;
}

/** After this many pushes to a few groups of his own, a pusher turns to the next of all his others. */
const hotGroups = 3;

/** He deletes a group this often instead. A prime, so that in time it is the turn of each of his groups. */
const deletionEvery = 11;

/** Each pusher owns the groups whose number it is the remainder of, and pushes to every second time to one of few. */
export function startLoad(options: LoadOptions): Load {
  const { groups = 500, pushers = 8, pushPauseMs = 20, scrapePauseMs = 100 } = options;
  const pushes: Push[] = [];
  const scrapes: Scrape[] = [];
  const stopping = new AbortController();
  const workers: Promise<void>[] = [];
  let lastValue = 0;
  let acknowledged = 0;
  const readsOf = new Map<string, number>();

  const pusher = async (number: number) => {
    using client = createClient({ keepAlive: number % 2 === 0 });
    const own = Array.from({ length: groups }, (_, group) => group).filter(
      (group) => group % pushers === number,
    );
    for (let turn = 0; !stopping.signal.aborted; turn++) {
      const group = own[turn % 2 === 0 ? (turn / 2) % own.length : turn % hotGroups] ?? number;
      const isDeletion = turn % deletionEvery === deletionEvery - 1;
      const push = await pushOnce(client, { url: options.pushUrl, group, value: ++lastValue, isDeletion });
      pushes.push(push);
      if (push.outcome.kind === "acknowledged") acknowledged += 1;
      await pause(pushPauseMs, stopping.signal);
    }
  };
  const reader = async (target: ScrapeTarget, until: AbortSignal) => {
    using client = createClient({ keepAlive: true });
    while (!until.aborted) {
      const scrape = await scrapeOnce(client, target, groups);
      scrapes.push(scrape);
      if (scrape.outcome.kind === "read") readsOf.set(target.name, (readsOf.get(target.name) ?? 0) + 1);
      await pause(scrapePauseMs, until);
    }
  };
  const end = async () => {
    stopping.abort();
    await Promise.all(workers);
  };

  for (let number = 0; number < pushers; number++) workers.push(pusher(number));
  for (const target of options.targets) workers.push(reader(target, stopping.signal));
  return {
    async readWhile(target, work) {
      const done = new AbortController();
      const reading = reader(target, AbortSignal.any([done.signal, stopping.signal]));
      try {
        await work();
      } finally {
        done.abort();
        await reading;
      }
    },
    acknowledged: () => acknowledged,
    readsOf: (name) => readsOf.get(name) ?? 0,
    async stop() {
      await end();
      using client = createClient({ keepAlive: false });
      const finalScrapes: Scrape[] = [];
      for (const target of options.targets) finalScrapes.push(await scrapeOnce(client, target, groups));
      return { groups, seriesPerGroup, pushes, scrapes, finalScrapes };
    },
    [Symbol.asyncDispose]: end,
  };
}

interface PushOrder {
  readonly url: string;
  readonly group: number;
  readonly value: number;
  readonly isDeletion: boolean;
}

async function pushOnce(client: Client, { url, group, value, isDeletion }: PushOrder): Promise<Push> {
  const target = { url: url + groupPath(group) };
  const startedAt = performance.now();
  const outcome = await client
    .send(
      isDeletion
        ? { ...target, method: "DELETE" }
        : { ...target, method: value % 2 === 0 ? "PUT" : "POST", body: pushBody(value) },
    )
    .then(
      ({ status, retryAfter }): Push["outcome"] =>
        status === (isDeletion ? 202 : 200)
          ? { kind: "acknowledged" }
          : { kind: "refused", status, retryAfter },
      failure,
    );
  return { group, value, isDeletion, startedAt, endedAt: performance.now(), outcome };
}

async function scrapeOnce(client: Client, { name, url }: ScrapeTarget, groups: number): Promise<Scrape> {
  const startedAt = performance.now();
  const answer = await client
    .send({ method: "GET", url: `${url}/metrics`, headers: { "Accept-Encoding": "gzip" } })
    .catch(failure);
  const endedAt = performance.now();
  const scraped = { target: name, startedAt, endedAt };
  if ("kind" in answer) return { ...scraped, outcome: answer };
  const { status, retryAfter, body } = answer;
  if (status !== 200) return { ...scraped, outcome: { kind: "refused", status, retryAfter } };
  return { ...scraped, outcome: { kind: "read", reading: readScrape(body, groups) } };
}

function failure(error: unknown): Failure {
  return { kind: "failed", reason: error instanceof Error ? error.message : String(error) };
}

/** Shorter when the load ends meanwhile. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => {});
}
