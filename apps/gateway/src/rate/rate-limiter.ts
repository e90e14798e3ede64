import { hash } from "node:crypto";
import type { TokenSource } from "@pushfleet/store";
import { type Bucket, localBucket } from "./bucket.ts";
import { Recent } from "./recent.ts";
import { SharedBucketPart } from "./shared-bucket.ts";
import { SharedTokens } from "./shared-tokens.ts";

/** Who may do something so often. The same one has a bucket for each rate. */
export interface Rated {
  readonly kind: "job" | "identity";
  readonly name: string;
  readonly perSecond: number;
}

/** Nothing was taken, because this one's bucket is empty. */
export interface Refusal {
  readonly rated: Rated;
  /** Milliseconds until it may not be. */
  readonly waitMs: number;
}

export interface RateLimiter {
  /** Takes one token of each, or none at all. Answers at once in nearly all cases. */
  take(all: readonly Rated[]): Refusal | undefined | Promise<Refusal | undefined>;
}

export interface RateLimiterOptions {
  /** What shares the buckets with other replicas; absent = there are none. */
  readonly source?: TokenSource | undefined;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
}

/** Of each kind. With buckets of some 400 bytes that is some 20 MB at most. A bucket that was forgotten is full again. */
const mostNames = 16_384;
/** Rates of one name that differ, by rules and by reloads. */
const mostRates = 8;

export function createRateLimiter({
  source,
  now = () => performance.now(),
}: RateLimiterOptions): RateLimiter {
  const recent = { job: new Recent<Bucket[]>(mostNames), identity: new Recent<Bucket[]>(mostNames) };
  const shared = source && new SharedTokens(source, now);

  const create = ({ kind, name, perSecond }: Rated, at: number): Bucket => {
    if (shared === undefined) return localBucket(perSecond, at);
    // Anyone may choose names: in Redis they are a hash, which tells rates apart too.
    const id = hash("sha256", `${kind} ${perSecond} ${name}`, "base64url");
    return new SharedBucketPart({ id, perSecond, shared, now }, at);
  };

  const bucketOf = (rated: Rated, at: number): Bucket => {
    const ofName = recent[rated.kind].get(rated.name);
    const known = ofName?.find(({ perSecond }) => perSecond === rated.perSecond);
    if (known !== undefined) return known;
    const bucket = create(rated, at);
    recent[rated.kind].set(rated.name, [bucket, ...(ofName ?? [])].slice(0, mostRates));
    return bucket;
  };

  const take: RateLimiter["take"] = (all) => {
    const at = now();
    const buckets = all.map((rated) => bucketOf(rated, at));
    for (const [i, bucket] of buckets.entries()) {
      if (bucket.has(at)) continue;
      const shortage = bucket.shortage(at);
      const rated = all[i];
      if (typeof shortage !== "number") return shortage.then(() => take(all));
      if (rated !== undefined) return { rated, waitMs: shortage };
    }
    for (const bucket of buckets) bucket.take(at);
    return undefined;
  };
  return { take };
}
