import type { Group, GroupId } from "@pushfleet/groups";
import type { HeldSeries } from "../conflicts.ts";
import type { StoredFamily } from "../store.ts";

/** A group as the embedded store holds it. Versions are microseconds since the epoch, no two alike: see `Clock`. */
export interface GroupRecord {
  readonly group: Group;
  readonly families: Map<string, FamilyRecord>;
  /** 0 = never. */
  pushedAtMicros: number;
  /** 0 = never. */
  failedAtMicros: number;
  /** null = never. */
  expiresAtMs: number | null;
  /** Version of the last replace, or of the delete before the group was created again. */
  floor: number;
  change: number;
}

/** Its `pushedAtMicros` is its version. */
export interface FamilyRecord extends StoredFamily, HeldSeries {}

/** What remains of a removed group until the change feed no longer needs it. */
export interface Tombstone {
  readonly id: GroupId;
  /** Version of the removal. */
  readonly floor: number;
  readonly change: number;
}
