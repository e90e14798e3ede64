/**
 * What regions exchange. Each region has a store of its own; what is pushed in one reaches the others as the *state* of
 * the group, never as the push: a state may be delivered again, late, in any order, or not at all when a newer one is.
 *
 * Two states of a group join to one (`join` in merge.ts), whichever order they come in:
 *
 * - `floor` is the version of the last replace or delete. The higher one counts, and families below it fall away.
 * - `deleted` is the version of the last delete. The higher one counts; times of pushes and failures below it fall away too.
 * - Of each family the higher version counts; of the last push, the last failure and the life, too.
 * - `life` is what the group lives by: the last push, or the failure that created it. A group whose life is below its floor has
 *   been deleted, and nothing of it counts any more but a failure that is not below `deleted`; one whose life has ended has expired.
 *
 * So PUT and DELETE win over everything before them, wherever that happened, and POSTs of different families in two regions both
 * survive. A DELETE is remembered whether or not the group was there, unless a condition was not met.
 *
 * An expiry is no mutation: every region finds out for itself, by its own clock, and from that moment, reaped or not, remembers of
 * the group floor, `deleted` and the life that has ended, and no labels, families, push or failure. What is remembered is a state
 * like any other, told and joined as such: so what another region holds by an older life ends there too. Of a state whose life has
 * ended when it arrives, no more than this is joined; and what is remembered of an end that has not come yet by the clock of who
 * hears of it is passed over there, and told again when regions are compared. When such a group is created again, by a push or a failure,
 * its floor and `deleted` become at least `justAfter` that life, so that what had expired does not rise again anywhere, while
 * what another region pushed before it knew, and so kept alive, stays.
 *
 * Deleted groups are remembered for the tombstone retention after their floor, expired ones after their end.
 */
import type { Label } from "@pushfleet/exposition";
import type { AdmittedFamily, GroupId } from "@pushfleet/groups";
import type { Cursor, StoredFamily } from "../store.ts";
import type { RegionId, Version } from "./version.ts";

/** A group as regions have to agree on it. */
export interface VersionedGroup<Family extends VersionedFamily = VersionedFamily> {
  readonly id: GroupId;
  /**
   * null: the group has been deleted (`life` is null then) or has expired, and nobody needs to know what it was. `families` is empty
   * then and `pushed` null.
   */
  readonly labels: readonly Label[] | null;
  /** null = there never was a replace or delete. */
  readonly floor: Version | null;
  /** At most `floor`; null = never. */
  readonly deleted: Version | null;
  readonly life: Life | null;
  /** null = never since it was created. */
  readonly pushed: Event | null;
  /** As `pushed`. Of a deleted group: what failed after `deleted`, in a region that did not know of it; null when expired. */
  readonly failed: Event | null;
  /** Each name once, in no particular order. */
  readonly families: readonly Family[];
}

/** A push or a failure. A push with `PushOptions.times` is also an event of failure: what it says of that. */
export interface Event {
  readonly version: Version;
  /** What the group tells of it, microseconds since the epoch, 0 = never: nearly always that of the version (`PushOptions.times`). */
  readonly atMicros: number;
}

export interface Life {
  /** Of the push, or of the failure that created the group. */
  readonly version: Version;
  /** Milliseconds since the epoch, by the clock of the version's region; null = never. */
  readonly expiresAtMs: number | null;
}

/** What the merge needs of a family beside its content. */
export interface VersionedFamily {
  readonly name: string;
  readonly version: Version;
}

/** A family on its way into a store: admitted again, because nothing that comes from elsewhere is believed. */
export interface ArrivingFamily extends VersionedFamily {
  readonly family: AdmittedFamily;
}

/** A family on its way out of a store. */
export interface ShippedFamily extends VersionedFamily {
  readonly family: StoredFamily;
}

/** What regions compare to find out where they differ: all of a group but its content. */
export type GroupVersions = VersionedGroup;

/** Of a store that belongs to a region. */
export interface Replication {
  readonly region: RegionId;

  /**
   * Joins each state with what is stored of its group, each atomically, in any order; resolves to what became of each, in the order
   * given. Never refuses a state for what it says beside other groups: what collides is kept, and hidden by who reads.
   * Limits do not count either. A state that is older than what is stored changes nothing; one that has expired by this store's clock
   * shows nothing of itself. Everything in effect is in the change feed, as with a push.
   * A push here is never refused for a family that the pushed group has already with that type, nor for a series that it has; and for
   * a type only where other groups hold the name and nobody has it with that type.
   *
   * A state with a version more than `maxAheadMs` ahead of this store's clock is refused whole. Otherwise every later
   * version made here is higher than any of the state. Rejects StoreUnavailable; some states may be in effect then, and repeating
   * is safe.
   */
  merge(states: readonly VersionedGroup<ArrivingFamily>[]): Promise<readonly MergeOutcome[]>;

  /**
   * The groups changed since the cursor, as `GroupStore.changes`, but with everything that regions have to know and with deleted
   * and expired groups as what is remembered of them. Groups in which nothing happened *here* after the version clock `ownAfter`
   * (microseconds; 0 = ever) are left out as well: their own regions tell of them. A page may be empty and have `more`.
   */
  changes(
    since: Cursor | null,
    limit: number,
    options: { readonly ownAfter: number },
  ): Promise<VersionedChanges>;

  /** These groups, deleted and expired ones too; what is not known is left out. At most 500 ids, and few where groups may be large, as all are in memory at once. */
  groups(ids: readonly GroupId[]): Promise<readonly VersionedGroup<ShippedFamily>[]>;

  /**
   * A page of the versions of all groups, and of what is remembered of others, to compare with another region's. Start with
   * null and go on with `next` until that is null. A group that changes meanwhile may come twice, and the last time counts; none is left out.
   */
  versions(after: VersionsCursor | null, limit: number): Promise<VersionsPage>;

  /** The store's history (as `Cursor.history`) and clock now: another history means that it may have lost what it had. */
  standing(): Promise<{ readonly history: string; readonly nowMicros: number }>;
}

export type MergeOutcome =
  /** `changed` is false when everything in it was known. */
  | { readonly kind: "merged"; readonly changed: boolean }
  /** Nothing of it is in effect. */
  | { readonly kind: "ahead"; readonly aheadMs: number };

export interface VersionedChanges {
  readonly states: readonly VersionedGroup<ShippedFamily>[];
  readonly cursor: Cursor;
  /** What happened here up to this version is in this page, the pages before, or (for the groups that come) in later ones. */
  readonly clockMicros: number;
  readonly nowMicros: number;
  /** As `Changes.reset`. */
  readonly reset: boolean;
  readonly more: boolean;
}

export interface VersionsCursor {
  readonly change: number;
  readonly part: "live" | "deleted";
}

export interface VersionsPage {
  readonly groups: readonly GroupVersions[];
  readonly next: VersionsCursor | null;
}

/** How far ahead of a store's clock a foreign version may be. Default of all stores. */
export const defaultMaxAheadMs = 60_000;
/** How long deleted and expired groups are remembered for regions that cannot be reached. Default of all stores. */
export const defaultTombstoneRetentionMs = 24 * 60 * 60 * 1000;
