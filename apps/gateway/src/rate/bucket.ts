import { TokenBucket } from "./token-bucket.ts";

/** What requests take a token from, or have to go away. Times as in TokenBucket. */
export interface Bucket {
  readonly perSecond: number;
  has(now: number): boolean;
  /** Takes one, which has to be there. */
  take(now: number): void;
  /** When there is none: milliseconds until there may be one, or a promise after which to look again. */
  shortage(now: number): number | Promise<void>;
}

/** One second's worth of tokens may be taken at once; where that is less than one, a whole one. */
export function burstOf(perSecond: number): number {
  return Math.max(1, perSecond);
}

/** The bucket of a process without others. */
export function localBucket(perSecond: number, now: number): Bucket {
  const tokens = new TokenBucket({ perSecond, most: burstOf(perSecond), now });
  return {
    perSecond,
    has: (at) => tokens.has(at),
    take: () => tokens.take(),
    shortage: () => tokens.waitMs(),
  };
}
