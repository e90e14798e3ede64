/** Tokens for which requests queue, so that there are only so many a second; all processes that share the store share them. */
export interface TokenSource {
  /**
   * Takes as many tokens as wanted, or as there are. Rejects StoreUnavailable; tokens may be lost then.
   */
  take(bucket: SharedBucket, wanted: number): Promise<Tokens>;
}

/** A bucket is full at first and when it was not taken from for long. */
export interface SharedBucket {
  /** What tells it from others, a short plain text. */
  readonly id: string;
  /** Tokens that come back in a second. */
  readonly perSecond: number;
  /** Tokens that it holds at most, at least 1. */
  readonly most: number;
}

export interface Tokens {
  /** Whole ones, perhaps 0. */
  readonly taken: number;
  /** Milliseconds until there is one again; 0 unless none was taken. */
  readonly waitMs: number;
}
