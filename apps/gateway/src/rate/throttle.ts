import { LimitExceeded, type Limits, shown } from "@pushfleet/exposition";
import type { Rated, RateLimiter, Refusal } from "./rate-limiter.ts";

/** A push or deletion that is allowed. */
interface Mutation {
  /** Null when it is about groups of any jobs. */
  readonly job: string | null;
  /** Name of whoever asks for it; "" is nobody's. */
  readonly identity: string;
  readonly limits: Limits;
}

/** Counts a mutation against the rates of its job and identity. Throws or rejects LimitExceeded when one is used up. */
export type Throttle = (mutation: Mutation) => void | Promise<void>;

export function createThrottle(limiter: RateLimiter): Throttle {
  return ({ job, identity, limits }) => {
    const ofIdentity: Rated = {
      kind: "identity",
      name: identity,
      perSecond: limits["push.max-rate-per-identity"],
    };
    const ofJob = (name: string): Rated => ({
      kind: "job",
      name,
      perSecond: limits["push.max-rate-per-job"],
    });
    const refusal = limiter.take(job === null ? [ofIdentity] : [ofJob(job), ofIdentity]);
    return refusal instanceof Promise ? refusal.then(refuse) : refuse(refusal);
  };
}

function refuse(refusal: Refusal | undefined): void {
  if (refusal === undefined) return;
  const { kind, name, perSecond } = refusal.rated;
  const offender = kind === "identity" && name === "" ? "whoever has no credentials" : shown(name);
  throw new LimitExceeded(`push.max-rate-per-${kind}`, {
    value: perSecond,
    offender,
    retryAfterMs: refusal.waitMs,
  });
}
