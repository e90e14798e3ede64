import type { MetricType } from "@pushfleet/exposition";
import type { Group, GroupId } from "@pushfleet/groups";
import type { FamilyTexts } from "./family-texts.ts";

/** A group as the embedded store holds it. Versions are microseconds since the epoch, no two alike: see `Clock`. */
export interface GroupRecord {
  readonly group: Group;
  readonly families: FamilyTexts;
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

/** All of a family but its text. */
export interface FamilyFacts {
  readonly name: string;
  readonly type: MetricType;
  readonly help: string;
  /** Label sets in it. */
  readonly metricCount: number;
  /** As in AdmittedFamily. */
  readonly unprinted: readonly string[];
  readonly proto: Uint8Array | undefined;
  /** Its version: that of the push that wrote it. */
  readonly pushedAtMicros: number;
}

/** What remains of a removed group until the change feed no longer needs it. */
export interface Tombstone {
  readonly id: GroupId;
  /** Version of the removal. */
  readonly floor: number;
  readonly change: number;
}
