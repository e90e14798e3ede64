import type { Gateway } from "./gateways.ts";

const firstPauseMs = 100;
const longestPauseMs = 5_000;

/** A gateway that may be asked, in one call. */
export interface Candidate {
  readonly gateway: Gateway;
  /** When, by the clock that `failed` is told. */
  readonly notBefore: number;
}

export interface Failure {
  readonly now: number;
  /** Milliseconds that the gateway asked for. */
  readonly retryAfterMs: number;
  /** Asking it again within this call cannot help. */
  readonly isFinal: boolean;
}

/**
 * Whom one call asks: every gateway once, in their order; after that each again when its pause is over. Pauses double from
 * failure to failure and are partly random, so that many clients that failed together do not come back together.
 */
export class Candidates {
  #waiting: readonly (Candidate & { readonly failures: number })[];
  readonly #random: () => number;

  constructor(gateways: readonly Gateway[], random: () => number) {
    this.#waiting = gateways.map((gateway) => ({ gateway, notBefore: 0, failures: 0 }));
    this.#random = random;
  }

  /** Who may be asked the soonest; undefined when nobody is left. */
  next(): Candidate | undefined {
    return this.#waiting.toSorted((a, b) => a.notBefore - b.notBefore)[0];
  }

  failed({ gateway }: Candidate, { now, retryAfterMs, isFinal }: Failure): void {
    this.#waiting = this.#waiting.flatMap((candidate) => {
      if (candidate.gateway !== gateway) return [candidate];
      if (isFinal) return [];
      const failures = candidate.failures + 1;
      const pause = Math.max(retryAfterMs, this.#pauseMs(candidate.failures));
      return [{ gateway, failures, notBefore: now + pause }];
    });
  }

  #pauseMs(failures: number): number {
    return Math.min(firstPauseMs * 2 ** failures, longestPauseMs) * (0.5 + this.#random() / 2);
  }
}
