import { setTimeout as delay } from "node:timers/promises";
import type { Cursor, Replication, Version, VersionedChanges } from "@pushfleet/store";
import { type Batch, Batches, type Shipped } from "./batch.ts";
import type { Member } from "./member.ts";
import type { StoreClock } from "./store-clock.ts";
import type { Position } from "./tenure.ts";
import { Voyage } from "./voyage.ts";

export interface RoundOptions {
  readonly replication: Replication;
  readonly clock: StoreClock;
  /** How long the others wait for an answer before a member goes on by itself. */
  readonly patienceMs: number;
}

export interface RoundResult {
  /** Those that have everything that was in the feed. */
  readonly arrived: readonly Voyage[];
  /** Those that failed, were waited for too long, or whose tenure ended; some of what they were sent may be under way. */
  readonly left: readonly Voyage[];
  /** That were read. */
  readonly groups: number;
}

const groupsInPage = 500;
/**
 * A usual round reads some hundred groups, and does so in small pages with pauses between, in which pushes have the store and the
 * processors to themselves. What is more is a backlog, and read faster.
 */
const gentle = { pages: 12, groups: 60, pauseMs: 8 };
/** With 100 ms each way, one batch at a time would be five in a second at best. */
const batchesUnderWay = 3;
/** A peer that has nothing to take is asked so often whether it is there: it tells its history and clock. */
const greetAfterMs = 5_000;

/**
 * Reads the feed from that position to its end, and ships what it finds to all members alike: read, encoded and compressed once.
 * Members are done with when they have answered everything. Rejects StoreUnavailable, once nothing is under way any more.
 */
export async function shipRound(
  members: readonly Member[],
  from: Position,
  { replication, clock, patienceMs }: RoundOptions,
): Promise<RoundResult> {
  const aboard = new Set(members.map((member) => new Voyage(member)));
  const left: Voyage[] = [];
  let { cursor, ownAfter } = from;
  let groups = 0;

  const send = async (batch: Batch): Promise<void> => {
    for (const voyage of aboard) voyage.send(batch);
    await settle(batchesUnderWay - 1);
  };

  /** To ship on is for whoever has the lease now. */
  const dropEnded = (): void => {
    for (const voyage of aboard) {
      if (!voyage.member.tenure.signal.aborted) continue;
      aboard.delete(voyage);
      left.push(voyage);
    }
  };

  /** Waits until no more batches than that are under way; who takes too long, or has failed, is left behind. */
  const settle = async (most: number): Promise<void> => {
    const inTime = new AbortController();
    const late = delay(patienceMs, undefined, { signal: inTime.signal }).catch(() => {});
    await Promise.race([Promise.all([...aboard].map((voyage) => voyage.atMost(most))), late]);
    inTime.abort();
    for (const voyage of aboard) {
      if (voyage.error === undefined && voyage.underWay <= most) continue;
      aboard.delete(voyage);
      left.push(voyage);
    }
  };

  try {
    const batches = new Batches(replication.region);
    // Whether the position reached is worth being written down.
    let isNew = false;
    for (let pages = 0, more = true; more; pages++) {
      dropEnded();
      if (aboard.size === 0) break;
      const isGentle = pages < gentle.pages;
      const page = await readPage(replication, cursor, {
        ownAfter,
        groups: isGentle ? gentle.groups : groupsInPage,
      });
      if (page.reset) ownAfter = 0;
      clock.tell(page.nowMicros);
      more = page.more;
      groups += page.states.length;
      isNew ||= page.states.length > 0 || cursor?.history !== page.cursor.history;
      const owedSince = oldestOwn(page.states, replication.region, ownAfter);
      if (owedSince !== null) for (const { member } of aboard) member.status.owes(owedSince);
      for await (const batch of batches.add(page.states)) await send(batch);
      cursor = page.cursor;
      if (!more) ownAfter = page.clockMicros;
      if (more && isGentle) {
        await delay(gentle.pauseMs);
        continue;
      }
      if (batches.hasRest) await send(await batches.rest());
      for (const voyage of aboard) voyage.reach({ cursor, ownAfter }, isNew);
      isNew = false;
    }
    if (groups === 0) await greet(replication, aboard);
    await settle(0);
  } catch (error) {
    await Promise.all([...aboard].map(({ arrival }) => arrival));
    throw error;
  }
  const arrived = [...aboard];
  await Promise.all(arrived.map(({ arrival }) => arrival));
  for (const { member } of arrived) member.status.owesNothing();
  return { arrived, left, groups };
}

/** A page of the feed; from its beginning, and with all that ever happened here, when it cannot be gone on with. */
async function readPage(
  replication: Replication,
  cursor: Cursor | null,
  { ownAfter, groups }: { readonly ownAfter: number; readonly groups: number },
): Promise<VersionedChanges> {
  const page = await replication.changes(cursor, groups, { ownAfter });
  if (!page.reset || ownAfter === 0) return page;
  return replication.changes(null, groups, { ownAfter: 0 });
}

async function greet(replication: Replication, aboard: ReadonlySet<Voyage>): Promise<void> {
  const silent = [...aboard].filter(({ member }) => member.silenceMs >= greetAfterMs);
  if (silent.length === 0) return;
  const batch = await new Batches(replication.region).rest();
  for (const voyage of silent) voyage.send(batch);
}

/** The earliest of what happened here after that time, of what is still to be seen of it; null = nothing. */
function oldestOwn(states: readonly Shipped[], region: string, afterMicros: number): number | null {
  let oldest: number | null = null;
  const consider = (version: Version | null | undefined) => {
    if (version?.region !== region || version.micros <= afterMicros) return;
    oldest = Math.min(oldest ?? version.micros, version.micros);
  };
  for (const { floor, pushed, failed, families } of states) {
    for (const version of [floor, pushed?.version, failed?.version]) consider(version);
    for (const { version } of families) consider(version);
  }
  return oldest;
}
