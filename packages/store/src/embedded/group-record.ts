import type { MetricType } from "@pushfleet/exposition";
import type { Group, GroupId } from "@pushfleet/groups";
import type { VersionedFamily } from "../replication/replication.ts";
import type { Version } from "../replication/version.ts";
import type { FamilyTexts } from "./family-texts.ts";

/**
 * A group as the embedded store holds it. What the versions mean is told in ../replication/replication.ts. A mutation makes one, and
 * all that it writes shares it.
 */
export interface GroupRecord {
  readonly group: Group;
  readonly families: FamilyTexts;
  floor: Version | null;
  deleted: Version | null;
  /** Of the last push, or of the failure that created the group. */
  life: Version;
  /** When the life ends, milliseconds since the epoch; null = never. */
  expiresAtMs: number | null;
  /** Of the last push; null = there was none. */
  pushed: Version | null;
  /** What the group tells of it; 0 = never. */
  pushedAtMicros: number;
  /** Of the last failure, or of a later push that told of another one; null = neither. */
  failed: Version | null;
  /** What the group tells of it; 0 = never. */
  failedAtMicros: number;
  change: number;
}

/** All of a family but its text. Its version is that of the push that wrote it. */
export interface FamilyFacts extends VersionedFamily {
  readonly name: string;
  readonly type: MetricType;
  readonly help: string;
  /** Label sets in it. */
  readonly metricCount: number;
  /** As in AdmittedFamily. */
  readonly unprinted: readonly string[];
  readonly proto: Uint8Array | undefined;
  readonly version: Version;
}

/** What is remembered of a group that is gone, until neither the change feed nor another region needs it. */
export interface Tombstone {
  readonly id: GroupId;
  readonly floor: Version | null;
  readonly deleted: Version | null;
  /** That which has ended, of an expired group; null of a deleted one. */
  readonly life: Version | null;
  /** When it ended. */
  readonly expiresAtMs: number | null;
  /** Of a deleted group, a failure in a region that did not know of the deletion; null of an expired one. */
  readonly failed: Version | null;
  /** What the group would tell of it; 0 = never. */
  readonly failedAtMicros: number;
  /** When it was removed here; of no two tombstones the same. */
  readonly removedAtMicros: number;
}

/** A tombstone in the change feed. */
export interface BuriedTombstone extends Tombstone {
  readonly change: number;
}

export function isRecord(state: GroupRecord | Tombstone): state is GroupRecord {
  return "group" in state;
}

/** When the group expired, or was deleted. */
export function endedAtMs({ expiresAtMs, floor }: Pick<Tombstone, "expiresAtMs" | "floor">): number {
  return expiresAtMs ?? Math.floor((floor?.micros ?? 0) / 1000);
}
