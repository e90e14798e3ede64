export interface TombstoneOptions {
  /** How many removals are remembered for readers of the change feed that fall behind; after that they start anew. */
  readonly tombstones?: number;
}

export interface RegionOptions {
  /** How far ahead of the clock a state from another region may be. Default: a minute. */
  readonly maxAheadMs?: number;
  /**
   * How long, at least, a store that belongs to a region remembers what was removed, for regions that cannot be reached. Default: a
   * day. Kept in the store: what was said last counts for all processes.
   */
  readonly tombstoneRetentionMs?: number;
}

export const defaultTombstones = 20_000;
