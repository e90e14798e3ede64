/**
 * What happened during a run, as the clients saw it: the only thing that is judged. All times are milliseconds of one
 * process's monotonic clock, taken before the first byte is sent and after the last byte has arrived.
 */
export interface History {
  /** Groups are numbered from 0. */
  readonly groups: number;
  /** Series that each push writes into its group, all of the same value, in two families. */
  readonly seriesPerGroup: number;
  /** In any order. Each group belongs to one pusher, which pushes one value after the other. */
  readonly pushes: readonly Push[];
  /** In any order. */
  readonly scrapes: readonly Scrape[];
  /** Of every replica, begun after the last push had ended. */
  readonly finalScrapes: readonly Scrape[];
}

/** Of a group, or its deletion: that pushes an absence, which has its place in the order of the group's values. */
export interface Push {
  readonly group: number;
  /** From 1, rising within a group and never used twice in a run, so that a value tells its push. */
  readonly value: number;
  readonly isDeletion: boolean;
  readonly startedAt: number;
  readonly endedAt: number;
  /** Anything but success leaves open whether the value, or the absence, is or will be visible. */
  readonly outcome: Refusal | Failure | { readonly kind: "acknowledged" };
}

export interface Scrape {
  /** Who was asked: a replica or the load balancer. */
  readonly target: string;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly outcome: Refusal | Failure | { readonly kind: "read"; readonly reading: Reading };
}

/** An answer that is no success. */
interface Refusal {
  readonly kind: "refused";
  readonly status: number;
  /** The header of the answer, as it stands there. */
  readonly retryAfter: string | undefined;
}

/** No answer, or only the beginning of one. */
export interface Failure {
  readonly kind: "failed";
  readonly reason: string;
}

/** What one scrape shows of all groups, by their numbers. A few bytes a group, because there are many scrapes. */
export interface Reading {
  /** The gateway said that it cannot reach its store and that this is an old view. */
  readonly admitsStale: boolean;
  /** Series found of each group: 0 for a group that is not there. At most 255. */
  readonly seriesCounts: Uint8Array;
  /** Smallest and largest value among the series of each group; 0 for a group that is not there. */
  readonly lowest: Float64Array;
  readonly highest: Float64Array;
}
