/**
 * The tables of a persistence file and the rows in them. A removed group keeps its row, without labels, as a tombstone.
 * SQLite notices damage to its own structure only, so each row has a checksum of what it says.
 *
 * Versions made in the region of the file are written without it: so a file gets its region by one row, whatever it holds.
 */
import type { DatabaseSync } from "node:sqlite";
import type { Label, MetricType } from "@pushfleet/exposition";
import { type GroupId, groupOf } from "@pushfleet/groups";
import {
  formatVersion,
  parseVersion,
  type RegionId,
  regionId,
  type Version,
} from "../replication/version.ts";
import { type Checksummed, checksummed, readRows } from "./checksummed-rows.ts";
import { FamilyTexts, type GivenFamily } from "./family-texts.ts";
import type { FamilyFacts, GroupRecord, Tombstone } from "./group-record.ts";

/** "Push" in ASCII, in the file's header: tells our files from other SQLite databases. */
export const applicationId = 0x50757368;
export const schemaVersion = 2;

/** `versions` are floor, deletion, life, last push and last failure, each "-" if there is none; `store` has one row. */
export const tables = `
  CREATE TABLE store (region TEXT, checksum INTEGER NOT NULL) STRICT;
  CREATE TABLE groups (
    id TEXT PRIMARY KEY, labels TEXT, versions TEXT NOT NULL, pushed_at INTEGER, failed_at INTEGER, expires_at INTEGER,
    removed_at INTEGER, checksum INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE families (
    group_id TEXT, name TEXT, type TEXT NOT NULL, help TEXT NOT NULL, text TEXT NOT NULL, metrics INTEGER NOT NULL,
    unprinted TEXT NOT NULL, proto BLOB, version INTEGER NOT NULL, region TEXT, checksum INTEGER NOT NULL,
    PRIMARY KEY (group_id, name)
  ) STRICT, WITHOUT ROWID;
  PRAGMA user_version = ${schemaVersion};
`;

const none: readonly string[] = [];
const noVersion = "-";

type StoreRow = readonly [region: string | null];
type GroupRow = readonly [
  id: GroupId,
  labels: string | null,
  versions: string,
  pushedAt: number | null,
  failedAt: number | null,
  expiresAt: number | null,
  removedAt: number | null,
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
  region: string | null,
];

export function storeRow(region: RegionId | null): Checksummed<StoreRow> {
  return checksummed<StoreRow>([region]);
}

/** `own` is the region of the file's own versions. */
export function groupRow(record: GroupRecord, own: RegionId): Checksummed<GroupRow> {
  const { floor, deleted, life, pushed, failed } = record;
  return checksummed<GroupRow>([
    record.group.id,
    JSON.stringify(record.group.labels),
    versionsText([floor, deleted, life, pushed, failed], own),
    record.pushedAtMicros,
    record.failedAtMicros,
    record.expiresAtMs,
    null,
  ]);
}

export function tombstoneRow(tombstone: Tombstone, own: RegionId): Checksummed<GroupRow> {
  const { id, floor, deleted, life, failed, failedAtMicros, expiresAtMs, removedAtMicros } = tombstone;
  const versions = versionsText([floor, deleted, life, null, failed], own);
  return checksummed<GroupRow>([id, null, versions, null, failedAtMicros, expiresAtMs, removedAtMicros]);
}

export function familyRow(
  { groupId, text, own }: { groupId: GroupId; text: string; own: RegionId },
  { name, type, help, metricCount, unprinted, proto, version }: FamilyFacts,
): Checksummed<FamilyRow> {
  const region = version.region === own ? null : version.region;
  const hidden = JSON.stringify(unprinted);
  return checksummed<FamilyRow>([
    groupId,
    name,
    type,
    help,
    text,
    metricCount,
    hidden,
    proto ?? null,
    version.micros,
    region,
  ]);
}

/** What a file holds. Tombstones are in the order of their removal. */
export interface FileContents {
  /** Undefined in a file that another format version of ours wrote, and that has to be written anew. */
  readonly region: RegionId | null | undefined;
  readonly groups: readonly GroupRecord[];
  readonly tombstones: readonly Tombstone[];
  /** Of the greatest version in it. */
  readonly lastVersionMicros: number;
}

/** Throws when a row is not what was written. */
export function readContents(database: DatabaseSync, own: RegionId): FileContents {
  const groups = new Map<GroupId, { readonly record: GroupRecord; readonly families: GivenFamily[] }>();
  const tombstones: Tombstone[] = [];
  let lastVersionMicros = 0;
  const noted = (version: Version | null): Version | null => {
    lastVersionMicros = Math.max(lastVersionMicros, version?.micros ?? 0);
    return version;
  };

  for (const row of readRows<GroupRow>(database, "SELECT * FROM groups ORDER BY removed_at")) {
    const [id, labels, versions, pushedAt, failedAt, expiresAtMs, removedAt] = row;
    const texts = versions.split(" ");
    const [floor = null, deleted = null, life = null, pushed = null, failed = null] = texts.map((text) =>
      noted(readVersion(text, own)),
    );
    const failedAtMicros = failedAt ?? 0;
    if (labels === null || life === null) {
      const removedAtMicros = removedAt ?? 0;
      lastVersionMicros = Math.max(lastVersionMicros, removedAtMicros);
      tombstones.push({ id, floor, deleted, life, expiresAtMs, failed, failedAtMicros, removedAtMicros });
      continue;
    }
    const group = groupOf(JSON.parse(labels) as Label[]); // the checksum says that we wrote it
    const times = { pushedAtMicros: pushedAt ?? 0, failedAtMicros, expiresAtMs };
    groups.set(id, {
      record: {
        group,
        families: new FamilyTexts(),
        floor,
        deleted,
        life,
        pushed,
        failed,
        ...times,
        change: 0,
      },
      families: [],
    });
  }
  for (const row of readRows<FamilyRow>(database, "SELECT * FROM families")) {
    const [groupId, name, type, help, text, metricCount, hidden, proto, micros, region] = row;
    const families = groups.get(groupId)?.families;
    if (families === undefined) throw new Error(`family ${name} belongs to no group`);
    const unprinted = hidden === "[]" ? none : (JSON.parse(hidden) as string[]); // as above
    const version = { micros, region: region === null ? own : (region as RegionId) }; // as above
    noted(version);
    families.push({ name, type, help, text, metricCount, unprinted, proto: proto ?? undefined, version });
  }
  for (const { record, families } of groups.values()) record.families.put(families);
  const records = [...groups.values()].map(({ record }) => record);
  return { region: readRegion(database), groups: records, tombstones, lastVersionMicros };
}

function readRegion(database: DatabaseSync): RegionId | null {
  const [row, ...others] = readRows<StoreRow>(database, "SELECT * FROM store");
  if (row === undefined || others.length > 0)
    throw new Error("it does not say once to which region it belongs");
  const [region] = row;
  return region === null ? null : (regionId(region) ?? null);
}

function versionsText(versions: readonly (Version | null)[], own: RegionId): string {
  return versions.map((version) => versionText(version, own)).join(" ");
}

function versionText(version: Version | null, own: RegionId): string {
  if (version === null) return noVersion;
  return version.region === own ? `${version.micros}` : formatVersion(version);
}

function readVersion(text: string, own: RegionId): Version | null {
  if (text === noVersion) return null;
  return parseVersion(text) ?? { micros: Number(text), region: own };
}
