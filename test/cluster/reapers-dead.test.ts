import { setTimeout as delay } from "node:timers/promises";
import { Redis } from "ioredis";
import { expect, test } from "vitest";
import { startReaper } from "../support/reaper.ts";
import { startRedis } from "../support/redis.ts";
import { createClient } from "./checker/client.ts";
import { type ScrapeTarget, startLoad } from "./checker/load.ts";
import { startFleet } from "./fleet.ts";
import { judgedSound, rowTimeoutMs, runFor, tellLogsOnFailure, untilAcknowledged } from "./run.ts";

const ttlMs = 2_000;
const toleranceMs = 50;

/** What one scrape showed of the groups that expire. Times are of Redis' clock, in milliseconds, taken around the scrape. */
interface Sight {
  readonly target: string;
  readonly before: number;
  readonly after: number;
  readonly shown: ReadonlySet<number>;
}

test("all reapers dead: groups still vanish exactly at their TTL (± 50 ms of the store's clock); space freed once a reaper is back", {
  timeout: rowTimeoutMs,
}, async () => {
  await using redis = await startRedis();
  await using fleet = await startFleet({ redisUrl: redis.url });
  using store = connectToStore(redis.url);
  await killTwoReapers(redis.url);
  await using load = startLoad({ pushUrl: fleet.balancer.url, targets: fleet.targets });
  await using _logs = tellLogsOnFailure(fleet.logs);
  await untilAcknowledged(load, 500);

  const pushing = new AbortController();
  const looking = new AbortController();
  const sights: Sight[] = [];
  const lookers = fleet.replicas.map((replica) => look({ replica, store, sights }, looking.signal));
  const pushes = pushExpiring({ url: fleet.balancer.url, store }, pushing.signal);
  await runFor(1);
  pushing.abort();
  const expiring = await pushes;
  const last = Math.max(...expiring.map(({ acknowledgedAt }) => acknowledgedAt)) + ttlMs;
  await expect.poll(() => sights.at(-1)?.before, { timeout: 30_000 }).toBeGreaterThan(last + 1_000);
  looking.abort();
  await Promise.all(lookers);
  const verdict = await judgedSound(load);
  expect(verdict.failedPushes).toBeEmpty();
  expect(verdict.failedScrapes).toBeEmpty();

  expect(expiring.length).toBeGreaterThan(20);
  expect(expiring.flatMap((group) => wrongSights(group, sights))).toBeEmpty();
  const closeLooks = expiring.flatMap((group) => sights.filter((sight) => isCloseLook(group, sight)));
  expect(closeLooks.length).toBeGreaterThan(expiring.length);

  const living = await store.groups();
  expect(living).toBeGreaterThan(expiring.length);
  await using _reaper = await startReaper([`--redis.url=${redis.url}`]);
  await expect.poll(() => store.groups(), { timeout: 20_000 }).toBe(living - expiring.length);
});

/** Leaves behind what reapers leave that die at work. */
async function killTwoReapers(redisUrl: string): Promise<void> {
  await using first = await startReaper([`--redis.url=${redisUrl}`]);
  await using second = await startReaper([`--redis.url=${redisUrl}`]);
  await Promise.all([first.process.stop("SIGKILL"), second.process.stop("SIGKILL")]);
}

function wrongSights(group: Expiring, sights: readonly Sight[]): string[] {
  const { number, sentAt, acknowledgedAt } = group;
  return sights.flatMap(({ target, before, after, shown }) => {
    const isShown = shown.has(number);
    const mustBeThere = before > acknowledgedAt && after < sentAt + ttlMs - toleranceMs;
    const mustBeGone = before > acknowledgedAt + ttlMs + toleranceMs;
    if (!(mustBeThere && !isShown) && !(mustBeGone && isShown)) return [];
    const when = `${Math.round(before - sentAt)} to ${Math.round(after - sentAt)} ms after its push was sent`;
    return [`${target} ${isShown ? "shows" : "lacks"} group ${number} ${when}`];
  });
}

/** A scrape in the first tenth of a second in which the group must be gone. */
function isCloseLook({ acknowledgedAt }: Expiring, { before, after }: Sight): boolean {
  const deadline = acknowledgedAt + ttlMs + toleranceMs;
  return before > deadline && after < deadline + 100;
}

interface Store extends Disposable {
  /** Milliseconds of Redis' clock. */
  now(): Promise<number>;
  /** Groups that take up space, expired or not. */
  groups(): Promise<number>;
}

function connectToStore(url: string): Store {
  const client = new Redis(url);
  return {
    async now() {
      const [seconds, microseconds] = await client.time();
      return Number(seconds) * 1_000 + Number(microseconds) / 1_000;
    },
    groups: async () => (await client.keys("pushfleet:{0}:group:*")).length,
    [Symbol.dispose]: () => client.disconnect(),
  };
}

interface Expiring {
  readonly number: number;
  /** The time of the push, by Redis' clock, lies between these. */
  readonly sentAt: number;
  readonly acknowledgedAt: number;
}

/** Pushes one group after the other that lives for a while, until told to end. */
async function pushExpiring(
  { url, store }: { url: string; store: Store },
  signal: AbortSignal,
): Promise<readonly Expiring[]> {
  using client = createClient({ keepAlive: true });
  const pushed: Expiring[] = [];
  for (let number = 0; !signal.aborted; number++) {
    const sentAt = await store.now();
    const { status } = await client.send({
      method: "PUT",
      url: `${url}/metrics/job/expiring/number/${number}`,
      headers: { "Pushfleet-TTL": `${ttlMs}ms` },
      body: "# TYPE expiring gauge\nexpiring 1\n",
    });
    expect(status).toBe(200);
    pushed.push({ number, sentAt, acknowledgedAt: await store.now() });
    await delay(50);
  }
  return pushed;
}

interface LookOptions {
  readonly replica: ScrapeTarget;
  readonly store: Store;
  /** Where to put what was seen. */
  readonly sights: Sight[];
}

async function look({ replica, store, sights }: LookOptions, signal: AbortSignal): Promise<void> {
  using client = createClient({ keepAlive: true });
  while (!signal.aborted) {
    const before = await store.now();
    const { body } = await client.send({ method: "GET", url: `${replica.url}/metrics` });
    const after = await store.now();
    const numbers = body.matchAll(/^expiring\{[^}\n]*number="(\d+)"/gm);
    const shown = new Set([...numbers].map(([, number]) => Number(number)));
    sights.push({ target: replica.name, before, after, shown });
    await delay(20);
  }
}
