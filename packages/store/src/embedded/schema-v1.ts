/** Reads the files of the first format: written before there were regions. */
import type { DatabaseSync } from "node:sqlite";
import type { Label, MetricType } from "@pushfleet/exposition";
import { type GroupId, groupOf } from "@pushfleet/groups";
import type { RegionId, Version } from "../replication/version.ts";
import { type Checksummed, readRows } from "./checksummed-rows.ts";
import { FamilyTexts, type GivenFamily } from "./family-texts.ts";
import type { GroupRecord, Tombstone } from "./group-record.ts";
import type { FileContents } from "./schema.ts";

type GroupRow = readonly [
  id: GroupId,
  labels: string | null,
  pushedAt: number | null,
  failedAt: number | null,
  expiresAt: number | null,
  /** Of the last replace, or of the removal. */
  floor: number,
];
type FamilyRow = readonly [
  groupId: GroupId,
  name: string,
  type: MetricType,
  help: string,
  text: string,
  metrics: number,
  unprinted: string,
  proto: Uint8Array | null,
  version: number,
];

/** All that happened counts as of the region `own`. Throws when a row is not what was written. */
export function readFirstFormat(database: DatabaseSync, own: RegionId): FileContents {
  const families = readFamilies(database, own);
  const groups: GroupRecord[] = [];
  const tombstones: Tombstone[] = [];
  let lastVersionMicros = 0;
  for (const row of readRows<GroupRow>(database, "SELECT * FROM groups ORDER BY floor")) {
    const [id, labels, pushedAt, failedAt, , floor] = row;
    lastVersionMicros = Math.max(lastVersionMicros, floor, pushedAt ?? 0, failedAt ?? 0);
    if (labels === null) {
      tombstones.push(tombstone(id, { micros: floor, region: own }));
      continue;
    }
    const record = groupRecord(row, JSON.parse(labels) as Label[], families.get(id) ?? [], own); // we wrote it, says the checksum
    families.delete(id);
    for (const { version } of record.families.values())
      lastVersionMicros = Math.max(lastVersionMicros, version.micros);
    groups.push(record);
  }
  for (const [first] of families.values()) throw new Error(`family ${first?.name} belongs to no group`);
  return { region: undefined, groups, tombstones, lastVersionMicros };
}

function readFamilies(database: DatabaseSync, region: RegionId): Map<GroupId, GivenFamily[]> {
  const families = new Map<GroupId, GivenFamily[]>();
  for (const row of readRows<FamilyRow>(database, "SELECT * FROM families")) {
    const [groupId, name, type, help, text, metricCount, hidden, proto, micros] = row;
    const unprinted = JSON.parse(hidden) as string[]; // we wrote it, says the checksum
    const version = { micros, region };
    const family = { name, type, help, text, metricCount, unprinted, proto: proto ?? undefined, version };
    const others = families.get(groupId);
    if (others === undefined) families.set(groupId, [family]);
    else others.push(family);
  }
  return families;
}

/** Expired groups and deleted ones were remembered alike. */
function tombstone(id: GroupId, removed: Version): Tombstone {
  const end = { life: null, expiresAtMs: null, failed: null, failedAtMicros: 0 };
  return { id, floor: removed, deleted: removed, ...end, removedAtMicros: removed.micros };
}

/**
 * The version of the last push was not kept, only what the group tells of its time, which need not be the truth: that of the newest
 * family, or the floor, comes next to it.
 */
function groupRecord(
  [, , pushedAt, failedAt, expiresAtMs, floorMicros]: Checksummed<GroupRow>,
  labels: readonly Label[],
  given: readonly GivenFamily[],
  region: RegionId,
): GroupRecord {
  const families = new FamilyTexts();
  families.put(given);
  const newest = given.reduce((micros, { version }) => Math.max(micros, version.micros), floorMicros);
  const versionOf = (micros: number): Version => ({ micros, region });
  const pushed = pushedAt ? versionOf(newest || pushedAt) : null;
  const failed = failedAt ? versionOf(failedAt) : null;
  return {
    group: groupOf(labels),
    families,
    floor: floorMicros === 0 ? null : versionOf(floorMicros),
    deleted: null,
    life: pushed ?? failed ?? versionOf(floorMicros),
    expiresAtMs,
    pushed,
    pushedAtMicros: pushedAt ?? 0,
    failed,
    failedAtMicros: failedAt ?? 0,
    change: 0,
  };
}
