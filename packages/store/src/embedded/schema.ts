/**
 * The tables of a persistence file and the rows in them. A removed group keeps its row, without labels, as a tombstone.
 * SQLite notices damage to its own structure only, so each row has a checksum of what it says.
 */
import type { DatabaseSync } from "node:sqlite";
import { crc32 } from "node:zlib";
import type { Label, MetricType } from "@pushfleet/exposition";
import { type GroupId, groupOf } from "@pushfleet/groups";
import { FamilyTexts, type GivenFamily } from "./family-texts.ts";
import type { FamilyFacts, GroupRecord } from "./group-record.ts";

/** "Push" in ASCII, in the file's header: tells our files from other SQLite databases. */
export const applicationId = 0x50757368;
export const schemaVersion = 1;

export const schema = `
  CREATE TABLE groups (
    id TEXT PRIMARY KEY, labels TEXT, pushed_at INTEGER, failed_at INTEGER, expires_at INTEGER,
    floor INTEGER NOT NULL, checksum INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE families (
    group_id TEXT, name TEXT, type TEXT NOT NULL, help TEXT NOT NULL, text TEXT NOT NULL, metrics INTEGER NOT NULL,
    unprinted TEXT NOT NULL, proto BLOB, version INTEGER NOT NULL, checksum INTEGER NOT NULL,
    PRIMARY KEY (group_id, name)
  ) STRICT, WITHOUT ROWID;
  PRAGMA application_id = ${applicationId};
  PRAGMA user_version = ${schemaVersion};
`;

const none: readonly string[] = [];

type GroupRow = readonly [
  id: GroupId,
  labels: string | null,
  pushedAt: number | null,
  failedAt: number | null,
  expiresAt: number | null,
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
export type Checksummed<Row extends readonly unknown[]> = readonly [...Row, checksum: number];

export function groupRow({ group, pushedAtMicros, failedAtMicros, expiresAtMs, floor }: GroupRecord) {
  return checksummed<GroupRow>([
    group.id,
    JSON.stringify(group.labels),
    pushedAtMicros,
    failedAtMicros,
    expiresAtMs,
    floor,
  ]);
}

export function tombstoneRow(id: GroupId, floor: number) {
  return checksummed<GroupRow>([id, null, null, null, null, floor]);
}

export function familyRow(groupId: GroupId, family: FamilyFacts, text: string) {
  const { name, type, help, metricCount, unprinted, proto, pushedAtMicros } = family;
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
    pushedAtMicros,
  ]);
}

function checksummed<Row extends readonly unknown[]>(row: Row): Checksummed<Row> {
  return [...row, checksum(row, row.length)];
}

/** Of the first `columns` columns. */
function checksum(row: readonly unknown[], columns: number): number {
  let text = "";
  let bytes: Uint8Array | undefined;
  for (let column = 0; column < columns; column++) {
    const value = row[column];
    if (value instanceof Uint8Array) bytes = value;
    else text += `${value}\0`;
  }
  return bytes === undefined ? crc32(text) : crc32(bytes, crc32(text));
}

/** What a file holds. Tombstones are in the order of their versions. */
export interface FileContents {
  readonly groups: readonly GroupRecord[];
  readonly tombstones: readonly { readonly id: GroupId; readonly floor: number }[];
  /** The greatest version in it. */
  readonly version: number;
}

/** Throws when a row is not what was written. */
export function readContents(database: DatabaseSync): FileContents {
  const groups = new Map<GroupId, { readonly record: GroupRecord; readonly families: GivenFamily[] }>();
  const tombstones: { id: GroupId; floor: number }[] = [];
  let version = 0;

  for (const row of rows<GroupRow>(database, "SELECT * FROM groups ORDER BY floor")) {
    const [id, labels, pushedAt, failedAt, expiresAtMs, floor] = row;
    version = Math.max(version, floor, pushedAt ?? 0, failedAt ?? 0);
    if (labels === null) {
      tombstones.push({ id, floor });
      continue;
    }
    const group = groupOf(JSON.parse(labels) as Label[]); // the checksum says that we wrote it
    const times = { pushedAtMicros: pushedAt ?? 0, failedAtMicros: failedAt ?? 0, expiresAtMs };
    groups.set(id, {
      record: { group, families: new FamilyTexts(), ...times, floor, change: 0 },
      families: [],
    });
  }
  for (const row of rows<FamilyRow>(database, "SELECT * FROM families")) {
    const [groupId, name, type, help, text, metricCount, hidden, proto, pushedAtMicros] = row;
    const families = groups.get(groupId)?.families;
    if (families === undefined) throw new Error(`family ${name} belongs to no group`);
    const unprinted = hidden === "[]" ? none : (JSON.parse(hidden) as string[]); // as above
    families.push({
      name,
      type,
      help,
      text,
      metricCount,
      unprinted,
      proto: proto ?? undefined,
      pushedAtMicros,
    });
    version = Math.max(version, pushedAtMicros);
  }
  for (const { record, families } of groups.values()) record.families.put(families);
  return { groups: [...groups.values()].map(({ record }) => record), tombstones, version };
}

function rows<Row extends readonly unknown[]>(database: DatabaseSync, query: string): Checksummed<Row>[] {
  const statement = database.prepare(query);
  statement.setReturnArrays(true);
  const found = statement.all() as unknown as Checksummed<Row>[]; // arrays, see above; what is in them, the checksum tells
  for (const row of found) {
    const columns = row.length - 1;
    if (checksum(row, columns) !== row[columns]) {
      throw new Error(`a row of ${query.split(" ")[3]} is not as it was written`);
    }
  }
  return found;
}
