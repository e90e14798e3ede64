import { type AdmittedFamily, type Group, type GroupId, groupOf } from "@pushfleet/groups";
import { floorAfter, hasEnded } from "../replication/merge.ts";
import type { ArrivingFamily, VersionedGroup } from "../replication/replication.ts";
import type { Version } from "../replication/version.ts";
import type {
  Changes,
  Cursor,
  DeleteCondition,
  FailureOptions,
  FeedEnd,
  GroupState,
  PushOptions,
} from "../store.ts";
import { ChangeFeed } from "./change-feed.ts";
import { type Clock, noRegion } from "./clock.ts";
import { FamilyTexts, givenFamily, type HeldFamily } from "./family-texts.ts";
import {
  type BuriedTombstone,
  endedAtMs,
  type GroupRecord,
  isRecord,
  type Tombstone,
} from "./group-record.ts";
import { groupState } from "./group-state.ts";
import { Holdings } from "./holdings.ts";
import { findExcess, findObstacle } from "./push-check.ts";

export interface GroupTableOptions {
  readonly clock: Clock;
  /** How many removals are remembered at most, */
  readonly tombstones: number;
  /** and, in a region, those that are needed: of what was deleted or ended in the last so many milliseconds. */
  readonly tombstoneRetentionMs: number;
  /** Called when what is kept of a group changed, with the names of the families added, changed or removed. */
  readonly onChange?: (id: GroupId, families: Iterable<string>) => void;
}

const noFailure = { failed: null, failedAtMicros: 0 } as const;

/**
 * All groups of one process with their indexes and their change feed: the store contract, synchronously. What each
 * method does and throws is told in ../store.ts.
 */
export class GroupTable {
  readonly feed = new ChangeFeed();
  readonly #clock: Clock;
  readonly #tombstoneLimit: number;
  readonly #tombstoneRetentionMs: number;
  readonly #onChange: (id: GroupId, families: Iterable<string>) => void;
  readonly #held = new Holdings();

  constructor(options: GroupTableOptions) {
    this.#clock = options.clock;
    this.#tombstoneLimit = options.tombstones;
    this.#tombstoneRetentionMs = options.tombstoneRetentionMs;
    this.#onChange = options.onChange ?? (() => {});
  }

  /** What is kept of the group. */
  get(id: GroupId): GroupRecord | BuriedTombstone | undefined {
    return this.#held.get(id) ?? this.feed.tombstone(id);
  }

  /** Takes in a group of an earlier process, after its families were put in. Its `change` is given anew. */
  restore(record: GroupRecord): void {
    this.#held.add(record);
    this.#held.schedule(record);
    this.feed.report(record);
  }

  /** Takes in the tombstone of an earlier process. Nobody's cursor is that old, but its versions still count. */
  restoreTombstone(tombstone: Tombstone): void {
    this.feed.bury(tombstone, undefined);
    this.#trim();
  }

  push(group: Group, families: readonly AdmittedFamily[], options: PushOptions): void {
    const { mode, ttlMs, limits, times } = options;
    this.removeIfExpired(group.id);
    // What has expired must not lend its type to the push.
    if (this.#held.hasAmbiguousNames()) this.expire(Number.POSITIVE_INFINITY);
    const obstacle = this.#afterSweep(() => findObstacle(this.#held, group, families, { mode, limits }));
    if (obstacle !== undefined) throw obstacle;

    const version = this.#clock.nextVersion();
    const record = this.#held.get(group.id) ?? this.#create(group, version);
    const touched = new Set(families.map(({ name }) => name));
    if (mode === "replace") {
      for (const name of record.families.names()) {
        if (touched.has(name)) continue;
        this.#held.drop(record, name);
        touched.add(name);
      }
      record.floor = version;
    }
    this.#held.put(
      record,
      families.map((family) => givenFamily(family, version)),
    );
    record.life = version;
    record.pushed = version;
    record.pushedAtMicros = times?.pushedAtMicros ?? version.micros;
    if (times !== undefined) {
      record.failed = version;
      record.failedAtMicros = times.failedAtMicros;
    }
    this.#expireAfter(record, ttlMs);
    this.feed.report(record);
    this.#onChange(group.id, touched);
  }

