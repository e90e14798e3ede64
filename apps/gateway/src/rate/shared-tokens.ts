import { setTimeout as delay } from "node:timers/promises";
import type { SharedBucket, TokenSource, Tokens } from "@pushfleet/store";

/** A request waits no longer for its tokens. */
const patienceMs = 250;
/** So long nobody asks a source that gave no answer. */
const awayMs = 1_000;

/** Tokens of a source that may be away: a limit must not make an outage worse. */
export class SharedTokens {
  readonly #source: TokenSource;
  readonly #now: () => number;
  #awayUntil = Number.NEGATIVE_INFINITY;

  constructor(source: TokenSource, now: () => number) {
    this.#source = source;
    this.#now = now;
  }

  isAway(now: number): boolean {
    return now < this.#awayUntil;
  }

  /** As TokenSource; undefined, and the source is away, when it gives no answer in time or fails. */
  async take(bucket: SharedBucket, wanted: number): Promise<Tokens | undefined> {
    const timer = new AbortController();
    const tooLate = delay(patienceMs, undefined, { signal: timer.signal }).catch(() => undefined);
    const answer = this.#source.take(bucket, wanted).catch(() => undefined);
    const tokens = await Promise.race([answer, tooLate]);
    timer.abort();
    if (tokens === undefined) this.#awayUntil = this.#now() + awayMs;
    return tokens;
  }
}
