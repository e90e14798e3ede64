import type { AdmittedFamily, Group, GroupId } from "@pushfleet/groups";
import {
  defaultMaxAheadMs,
  defaultTombstoneRetentionMs,
  type Replication,
} from "../replication/replication.ts";
import type { RegionId } from "../replication/version.ts";
import {
  type Changes,
  type Cursor,
  type DeleteCondition,
  type FailureOptions,
  type FeedEnd,
  type GroupStore,
  type PushOptions,
  StoreUnavailable,
} from "../store.ts";
import { Clock, wallClock } from "./clock.ts";
import { reason } from "./file-check.ts";
import { GroupFile } from "./group-file.ts";
import { GroupTable } from "./group-table.ts";
import { TableReplication } from "./table-replication.ts";
import { turnEnds } from "./turn.ts";

export interface EmbeddedStoreOptions {
  /** Keeps the groups in this file too; created if missing, with its directory. Without it they live in memory only. */
  readonly file?: string;
  /** How many removals the change feed remembers for readers that lag behind. Default 10,000. */
  readonly tombstones?: number;
  /** The region to which the store, and the file from now on, belongs. Default none: then nothing is exchanged with other regions. */
  readonly region?: RegionId;
  /** In a region, how long at least removals are remembered and told to other regions. */
  readonly tombstoneRetentionMs?: number;
  /** How far ahead of the clock the versions of other regions may be. */
  readonly maxAheadMs?: number;
  /** The clock: microseconds since the epoch. Default the machine's. */
  readonly now?: () => number;
}

/**
 * A store inside this process. Rejects PersistenceError, leaving the file as it is, when the file cannot be used.
 *
 * With a file, mutations wait for the commit that holds them: all that arrive in one turn of the event loop, or while
 * the last commit blocks it, share one. `changes` commits before it reads, so nobody is ever shown what a crash could
 * take back.
 */
export async function createEmbeddedStore(options: EmbeddedStoreOptions): Promise<EmbeddedStore> {
  const { file, region = null } = options;
  return new EmbeddedStore(options, file === undefined ? undefined : new GroupFile(file, region));
}

/** After a failed commit the file is tried again at most this often. */
const retryAfterMs = 1000;

const defaultTombstones = 10_000;

/** What has been applied in memory but not committed yet. */
interface Batch {
  readonly families: Map<GroupId, Set<string>>;
  readonly committed: PromiseWithResolvers<void>;
}

/**
 * A failed commit (say, the disk is full) is refused whole: every mutation of the batch rejects StoreUnavailable, and
 * the groups are read from the file again, so that nothing of it is ever scraped. Readers see a new history. Later
 * mutations are refused without being tried until a test write succeeds; scrapes go on.
 */
export class EmbeddedStore implements GroupStore {
  readonly #file: GroupFile | undefined;
  /** null when the store belongs to no region. */
  readonly replication: Replication | null;
  readonly #clock: Clock;
  readonly #tombstones: number;
  readonly #tombstoneRetentionMs: number;
  readonly #maxAheadMs: number;
  readonly #turnEnd = turnEnds();
  /** Undefined after a failed commit, until somebody needs it. */
  #table: GroupTable | undefined;
  #batch: Batch | undefined;
  #failure: { readonly cause: unknown; readonly retryAt: number } | undefined;

  constructor(options: EmbeddedStoreOptions, file: GroupFile | undefined) {
    this.#file = file;
    this.#clock = new Clock(options.now ?? wallClock, options.region);
    this.#tombstones = options.tombstones ?? defaultTombstones;
    this.#tombstoneRetentionMs = options.tombstoneRetentionMs ?? defaultTombstoneRetentionMs;
    this.#maxAheadMs = options.maxAheadMs ?? defaultMaxAheadMs;
    this.replication = options.region === undefined ? null : this.#replicationOf(options.region);
    this.#table = this.#load();
  }

  push(group: Group, families: readonly AdmittedFamily[], options: PushOptions): Promise<void> {
    return this.#mutate((table) => table.push(group, families, options));
  }

  recordFailure(group: Group, options?: FailureOptions): Promise<void> {
    return this.#mutate((table) => table.recordFailure(group, options));
  }

  delete(id: GroupId, condition?: DeleteCondition): Promise<boolean> {
    return this.#mutate((table) => table.delete(id, condition));
  }

  wipe(): Promise<number> {
    return this.#mutate((table) => table.wipe());
  }

