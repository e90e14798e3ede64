import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { GroupId } from "@pushfleet/groups";
import type { RegionId } from "../replication/version.ts";
import { noRegion } from "./clock.ts";
import { fingerprint, isBusy, readDatabase, readUntouched, reason } from "./file-check.ts";
import { type GroupRecord, isRecord, type Tombstone } from "./group-record.ts";
import { PersistenceError } from "./persistence-error.ts";
import {
  applicationId,
  type FileContents,
  familyRow,
  groupRow,
  storeRow,
  tables,
  tombstoneRow,
} from "./schema.ts";

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
  readonly #file: string;
  readonly #region: RegionId | null;
  readonly #statements: Statements;
  /** Read while the file was checked; handed out once. */
  #checked: FileContents | undefined;

  /**
   * Creates the file and its directory if missing; brings one of an earlier format up to date, and one of no region into the region,
   * whole or not at all. Throws PersistenceError, and then has written nothing to the file.
   */
  constructor(file: string, region: RegionId | null = null) {
    this.#file = file;
    this.#region = region;
    if (!existsSync(file)) create(file);
    const before = fingerprint(file);
    const contents = readUntouched(file, region);
    this.database = openExclusively(file);
    try {
      this.#checked = fingerprint(file) === before ? contents : readDatabase(this.database, file, region);
      this.#adopt(this.#checked);
    } catch (cause) {
      this.database.close();
      if (cause instanceof PersistenceError) throw cause;
      throw new PersistenceError("inaccessible", file, `cannot be written (${reason(cause)})`, cause);
    }
    this.#statements = prepare(this.database);
  }

  load(): FileContents {
    const contents = this.#checked ?? readDatabase(this.database, this.#file, this.#region);
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

  /** Makes the file one of this format and of this region. */
  #adopt({ region, groups, tombstones }: FileContents): void {
    if (region === this.#region) return;
    this.#transact(() => {
      if (region === undefined) {
        this.database.exec(`DROP TABLE groups; DROP TABLE families; ${tables}`);
        const statements = prepare(this.database);
        for (const state of tombstones) this.#write({ id: state.id, state, families: new Set() }, statements);
        for (const state of groups) {
          const families = new Set(state.families.names());
          this.#write({ id: state.group.id, state, families }, statements);
        }
      }
      this.database.exec("DELETE FROM store");
      this.database.prepare("INSERT INTO store VALUES (?, ?)").run(...storeRow(this.#region));
    });
  }

  #write({ id, state, families }: GroupChange, statements = this.#statements): void {
    const own = this.#region ?? noRegion;
    const { putGroup, deleteGroup, putFamily, deleteFamily } = statements;
    if (state === undefined) deleteGroup.run(id);
    else putGroup.run(...(isRecord(state) ? groupRow(state, own) : tombstoneRow(state, own)));
    const live = state !== undefined && isRecord(state) ? state : undefined;
    for (const name of families) {
      const family = live?.families.get(name);
      if (live === undefined || family === undefined) deleteFamily.run(id, name);
      else putFamily.run(...familyRow({ groupId: id, text: live.families.text(family), own }, family));
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
    putGroup: database.prepare("REPLACE INTO groups VALUES (?, ?, ?, ?, ?, ?, ?, ?)"),
    deleteGroup: database.prepare("DELETE FROM groups WHERE id = ?"),
    putFamily: database.prepare("REPLACE INTO families VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
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
  database.exec(`${tables} PRAGMA application_id = ${applicationId}`);
  database.prepare("INSERT INTO store VALUES (?, ?)").run(...storeRow(null));
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
