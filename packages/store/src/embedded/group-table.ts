import { randomUUID } from "node:crypto";
import type { MetricType } from "@pushfleet/exposition";
import type { AdmittedFamily, Group, GroupId } from "@pushfleet/groups";
import type {
  Changes,
  Cursor,
  DeleteCondition,
  FailureOptions,
  FeedEnd,
  GroupState,
  PushOptions,
  StoredFamily,
} from "../store.ts";
import { ChangeLog } from "./change-log.ts";
import type { Clock } from "./clock.ts";
import { ExpiryQueue } from "./expiry-queue.ts";
import { FamilyTexts, givenFamily } from "./family-texts.ts";
import type { GroupRecord, Tombstone } from "./group-record.ts";
import { NameIndex } from "./name-index.ts";
import { findExcess, findObstacle, type HeldGroups } from "./push-check.ts";

export interface GroupTableOptions {
  readonly clock: Clock;
  /** How many removals are remembered at most. */
  readonly tombstones: number;
  /** Called when what is kept of a group changed, with the names of the families added, changed or removed. */
  readonly onChange?: (id: GroupId, families: Iterable<string>) => void;
}

/**
 * All groups of one process with their indexes and their change feed: the store contract, synchronously. What each
 * method does and throws is told in ../store.ts.
 */
export class GroupTable {
  readonly #clock: Clock;
  readonly #tombstoneLimit: number;
  readonly #onChange: (id: GroupId, families: Iterable<string>) => void;

  readonly #groups = new Map<GroupId, GroupRecord>();
  readonly #names = new NameIndex();
  readonly #expiry = new ExpiryQueue<GroupRecord>();

  readonly #history = randomUUID();
  readonly #log = new ChangeLog<GroupRecord | Tombstone>();
  /** In the order of removal. */
  readonly #tombstones = new Map<GroupId, Tombstone>();
  /** The last change whose tombstone was trimmed. */
  #horizon = 0;
  #change = 0;

