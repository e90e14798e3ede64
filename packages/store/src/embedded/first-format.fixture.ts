/** Writes a persistence file as it was written before there were regions. */
import { DatabaseSync } from "node:sqlite";
import { crc32 } from "node:zlib";
import type { AdmittedFamily, Group, GroupId } from "@pushfleet/groups";

export interface FirstFormatGroup {
  readonly group: Group;
  readonly pushedAt: number;
  readonly failedAt: number;
  readonly expiresAt: number | null;
  readonly floor: number;
  /** With their versions. */
  readonly families: readonly (readonly [AdmittedFamily, number])[];
}

const schema = `
  CREATE TABLE groups (
    id TEXT PRIMARY KEY, labels TEXT, pushed_at INTEGER, failed_at INTEGER, expires_at INTEGER,
    floor INTEGER NOT NULL, checksum INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE families (
    group_id TEXT, name TEXT, type TEXT NOT NULL, help TEXT NOT NULL, text TEXT NOT NULL, metrics INTEGER NOT NULL,
    unprinted TEXT NOT NULL, proto BLOB, version INTEGER NOT NULL, checksum INTEGER NOT NULL,
    PRIMARY KEY (group_id, name)
  ) STRICT, WITHOUT ROWID;
  PRAGMA application_id = 0x50757368;
  PRAGMA user_version = 1;
`;

export function writeFirstFormat(
  file: string,
  groups: readonly FirstFormatGroup[],
  removed: readonly (readonly [GroupId, number])[],
): void {
  const database = new DatabaseSync(file);
  database.exec(`PRAGMA journal_mode = WAL; ${schema}`);
  const putGroup = database.prepare("INSERT INTO groups VALUES (?, ?, ?, ?, ?, ?, ?)");
  const putFamily = database.prepare("INSERT INTO families VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  for (const { group, pushedAt, failedAt, expiresAt, floor, families } of groups) {
    const { id, labels } = group;
    putGroup.run(...withChecksum([id, JSON.stringify(labels), pushedAt, failedAt, expiresAt, floor]));
    for (const [family, version] of families) {
      const { name, type, help, text, metrics, unprinted, proto = null } = family;
      const hidden = JSON.stringify(unprinted);
      putFamily.run(...withChecksum([id, name, type, help, text, metrics.length, hidden, proto, version]));
    }
  }
  for (const [id, floor] of removed) putGroup.run(...withChecksum([id, null, null, null, null, floor]));
  database.close();
}

type Value = string | number | Uint8Array | null;

function withChecksum(row: readonly Value[]): Value[] {
  const text = row.filter((value) => !(value instanceof Uint8Array)).map((value) => `${value}\0`);
  const bytes = row.find((value) => value instanceof Uint8Array);
  const sum = crc32(text.join(""));
  return [...row, bytes === undefined ? sum : crc32(bytes, sum)];
}
