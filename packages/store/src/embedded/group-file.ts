import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { GroupId } from "@pushfleet/groups";
import { fingerprint, isBusy, readUntouched, reason } from "./file-check.ts";
import type { GroupRecord, Tombstone } from "./group-record.ts";
import { PersistenceError } from "./persistence-error.ts";
import { type FileContents, familyRow, groupRow, readContents, schema, tombstoneRow } from "./schema.ts";

/** What is to be written of one group: its record, its tombstone, or nothing any more. */
export interface GroupChange {
  readonly id: GroupId;
  readonly state: GroupRecord | Tombstone | undefined;
  /** Names of the families added, changed or removed. */
  readonly families: ReadonlySet<string>;
}

/** The groups in an SQLite database, held by one process at a time. */
export class GroupFile {
  /** For tests, which fill the disk with it. */
  readonly database: DatabaseSync;
  readonly #statements: Statements;
  /** Read while the file was checked; handed out once. */
  #checked: FileContents | undefined;

  /** Creates the file and its directory if missing. Throws PersistenceError, and then has written nothing to the file. */
  constructor(file: string) {
    if (!existsSync(file)) create(file);
    const before = fingerprint(file);
    const contents = readUntouched(file);
    this.database = openExclusively(file);
    if (fingerprint(file) === before) this.#checked = contents;
    this.#statements = prepare(this.database);
  }

  load(): FileContents {
    const contents = this.#checked ?? readContents(this.database);
    this.#checked = undefined;
    return contents;
  }

  /** All changes in one transaction, on disk when it returns; when it throws, none of them is. */
  save(changes: Iterable<GroupChange>): void {
    this.#transact(() => {
      for (const change of changes) this.#write(change);
    });
  }

  /** Throws when the file cannot be written now. */
  probe(): void {
    this.#transact(() => this.#statements.deleteGroup.run("no group"));
  }

  close(): void {
    this.database.close();
  }

  #write({ id, state, families }: GroupChange): void {
    const { putGroup, deleteGroup, putFamily, deleteFamily } = this.#statements;
    const live = state !== undefined && "group" in state ? state : undefined;
    if (live !== undefined) putGroup.run(...groupRow(live));
    else if (state !== undefined) putGroup.run(...tombstoneRow(id, state.floor));
    else deleteGroup.run(id);
    for (const name of families) {
      const family = live?.families.get(name);
      if (live === undefined || family === undefined) deleteFamily.run(id, name);
      else putFamily.run(...familyRow(id, family, live.families.text(family)));
    }
  }

  #transact(work: () => void): void {
    this.database.exec("BEGIN IMMEDIATE");
    try {
      work();
      this.database.exec("COMMIT");
    } catch (error) {
      // SQLite has rolled back by itself after some errors, a full disk among them.
      if (this.database.isTransaction) this.database.exec("ROLLBACK");
      throw error;
    }
  }
}

interface Statements {
  readonly putGroup: StatementSync;
  readonly deleteGroup: StatementSync;
  readonly putFamily: StatementSync;
  readonly deleteFamily: StatementSync;
}

function prepare(database: DatabaseSync): Statements {
  return {
    putGroup: database.prepare("REPLACE INTO groups VALUES (?, ?, ?, ?, ?, ?, ?)"),
    deleteGroup: database.prepare("DELETE FROM groups WHERE id = ?"),
    putFamily: database.prepare("REPLACE INTO families VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
    deleteFamily: database.prepare("DELETE FROM families WHERE group_id = ? AND name = ?"),
  };
}

/**
 * Writes an empty database in one go. SQLite could create it by itself, but would leave an empty file behind when it is
 * interrupted, and an empty file at the start is taken for a damaged one.
 */
function create(file: string): void {
  if (existsSync(`${file}-wal`)) {
    throw new PersistenceError("damaged", file, `is missing although its ${file}-wal exists`);
  }
  const database = new DatabaseSync(":memory:");
  database.exec(schema);
  const image = database.serialize();
  database.close();
  try {
    mkdirSync(dirname(file), { recursive: true });
    const descriptor = openSync(file, "wx");
    writeSync(descriptor, image);
    fsyncSync(descriptor);
    closeSync(descriptor);
    const directory = openSync(dirname(file), "r");
    fsyncSync(directory);
    closeSync(directory);
  } catch (cause) {
    throw new PersistenceError("inaccessible", file, `cannot be created (${reason(cause)})`, cause);
  }
}

function openExclusively(file: string): DatabaseSync {
  const database = new DatabaseSync(file);
  try {
    // An exclusive lock keeps other processes out, and the WAL index in memory. FULL: each commit is synced to disk.
    database.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
    database.exec("BEGIN EXCLUSIVE; COMMIT");
    return database;
  } catch (cause) {
    database.close();
    if (isBusy(cause)) throw new PersistenceError("in-use", file, "is in use by another process", cause);
    throw new PersistenceError("inaccessible", file, `cannot be written (${reason(cause)})`, cause);
  }
}