  recordFailure(group: Group, { ttlMs, limits, ifMissing = "create" }: FailureOptions = {}): void {
    this.removeIfExpired(group.id);
    const existing = this.#held.get(group.id);
    if (existing === undefined) {
      if (ifMissing === "nothing") return;
      if (this.#afterSweep(() => findExcess(this.#held, group, limits)) !== undefined) return;
    }
    const version = this.#clock.nextVersion();
    const record = existing ?? this.#create(group, version);
    record.failed = version;
    record.failedAtMicros = version.micros;
    if (existing === undefined) this.#expireAfter(record, ttlMs);
    this.feed.report(record);
    this.#onChange(group.id, []);
  }

  delete(id: GroupId, { ifPushedAtMicros }: DeleteCondition = {}): boolean {
    this.removeIfExpired(id);
    const record = this.#held.get(id);
    if (ifPushedAtMicros !== undefined && record?.pushedAtMicros !== ifPushedAtMicros) return false;
    // What is absent here may be on its way from another region.
    if (record !== undefined || this.#clock.region !== noRegion) this.#delete(id, record);
    return record !== undefined;
  }

  wipe(): number {
    this.expire(Number.POSITIVE_INFINITY);
    const records = this.#held.all();
    for (const record of records) this.#delete(record.group.id, record);
    return records.length;
  }

  expire(limit: number): number {
    const nowMs = this.#clock.nowMs();
    let removed = 0;
    for (; removed < limit; removed++) {
      const record = this.#held.firstExpired(nowMs);
      if (record === undefined) break;
      this.#end(record);
    }
    this.#trim();
    return removed;
  }

  changes(since: Cursor | null, limit: number): Changes {
    const upserts: GroupState[] = [];
    const removals: GroupId[] = [];
    const page = this.feed.read(since, (entry, isNews) => {
      const removal = !isRecord(entry);
      if (removal && !isNews) return true;
      if (upserts.length + removals.length >= limit) return false;
      if (removal) removals.push(entry.id);
      else upserts.push(groupState(entry));
      return true;
    });
    return { upserts, removals, nowMs: this.#clock.nowMs(), ...page };
  }

  end(): FeedEnd {
    return { cursor: this.feed.end(), nowMs: this.#clock.nowMs() };
  }

  /** Takes what regions have agreed on, in place of what is kept of the group. Families without content are those held. */
  put(state: VersionedGroup<HeldFamily | ArrivingFamily>): void {
    const { id, labels, floor, deleted, life, pushed, failed } = state;
    const existing = this.#held.get(id);
    if (labels === null || life === null || hasEnded(life, this.#clock.nowMs())) {
      this.#bury(
        {
          id,
          floor,
          deleted,
          life: life?.version ?? null,
          expiresAtMs: life?.expiresAtMs ?? null,
          failed: failed?.version ?? null,
          failedAtMicros: failed?.atMicros ?? 0,
          removedAtMicros: this.#clock.nextVersion().micros,
        },
        existing,
      );
      return;
    }
    const record = existing ?? this.#create(groupOf(labels), life.version);
    const touched = this.#putFamilies(record, state.families);
    record.floor = floor;
    record.deleted = deleted;
    record.life = life.version;
    record.expiresAtMs = life.expiresAtMs;
    record.pushed = pushed?.version ?? null;
    record.pushedAtMicros = pushed?.atMicros ?? 0;
    record.failed = failed?.version ?? null;
    record.failedAtMicros = failed?.atMicros ?? 0;
    this.#held.schedule(record);
    this.feed.report(record);
    this.#onChange(id, touched);
  }

  removeIfExpired(id: GroupId): void {
    const record = this.#held.get(id);
    if (record !== undefined && hasEnded(record, this.#clock.nowMs())) this.#end(record);
  }

  /** What still stands in the way once all that has expired is removed. */
  #afterSweep<Obstacle>(find: () => Obstacle | undefined): Obstacle | undefined {
    const found = find();
    return found === undefined || this.expire(Number.POSITIVE_INFINITY) === 0 ? found : find();
  }

  #create(group: Group, life: Version): GroupRecord {
    const before = this.feed.unbury(group.id);
    const ended = before?.life ?? null;
    const floor = floorAfter(before?.floor ?? null, ended);
    const record: GroupRecord = {
      group,
      families: new FamilyTexts(),
      floor,
      deleted: ended === null ? (before?.deleted ?? null) : floor,
      life,
      expiresAtMs: null,
      pushed: null,
      pushedAtMicros: 0,
      failed: before?.failed ?? null,
      failedAtMicros: before?.failedAtMicros ?? 0,
      change: 0,
    };
    this.#held.add(record);
    return record;
  }

  /** Returns the names of the families that changed. */
  #putFamilies(record: GroupRecord, families: readonly (HeldFamily | ArrivingFamily)[]): string[] {
    const names = new Set(families.map(({ name }) => name));
    const fallen = [...record.families.names()].filter((name) => !names.has(name));
    for (const name of fallen) this.#held.drop(record, name);
    const arrived = families.filter((family) => "family" in family);
    this.#held.put(
      record,
      arrived.map(({ family, version }) => givenFamily(family, version)),
    );
    return [...fallen, ...arrived.map(({ name }) => name)];
  }

  /** The group's life has ended. */
  #end(record: GroupRecord): void {
    const { group, floor, deleted, life, expiresAtMs } = record;
    const removedAtMicros = this.#clock.nextVersion().micros;
    this.#bury({ ...noFailure, id: group.id, floor, deleted, life, expiresAtMs, removedAtMicros }, record);
  }

  #delete(id: GroupId, record: GroupRecord | undefined): void {
    const version = this.#clock.nextVersion();
    const [floor, deleted, removedAtMicros] = [version, version, version.micros];
    this.#bury({ ...noFailure, id, floor, deleted, life: null, expiresAtMs: null, removedAtMicros }, record);
  }

  #bury(tombstone: Tombstone, record: GroupRecord | undefined): void {
    if (record !== undefined) this.#held.remove(record);
    this.feed.bury(tombstone, record);
    this.#onChange(tombstone.id, record?.families.names() ?? []);
    this.#trim();
  }

  #trim(): void {
    const nowMs = this.#clock.nowMs();
    const isNeeded = (tombstone: Tombstone) =>
      this.#clock.region !== noRegion && nowMs < endedAtMs(tombstone) + this.#tombstoneRetentionMs;
    for (const id of this.feed.trim(this.#tombstoneLimit, isNeeded)) this.#onChange(id, []);
  }

  /** Counted from now, not from the version: that one is ahead after one from another region was. */
  #expireAfter(record: GroupRecord, ttlMs: number | undefined): void {
    record.expiresAtMs = ttlMs === undefined ? null : this.#clock.nowMs() + ttlMs;
    this.#held.schedule(record);
  }
}
