/**
 * Ships to all peers for which this federator has the lease. Those that are in step, which is nearly always all, form a convoy: the
 * feed is read and each batch encoded once for all of them, as every reading costs Redis what it does not give to pushes. Who is
 * behind, slow or failing goes on by itself until it has caught up, so that nobody waits for it.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "@pushfleet/runtime";
import { type Replication, StoreUnavailable } from "@pushfleet/store";
import { Backoff } from "./backoff.ts";
import type { Member } from "./member.ts";
import { type RoundResult, shipRound } from "./round.ts";
import type { StoreClock } from "./store-clock.ts";
import type { Position } from "./tenure.ts";

export interface ConvoyOptions {
  readonly replication: Replication;
  readonly clock: StoreClock;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/**
 * From one look at the feed to the next, by how many groups the one before found. Groups that are pushed again meanwhile are
 * shipped once, which is what saves most where much is pushed.
 */
const paces: readonly { readonly groups: number; readonly everyMs: number }[] = [
  { groups: 5_000, everyMs: 4_000 },
  { groups: 2_000, everyMs: 2_000 },
  { groups: 100, everyMs: 1_000 },
];
const lookEveryMs = 250;
/** Between two looks of who goes alone and is slow. */
const slowEveryMs = 1_000;
/** So long the convoy waits for one of its peers. */
const patienceMs = 1_500;
/** Longer than requests may take that are under way together. */
const alonePatienceMs = 10 * 60_000;
/** Who answered within it keeps up. */
const quickMs = 1_000;
const retryStoreMs = 500;

export class Convoy {
  readonly #options: ConvoyOptions;
  readonly #members = new Set<Member>();
  /** Slow ones too, which are in no convoy. */
  readonly #caughtUp = new WeakSet<Member>();

  constructor(options: ConvoyOptions) {
    this.#options = options;
  }

  /** Ships to this peer from now on, until its tenure ends. */
  async add(member: Member): Promise<void> {
    await this.#goAlone(member);
  }

  /** Whether the peer had everything when it was last shipped to. */
  hasCaughtUp(member: Member): boolean {
    return this.#caughtUp.has(member);
  }

  /** Until the signal is aborted. Never rejects. */
  async run(): Promise<void> {
    const { signal, log } = this.#options;
    while (!signal.aborted) {
      const begin = performance.now();
      let everyMs = lookEveryMs;
      try {
        everyMs = await this.#shipTogether();
      } catch (error) {
        if (!(error instanceof StoreUnavailable)) log.error({ err: error }, "shipping failed");
        everyMs = retryStoreMs;
      }
      const restMs = Math.max(0, begin + everyMs - performance.now());
      await delay(restMs, undefined, { signal }).catch(() => {});
    }
  }

  /** Resolves to the time from this round to the next. */
  async #shipTogether(): Promise<number> {
    for (const member of this.#members) if (member.tenure.signal.aborted) this.#members.delete(member);
    const members = [...this.#members];
    if (members.length === 0) return lookEveryMs;
    const { left, groups } = await this.#ship(members);
    for (const voyage of left) {
      this.#members.delete(voyage.member);
      void voyage.arrival.then(() => this.#goAlone(voyage.member));
    }
    return paces.find((pace) => groups >= pace.groups)?.everyMs ?? lookEveryMs;
  }

  /** Until the peer has caught up, or its tenure ends. Never rejects. */
  async #goAlone(member: Member): Promise<void> {
    const { tenure } = member;
    const backoff = new Backoff();
    while (!tenure.signal.aborted) {
      try {
        const { arrived } = await this.#ship([member], alonePatienceMs);
        const [voyage] = arrived;
        if (voyage !== undefined) this.#caughtUp.add(member);
        if (voyage !== undefined && voyage.slowestMs <= quickMs) {
          if (!tenure.signal.aborted) this.#members.add(member);
          return;
        }
        if (voyage === undefined) await member.pause(backoff.next());
        else await member.pause(slowEveryMs);
      } catch (error) {
        if (!(error instanceof StoreUnavailable)) this.#options.log.error({ err: error }, "shipping failed");
        await member.pause(retryStoreMs);
      }
    }
  }

  async #ship(members: readonly Member[], waitMs = patienceMs): Promise<RoundResult> {
    const result = await shipRound(members, lowest(members), { ...this.#options, patienceMs: waitMs });
    for (const { member, error } of result.left) {
      if (error === undefined) continue;
      this.#caughtUp.delete(member);
      if (!member.tenure.signal.aborted) member.status.failed(error);
    }
    return result;
  }
}

/** Where all of them can go on. To ship something again does no harm. */
function lowest(members: readonly Member[]): Position {
  const [first, ...others] = members.map(({ tenure }) => tenure.record);
  let position: Position = first ?? beginning;
  for (const record of others) {
    if (record.cursor?.history !== position.cursor?.history) return beginning;
    const isLower = (record.cursor?.change ?? 0) < (position.cursor?.change ?? 0);
    const { cursor } = isLower ? record : position;
    position = { cursor, ownAfter: Math.min(record.ownAfter, position.ownAfter) };
  }
  return position;
}

const beginning: Position = { cursor: null, ownAfter: 0 };
