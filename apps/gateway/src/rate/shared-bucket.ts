import { type Bucket, burstOf } from "./bucket.ts";
import type { SharedTokens } from "./shared-tokens.ts";
import { TokenBucket } from "./token-bucket.ts";

/** The part of a second for which tokens are fetched at a time. */
const portionSeconds = 1 / 10;
/** The part of a rate that each replica has for itself, without asking. */
const ownShare = 1 / 100;

export interface SharedBucketOptions {
  /** As in the store's SharedBucket. */
  readonly id: string;
  readonly perSecond: number;
  readonly shared: SharedTokens;
  readonly now: () => number;
}

/**
 * One replica's part of a bucket that all replicas share. As most requests must not wait for the store,
 *  - tokens are fetched in portions of a tenth of a second's worth; below ten a second, one by one;
 *  - from ten a second on, each replica has one such portion and a hundredth of the rate for free. So whoever uses little of
 *    a generous rate costs nothing, and all replicas together may overstep it by as many hundredths;
 *  - while the store is away, each replica allows the full rate by itself.
 */
export class SharedBucketPart implements Bucket {
  readonly perSecond: number;
  readonly #options: SharedBucketOptions;
  readonly #portion: number;
  readonly #own: TokenBucket;
  /** For when the store is away; made then. */
  #alone: TokenBucket | undefined;
  #fetched = 0;
  #emptyUntil = Number.NEGATIVE_INFINITY;
  #fetching: Promise<void> | undefined;

  constructor(options: SharedBucketOptions, now: number) {
    const { perSecond } = options;
    this.perSecond = perSecond;
    this.#options = options;
    const portion = Math.floor(perSecond * portionSeconds);
    this.#portion = Math.max(1, portion);
    this.#own = new TokenBucket({ perSecond: perSecond * ownShare, most: portion, now });
  }

  has(now: number): boolean {
    return this.#fetched > 0 || this.#own.has(now) || this.#aloneAt(now)?.has(now) === true;
  }

  take(now: number): void {
    if (this.#fetched > 0) this.#fetched--;
    else if (this.#own.has(now)) this.#own.take();
    else this.#alone?.take();
  }

  shortage(now: number): number | Promise<void> {
    const alone = this.#aloneAt(now);
    if (alone !== undefined) return alone.waitMs();
    if (now < this.#emptyUntil) return this.#emptyUntil - now;
    this.#fetching ??= this.#fetch().finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  async #fetch(): Promise<void> {
    const { id, perSecond, shared, now } = this.#options;
    const tokens = await shared.take({ id, perSecond, most: burstOf(perSecond) }, this.#portion);
    if (tokens === undefined) return;
    this.#fetched += tokens.taken;
    if (tokens.taken === 0) this.#emptyUntil = now() + tokens.waitMs;
  }

  /** Undefined unless the store is away. */
  #aloneAt(now: number): TokenBucket | undefined {
    const { perSecond, shared } = this.#options;
    if (!shared.isAway(now)) return undefined;
    this.#alone ??= new TokenBucket({ perSecond, most: burstOf(perSecond), now });
    return this.#alone;
  }
}
