import { closeSync, existsSync, openSync, readSync, rmSync, statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import type { RegionId } from "../replication/version.ts";
import { noRegion } from "./clock.ts";
import { PersistenceError } from "./persistence-error.ts";
import { applicationId, type FileContents, readContents, schemaVersion } from "./schema.ts";
import { readFirstFormat } from "./schema-v1.ts";

/** How to read the format versions that there are. */
const readers = new Map([
  [1, readFirstFormat],
  [schemaVersion, readContents],
]);

/**
 * What the file holds, for a store of this region or of none; throws PersistenceError unless it is whole and ours. Whatever it is,
 * it is only read: even opening a database for writing could change it, or leave SQLite's side files beside what is none of our
 * business.
 */
export function readUntouched(file: string, region: RegionId | null): FileContents {
  checkHeader(file);
  const missing = [`${file}-wal`, `${file}-shm`].filter((name) => !existsSync(name));
  const removeSideFiles = () => {
    for (const name of missing) rmSync(name, { force: true });
  };
  try {
    const contents = read(file, region);
    removeSideFiles();
    return contents;
  } catch (cause) {
    // Side files that have appeared meanwhile are the other process's then.
    if (isBusy(cause)) throw new PersistenceError("in-use", file, "is in use by another process", cause);
    removeSideFiles();
    if (cause instanceof PersistenceError) throw cause;
    throw new PersistenceError("damaged", file, `is damaged (${reason(cause)})`, cause);
  }
}

function read(file: string, region: RegionId | null): FileContents {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const [first] = database.prepare("PRAGMA quick_check(1)").all();
    const verdict = first?.["quick_check"];
    if (verdict !== "ok") throw new Error(String(verdict).replaceAll("\n", " "));
    return readDatabase(database, file, region);
  } finally {
    database.close();
  }
}

/** The same of a database that is open. Throws PersistenceError, or what SQLite throws. */
export function readDatabase(database: DatabaseSync, file: string, region: RegionId | null): FileContents {
  // What the header of the file says may have been overtaken by its WAL.
  const [row] = database.prepare("PRAGMA user_version").all();
  const version = Number(row?.["user_version"]);
  const readVersion = readers.get(version);
  if (readVersion === undefined) throw unknownVersion(file, version);
  const contents = readVersion(database, region ?? noRegion);
  const { region: itsOwn = null } = contents;
  if (itsOwn !== null && itsOwn !== region) {
    throw new PersistenceError("other-region", file, `belongs to the region ${itsOwn}`);
  }
  return contents;
}

function unknownVersion(file: string, version: number): PersistenceError {
  return new PersistenceError("unknown-version", file, `has the unknown format version ${version}`);
}

/** https://www.sqlite.org/fileformat2.html#the_database_header */
function checkHeader(file: string): void {
  const header = Buffer.alloc(100);
  const length = readStart(file, header);
  if (length === 0) throw new PersistenceError("damaged", file, "is empty");
  if (length < header.length || header.toString("latin1", 0, 16) !== "SQLite format 3\0") {
    throw new PersistenceError("foreign", file, "was not written by Pushfleet");
  }
  if (header.readUInt32BE(68) !== applicationId) {
    throw new PersistenceError("foreign", file, "is the database of another application");
  }
  const version = header.readUInt32BE(60);
  if (!readers.has(version)) throw unknownVersion(file, version);
}

function readStart(file: string, into: Buffer): number {
  try {
    const descriptor = openSync(file, "r");
    try {
      return readSync(descriptor, into);
    } finally {
      closeSync(descriptor);
    }
  } catch (cause) {
    throw new PersistenceError("inaccessible", file, `cannot be read (${reason(cause)})`, cause);
  }
}

/** Differs when the file, or what SQLite keeps of it beside it, was written in between. */
export function fingerprint(file: string): string {
  const stats = [file, `${file}-wal`].map((name) => statSync(name, { bigint: true, throwIfNoEntry: false }));
  return stats.map((stat) => (stat?.size ? `${stat.ino}:${stat.size}:${stat.mtimeNs}` : "none")).join();
}

/** SQLITE_BUSY: https://www.sqlite.org/rescode.html#busy */
export function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && error.errcode === 5;
}

export function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
