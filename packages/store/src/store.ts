import type { Label, Limits, MetricType } from "@pushfleet/exposition";
import type { AdmittedFamily, Group, GroupId } from "@pushfleet/groups";
import type { RegionId } from "./replication/version.ts";
import type { TextSpan } from "./text-span.ts";

/**
 * Where groups live. Two implementations (embedded, Redis) keep one contract, `store.contract.ts`.
 *
 * Ordering: mutations of one group are linearizable, across all processes that share the store. A mutation is in effect
 * when its promise resolves; every `changes` call that starts later, anywhere, shows it (in a paged listing the first
 * call counts). While a promise is pending or after it rejected with StoreUnavailable, the mutation may or may not be in
 * effect; repeating it is safe.
 *
 * Atomicity: a push takes effect whole or not at all. No reader ever sees half of one.
 *
 * Ownership: arguments must not be changed after the call; results are the caller's, but strings and arrays in them may
 * be shared, so they are readonly.
 *
 * Time: the store has one clock of its own; callers' clocks play no part.
 *
 * Not promised: that a removed group is reported once only, or that an upsert differs from what was reported before.
 */
export interface GroupStore {
  /**
   * Writes the families into the group and stamps it with the store's time.
   * `replace` (PUT) first drops all families of the group; `merge` (POST) drops only those of the same names.
   * An expired group counts as absent. The group's failure time survives both modes.
   *
   * Rejects InconsistentPush when a family's type differs from the same name's in another group, when its name collides
   * with a suffix (`_count`, `_sum`, `_bucket`) of or with a summary or histogram in another group or among what remains
   * in this one, or when a series is already held by another group. Rejects LimitExceeded when the group would have too many
   * series, or when it would have to be created and there are too many groups. Nothing is written then.
   * Cost: O(what is pushed + the families of this group it replaces), whatever else is stored.
   */
  push(group: Group, families: readonly AdmittedFamily[], options: PushOptions): Promise<void>;

  /**
   * Sets the group's failure time to now, creating the group without families and with push time 0 if it is missing; an
   * expired group counts as missing. Only then does the time to live apply: a failure never moves the end of a group that
   * is there. Where the limits let no group be created, nothing is recorded.
   */
  recordFailure(group: Group, options?: FailureOptions): Promise<void>;

  /**
   * Removes the group with its times. False when there was none, or, with a condition, when it does not hold any more: what
   * was pushed after somebody chose the group for deletion stays.
   */
  delete(id: GroupId, condition?: DeleteCondition): Promise<boolean>;

  /** Removes every group; resolves to how many there were. Pushes that arrive meanwhile survive or vanish whole. */
  wipe(): Promise<number>;

  /**
   * The groups changed since the cursor (all groups, when null), in order of their change numbers, at most `limit` of
   * upserts and removals together in one page. While `more` is true, call again with the returned cursor; the pages
   * folded up to one with `more: false` are exactly the state of the store at one moment after the first call began; a
   * single page is the state at a moment during its call.
   * A group appears once per call, with its newest state. Groups that have expired may be left out or reported with an
   * `expiresAtMs` that has passed.
   */
  changes(since: Cursor | null, limit: number): Promise<Changes>;

  /**
   * Where the change feed ends at a moment after this call began, at a cost that does not depend on what is stored: for
   * those who want to know how much has changed before they read it. Mutations in effect count, as in `changes`.
   */
  end(): Promise<FeedEnd>;

  /**
   * Removes at most `limit` groups whose time to live has passed (rechecked atomically: a push wins), oldest first, and
   * trims what the change feed no longer needs. Resolves to the number removed; call again while it equals `limit`.
   */
  expire(limit: number): Promise<number>;

  /** Resolves when the store can take a push now; rejects StoreUnavailable with the reason otherwise. */
  ready(): Promise<void>;

  /** Waits for pending mutations, then frees everything. The store must not be used afterwards. */
  close(): Promise<void>;
}

export interface DeleteCondition {
  /** The last successful push is that of this time, as `GroupState.pushedAtMicros` tells. No two pushes have the same, unless `PushOptions.times` says so. */
  readonly ifPushedAtMicros?: number;
}

export interface Lifetime {
  /** Milliseconds from this mutation until the group expires; absent = never. */
  readonly ttlMs?: number;
}