  /** What the checks of a push look at. */
  readonly #held: HeldGroups = {
    get: (id) => this.#groups.get(id),
    count: () => this.#groups.size,
    countOf: (job) => this.#names.groupsOf(job),
    heldType: (name) => this.#names.heldType(name),
    shapesBeside: (group) => this.#names.shapesBeside(group),
  };

  constructor(options: GroupTableOptions) {
    this.#clock = options.clock;
    this.#tombstoneLimit = options.tombstones;
    this.#onChange = options.onChange ?? (() => {});
  }

  get(id: GroupId): GroupRecord | undefined {
    return this.#groups.get(id);
  }

  tombstone(id: GroupId): Tombstone | undefined {
    return this.#tombstones.get(id);
  }

  /** Takes in a group of an earlier process, after its families were put in. Its `change` is given anew. */
  restore(record: GroupRecord): void {
    this.#groups.set(record.group.id, record);
    this.#names.addGroup(record.group);
    for (const { name, type } of record.families.values()) this.#names.hold(name, type);
    this.#schedule(record);
    this.#report(record);
  }

  /** Takes in the tombstone of an earlier process. Nobody's cursor is that old, but its version still counts. */
  restoreTombstone(id: GroupId, floor: number): void {
    this.#bury(id, floor);
  }

  push(group: Group, families: readonly AdmittedFamily[], options: PushOptions): void {
    const { mode, ttlMs, limits, times } = options;
    this.#removeIfExpired(group.id);
    const obstacle = this.#afterSweep(() => findObstacle(this.#held, group, families, { mode, limits }));
    if (obstacle !== undefined) throw obstacle;

    const record = this.#groups.get(group.id) ?? this.#create(group);
    const version = this.#clock.nextVersion();
    const touched = new Set(families.map(({ name }) => name));
    if (mode === "replace") {
      for (const name of record.families.names()) {
        if (touched.has(name)) continue;
        record.families.delete(name);
        this.#names.release(name);
        touched.add(name);
      }
      record.floor = version;
    }
    for (const { name, type } of families)
      this.#hold(name, { before: record.families.get(name)?.type, now: type });
    record.families.put(families.map((family) => givenFamily(family, version)));
    record.pushedAtMicros = times?.pushedAtMicros ?? version;
    if (times !== undefined) record.failedAtMicros = times.failedAtMicros;
    this.#expireAfter(record, { version, ttlMs });
    this.#report(record);
    this.#onChange(group.id, touched);
  }

  recordFailure(group: Group, { ttlMs, limits, ifMissing = "create" }: FailureOptions = {}): void {
    this.#removeIfExpired(group.id);
    const existing = this.#groups.get(group.id);
    if (existing === undefined) {
      if (ifMissing === "nothing") return;
      if (this.#afterSweep(() => findExcess(this.#held, group, limits)) !== undefined) return;
    }
    const record = existing ?? this.#create(group);
    const version = this.#clock.nextVersion();
    record.failedAtMicros = version;
    if (existing === undefined) this.#expireAfter(record, { version, ttlMs });
    this.#report(record);
    this.#onChange(group.id, []);
  }

  delete(id: GroupId, { ifPushedAtMicros }: DeleteCondition = {}): boolean {
    this.#removeIfExpired(id);
    const record = this.#groups.get(id);
    if (record === undefined) return false;
    if (ifPushedAtMicros !== undefined && record.pushedAtMicros !== ifPushedAtMicros) return false;
    this.#remove(record);
    return true;
  }

  wipe(): number {
    this.expire(Number.POSITIVE_INFINITY);
    const records = [...this.#groups.values()];
    for (const record of records) this.#remove(record);
    return records.length;
  }

  expire(limit: number): number {
    const nowMs = this.#clock.nowMs();
    for (let removed = 0; ; removed++) {
      const record = removed < limit ? this.#expiry.firstExpired(nowMs) : undefined;
      if (record === undefined) return removed;
      this.#remove(record);
    }
  }

  changes(since: Cursor | null, limit: number): Changes {
    const continued = since !== null && this.#continues(since) ? since : undefined;
    /** Up to here the reader knows nothing, so removals do not concern it. */
    const listedSince = continued === undefined ? this.#change : (continued.listedSince ?? 0);
    const upserts: GroupState[] = [];
    const removals: GroupId[] = [];
    let reached = continued?.change ?? 0;
    let more = false;
    for (const entry of this.#log.after(reached)) {
      const removal = !("group" in entry);
      if (!removal || entry.change > listedSince) {
        if (upserts.length + removals.length >= limit) {
          more = true;
          break;
        }
        if (removal) removals.push(entry.id);
        else upserts.push(groupState(entry));
      }
      reached = entry.change;
    }
    const listing = more && listedSince > 0 ? { listedSince } : {};
    return {
      upserts,
      removals,
      cursor: { history: this.#history, change: more ? reached : this.#change, ...listing },
      nowMs: this.#clock.nowMs(),
      reset: continued === undefined,
      more,
    };
  }

  end(): FeedEnd {
    return { cursor: { history: this.#history, change: this.#change }, nowMs: this.#clock.nowMs() };
  }

  #continues({ history, change, listedSince = 0 }: Cursor): boolean {
    return (
      history === this.#history && change <= this.#change && Math.max(change, listedSince) >= this.#horizon
    );
  }

  /** What still stands in the way once all that has expired is removed. */
  #afterSweep<Obstacle>(find: () => Obstacle | undefined): Obstacle | undefined {
    const found = find();
    return found === undefined || this.expire(Number.POSITIVE_INFINITY) === 0 ? found : find();
  }

  #create(group: Group): GroupRecord {
    const record: GroupRecord = {
      group,
      families: new FamilyTexts(),
      pushedAtMicros: 0,
      failedAtMicros: 0,
      expiresAtMs: null,
      floor: this.#unbury(group.id),
      change: 0,
    };
    this.#groups.set(group.id, record);
    this.#names.addGroup(group);
    return record;
  }

  #hold(name: string, type: { before: MetricType | undefined; now: MetricType }): void {
    if (type.before === type.now) return;
    if (type.before !== undefined) this.#names.release(name);
    this.#names.hold(name, type.now);
  }

  #removeIfExpired(id: GroupId): void {
    const record = this.#groups.get(id);
    const expiresAtMs = record?.expiresAtMs ?? null;
    if (record !== undefined && expiresAtMs !== null && expiresAtMs <= this.#clock.nowMs())
      this.#remove(record);
  }

  #remove(record: GroupRecord): void {
    const { id } = record.group;
    this.#groups.delete(id);
    this.#names.removeGroup(record.group);
    for (const name of record.families.names()) this.#names.release(name);
    this.#expiry.delete(record);
    this.#log.remove(record.change);
    this.#bury(id, this.#clock.nextVersion());
    this.#onChange(id, record.families.names());
  }

  #expireAfter(
    record: GroupRecord,
    { version, ttlMs }: { version: number; ttlMs: number | undefined },
  ): void {
    record.expiresAtMs = ttlMs === undefined ? null : Math.floor(version / 1000) + ttlMs;
    this.#schedule(record);
  }

  #schedule(record: GroupRecord): void {
    if (record.expiresAtMs === null) this.#expiry.delete(record);
    else this.#expiry.set(record, record.expiresAtMs);
  }

  /** Puts the group at the end of the change feed. */
  #report(record: GroupRecord): void {
    if (record.change > 0) this.#log.remove(record.change);
    record.change = ++this.#change;
    this.#log.append(record.change, record);
  }

  #bury(id: GroupId, floor: number): void {
    const tombstone = { id, floor, change: ++this.#change };
    this.#tombstones.set(id, tombstone);
    this.#log.append(tombstone.change, tombstone);
    for (const oldest of this.#tombstones.values()) {
      if (this.#tombstones.size <= this.#tombstoneLimit) break;
      this.#unbury(oldest.id);
      this.#horizon = oldest.change;
      this.#onChange(oldest.id, []);
    }
  }

  /** Forgets the tombstone, if there is one, and returns its version or 0. */
  #unbury(id: GroupId): number {
    const tombstone = this.#tombstones.get(id);
    if (tombstone === undefined) return 0;
    this.#tombstones.delete(id);
    this.#log.remove(tombstone.change);
    return tombstone.floor;
  }
}

function groupState(record: GroupRecord): GroupState {
  const families: StoredFamily[] = [];
  for (const held of record.families.values()) {
    const { name, type, help, metricCount, pushedAtMicros, proto } = held;
    const family = { name, type, help, text: record.families.lend(held), metricCount, pushedAtMicros };
    families.push(proto === undefined ? family : { ...family, proto });
  }
  return {
    id: record.group.id,
    labels: record.group.labels,
    pushedAtMicros: record.pushedAtMicros,
    failedAtMicros: record.failedAtMicros,
    expiresAtMs: record.expiresAtMs,
    change: record.change,
    families,
  };
}
