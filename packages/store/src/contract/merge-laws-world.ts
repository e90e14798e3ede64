/** What the laws of merging are tried on. */
import type { Replication } from "../replication/replication.ts";
import type { GroupStore } from "../store.ts";

export interface RegionUnderTest {
  readonly store: Pick<GroupStore, "push" | "recordFailure" | "delete" | "expire" | "changes">;
  readonly replication: Replication;
}

/** Three regions without groups, in the order of `regionNames`. */
export interface World extends AsyncDisposable {
  readonly regions: readonly RegionUnderTest[];
  /** undefined where the stores have real clocks, which several histories can share. */
  readonly clocks?: WorldClocks;
}

interface WorldClocks {
  /** Sets how far the clocks are from each other. Called first, and at the end with 0 for all, which sets none back. */
  skew(skewsMs: readonly number[]): void;
  pass(micros: number): void;
  /** Of that region now. */
  nowMs(region: number): number;
  nowMicros(region: number): number;
}

/** Clocks of a test's own for three stores. */
export class SetClocks implements WorldClocks {
  #base = Date.UTC(2025, 0, 1) * 1000;
  #skews: readonly number[] = [];

  skew(skewsMs: readonly number[]): void {
    // Whoever was ahead stays there, and the others follow.
    this.#base += 1000 * (Math.max(0, ...this.#skews) - Math.max(0, ...skewsMs));
    this.#skews = skewsMs;
  }

  pass(micros: number): void {
    this.#base += micros;
  }

  nowMicros(region: number): number {
    return Math.round(this.#base + 1000 * (this.#skews[region] ?? 0));
  }

  nowMs(region: number): number {
    return Math.floor(this.nowMicros(region) / 1000);
  }
}