/** The time to live replaces the group's previous one. */
export interface PushOptions extends Lifetime {
  readonly mode: PushMode;
  /**
   * What the group tells of its last push and failure instead of when they really were: for groups that are taken over from
   * elsewhere. A push without them tells the truth again.
   */
  readonly times?: GroupTimes;
  /** Absent = none. */
  readonly limits?: StoreLimits;
}

export interface FailureOptions extends Lifetime {
  /** Absent = none. */
  readonly limits?: StoreLimits;
  /** What to do when the group is missing. Default "create". */
  readonly ifMissing?: "create" | "nothing";
}

/**
 * How much may be stored: series (lines of a scrape) of the group after the push, and groups with its job and in all. Those
 * of groups count when one is created; what has expired does not count.
 */
export type StoreLimits = Pick<Limits, "group.max-series" | "job.max-groups" | "store.max-groups">;

export type PushMode = "replace" | "merge";

/** Of a group, in microseconds since the epoch; 0 = never. */
export type GroupTimes = Pick<GroupState, "pushedAtMicros" | "failedAtMicros">;

/** A reader's position in the change feed. Opaque; valid for the store that gave it, survives restarts of the reader. */
export interface Cursor {
  /** Identifies one unbroken history of change numbers: differs after a failover, a restart or a flush. */
  readonly history: string;
  readonly change: number;
  /**
   * While the pages of a full listing are read: the change number at which it began. This reader has nothing that was
   * removed before, so trimmed tombstones up to there do not force it to start again.
   */
  readonly listedSince?: number;
}

export interface Changes {
  readonly upserts: readonly GroupState[];
  readonly removals: readonly GroupId[];
  readonly cursor: Cursor;
  /** The store's clock, milliseconds since the epoch, when this page was read. */
  readonly nowMs: number;
  /**
   * True when `since` cannot be continued (null, another history, older than the kept tombstones): forget everything
   * folded before, this page is the first of a full listing. Pages after the first have it false.
   */
  readonly reset: boolean;
  readonly more: boolean;
}

/** Of two ends of one history, the difference of their change numbers tells how many mutations lie between. */
export interface FeedEnd {
  readonly cursor: Cursor;
  /** The store's clock, milliseconds since the epoch. */
  readonly nowMs: number;
}

/** Everything stored of one group. */
export interface GroupState {
  readonly id: GroupId;
  readonly labels: readonly Label[];
  /** Microseconds since the epoch of the last successful push; 0 when there was none. */
  readonly pushedAtMicros: number;
  /** Microseconds since the epoch of the last failed push; 0 when there was none. */
  readonly failedAtMicros: number;
  /** Milliseconds since the epoch from which the group no longer exists; null = never. */
  readonly expiresAtMs: number | null;
  /** Where the last successful push was made; absent when there was none, and in a store that belongs to no region. */
  readonly pushedRegion?: RegionId;
  readonly change: number;
  /** In no particular order. */
  readonly families: readonly StoredFamily[];
}

export interface StoredFamily {
  readonly name: string;
  readonly type: MetricType;
  readonly help: string;
  /** As in AdmittedFamily; `textOf` reads it. The span is the caller's, to move the text elsewhere. */
  readonly text: TextSpan;
  /** Label sets in it. */
  readonly metricCount: number;
  /** The version of the push that wrote it: its microseconds since the epoch, made strictly increasing. */
  readonly pushedAtMicros: number;
  /** The region of that version; absent in a store that belongs to none. */
  readonly region?: RegionId;
  /** As in AdmittedFamily. */
  readonly proto?: Uint8Array;
}

/** The push contradicts what is stored; the message ends the sentence "pushed metrics are invalid or inconsistent …:". */
export class InconsistentPush extends Error {
  override readonly name = "InconsistentPush";
  readonly code: InconsistencyCode;

  constructor(code: InconsistencyCode, message: string) {
    super(message);
    this.code = code;
  }
}

export type InconsistencyCode = "type-conflict" | "suffix-collision" | "duplicate-series";

/** The store cannot answer now. Repeating the call later is safe. */
export class StoreUnavailable extends Error {
  override readonly name = "StoreUnavailable";
}