  expire(limit: number): Promise<number> {
    return this.#mutate((table) => table.expire(limit));
  }

  async changes(since: Cursor | null, limit: number): Promise<Changes> {
    return (await this.#committed()).changes(since, limit);
  }

  async end(): Promise<FeedEnd> {
    return (await this.#committed()).end();
  }

  async ready(): Promise<void> {
    this.#requireWritable();
  }

  async close(): Promise<void> {
    this.#commit();
    this.#file?.close();
  }

  #replicationOf(region: RegionId): Replication {
    const settings = {
      clock: this.#clock,
      maxAheadMs: this.#maxAheadMs,
      tombstoneRetentionMs: this.#tombstoneRetentionMs,
    };
    const of = (table: GroupTable) => new TableReplication(table, settings);
    return {
      region,
      merge: (states) => this.#mutate((table) => of(table).merge(states)),
      changes: async (since, limit, options) => of(await this.#committed()).changes(since, limit, options),
      groups: async (ids) => of(await this.#committed()).groups(ids),
      versions: async (after, limit) => of(await this.#committed()).versions(after, limit),
      standing: async () => of(await this.#committed()).standing(),
    };
  }

  async #committed(): Promise<GroupTable> {
    // Mutations answer at the end of a turn; readers in a loop of their own must let it come.
    await this.#turnEnd();
    this.#commit();
    return this.#loaded();
  }

  async #mutate<Result>(operation: (table: GroupTable) => Result): Promise<Result> {
    this.#requireWritable();
    const result = operation(this.#loaded());
    // Also when it changed nothing: what it found may not be committed yet.
    if (this.#batch !== undefined) await this.#batch.committed.promise;
    else if (this.#file === undefined) await this.#turnEnd();
    return result;
  }

  #loaded(): GroupTable {
    try {
      this.#table ??= this.#load();
      return this.#table;
    } catch (cause) {
      throw new StoreUnavailable(`the persistence file cannot be read: ${reason(cause)}`, { cause });
    }
  }

  #load(): GroupTable {
    const table = new GroupTable({
      clock: this.#clock,
      tombstones: this.#tombstones,
      tombstoneRetentionMs: this.#tombstoneRetentionMs,
      ...(this.#file === undefined ? {} : { onChange: (id, families) => this.#enqueue(id, families) }),
    });
    if (this.#file === undefined) return table;
    const { groups, tombstones, lastVersionMicros } = this.#file.load();
    this.#clock.passVersion(lastVersionMicros);
    // Versions can be ahead of the clock that made them only as far as those of other regions have been.
    const ahead = this.replication === null ? 0 : this.#maxAheadMs * 1000;
    this.#clock.notBefore(lastVersionMicros - ahead);
    for (const tombstone of tombstones) table.restoreTombstone(tombstone);
    for (const record of groups) table.restore(record);
    return table;
  }

  #enqueue(id: GroupId, families: Iterable<string>): void {
    if (this.#batch === undefined) {
      this.#batch = { families: new Map(), committed: Promise.withResolvers() };
      // Nobody may be waiting: a rejection is for those who are.
      this.#batch.committed.promise.catch(() => {});
      setImmediate(() => this.#commit());
    }
    const names = this.#batch.families.get(id);
    if (names === undefined) this.#batch.families.set(id, new Set(families));
    else for (const name of families) names.add(name);
  }

  #commit(): void {
    const [batch, file, table] = [this.#batch, this.#file, this.#table];
    if (batch === undefined || file === undefined || table === undefined) return;
    this.#batch = undefined;
    try {
      file.save(batch.families.entries().map(([id, families]) => ({ id, families, state: table.get(id) })));
      batch.committed.resolve();
    } catch (cause) {
      this.#failure = { cause, retryAt: performance.now() + retryAfterMs };
      batch.committed.reject(unavailable(cause));
      this.#table = undefined;
    }
  }

  #requireWritable(): void {
    if (this.#failure === undefined || this.#file === undefined) return;
    if (performance.now() < this.#failure.retryAt) throw unavailable(this.#failure.cause);
    try {
      this.#file.probe();
      this.#failure = undefined;
    } catch (cause) {
      this.#failure = { cause, retryAt: performance.now() + retryAfterMs };
      throw unavailable(cause);
    }
  }
}

function unavailable(cause: unknown): StoreUnavailable {
  return new StoreUnavailable(`the persistence file cannot be written: ${reason(cause)}`, { cause });
}
