import type { GroupId } from "@pushfleet/groups";
import { isAlive, join, remembered } from "../replication/merge.ts";
import type {
  ArrivingFamily,
  GroupVersions,
  MergeOutcome,
  ShippedFamily,
  VersionedChanges,
  VersionedGroup,
  VersionsCursor,
  VersionsPage,
} from "../replication/replication.ts";
import { compareVersions, type Version } from "../replication/version.ts";
import type { Cursor } from "../store.ts";
import type { Clock } from "./clock.ts";
import type { HeldFamily } from "./family-texts.ts";
import { endedAtMs } from "./group-record.ts";
import { shippedGroup, versionedGroup } from "./group-state.ts";
import type { GroupTable } from "./group-table.ts";

/** A page ends after so many groups that do not concern the reader: nobody else is served meanwhile. */
const mostSkipped = 5_000;

export interface TableReplicationOptions {
  readonly clock: Clock;
  readonly maxAheadMs: number;
  readonly tombstoneRetentionMs: number;
}

/** Replication (../replication/replication.ts) of the groups in a table, synchronously. */
export class TableReplication {
  readonly #table: GroupTable;
  readonly #clock: Clock;
  readonly #maxAheadMs: number;
  readonly #tombstoneRetentionMs: number;

  constructor(table: GroupTable, { clock, maxAheadMs, tombstoneRetentionMs }: TableReplicationOptions) {
    this.#table = table;
    this.#clock = clock;
    this.#maxAheadMs = maxAheadMs;
    this.#tombstoneRetentionMs = tombstoneRetentionMs;
  }

  merge(states: readonly VersionedGroup<ArrivingFamily>[]): readonly MergeOutcome[] {
    return states.map((state) => this.#merge(state));
  }

  #merge(state: VersionedGroup<ArrivingFamily>): MergeOutcome {
    const newest = versionsOf(state).reduce((most, { micros }) => Math.max(most, micros), 0);
    const aheadMs = Math.ceil((newest - this.#clock.nowMicros()) / 1000);
    if (aheadMs > this.#maxAheadMs) return { kind: "ahead", aheadMs };
    this.#clock.passVersion(newest);
    const nowMs = this.#clock.nowMs();
    const isEndToCome = state.labels === null && isAlive(state, nowMs);
    if (isEndToCome) return { kind: "merged", changed: false };

    this.#table.removeIfExpired(state.id);
    const kept = this.#table.get(state.id);
    const known = kept === undefined ? { ...nothing, id: state.id } : versionedGroup(kept, nowMs);
    const joined = remembered(join<HeldFamily | ArrivingFamily>(known, remembered(state, nowMs)), nowMs);
    const changed = !isSame(known, joined);
    if (changed) this.#table.put(joined);
    return { kind: "merged", changed };
  }

  changes(since: Cursor | null, limit: number, { ownAfter }: { ownAfter: number }): VersionedChanges {
    const nowMs = this.#clock.nowMs();
    const states: VersionedGroup<ShippedFamily>[] = [];
    let skipped = 0;
    const page = this.#table.feed.read(since, (entry) => {
      const state = versionedGroup(entry, nowMs);
      if (!this.#isOwn(state, ownAfter) || !this.#isTold(state, nowMs)) return ++skipped <= mostSkipped;
      if (states.length >= limit) return false;
      states.push(shippedGroup(entry, nowMs));
      return true;
    });
    const [clockMicros, nowMicros] = [this.#clock.lastVersionMicros(), this.#clock.nowMicros()];
    return { states, clockMicros, nowMicros, ...page };
  }

  groups(ids: readonly GroupId[]): readonly VersionedGroup<ShippedFamily>[] {
    const nowMs = this.#clock.nowMs();
    const kept = ids.map((id) => this.#table.get(id)).filter((state) => state !== undefined);
    return kept.map((state) => shippedGroup(state, nowMs)).filter((state) => this.#isTold(state, nowMs));
  }

  /** One list of all, in the order of their changes, so that none can move from what is not read yet to what is. */
  versions(after: VersionsCursor | null, limit: number): VersionsPage {
    const nowMs = this.#clock.nowMs();
    const groups: GroupVersions[] = [];
    let reached = after?.change ?? 0;
    for (const entry of this.#table.feed.after(reached)) {
      if (groups.length >= limit) return { groups, next: { change: reached, part: "live" } };
      const state = versionedGroup(entry, nowMs);
      if (this.#isTold(state, nowMs)) groups.push(withoutContent(state));
      reached = entry.change;
    }
    return { groups, next: null };
  }

  standing(): { readonly history: string; readonly nowMicros: number } {
    return { history: this.#table.feed.history, nowMicros: this.#clock.nowMicros() };
  }

  /** What is kept of removed groups beyond the retention differs from region to region. */
  #isTold({ labels, life, floor }: VersionedGroup, nowMs: number): boolean {
    if (labels !== null) return true;
    return nowMs < endedAtMs({ expiresAtMs: life?.expiresAtMs ?? null, floor }) + this.#tombstoneRetentionMs;
  }

  /** Whether something of it happened here, after that version. */
  #isOwn(state: VersionedGroup, after: number): boolean {
    const { region } = this.#clock;
    return versionsOf(state).some((version) => version.region === region && version.micros > after);
  }
}

const nothing = {
  labels: null,
  floor: null,
  deleted: null,
  life: null,
  pushed: null,
  failed: null,
  families: [],
} as const;

/** Whether the join of `known` with something is what it was. */
function isSame(
  known: VersionedGroup<HeldFamily>,
  joined: VersionedGroup<HeldFamily | ArrivingFamily>,
): boolean {
  return (
    areEqual(known.floor, joined.floor) &&
    areEqual(known.deleted, joined.deleted) &&
    areEqual(known.life?.version, joined.life?.version) &&
    areEqual(known.pushed?.version, joined.pushed?.version) &&
    areEqual(known.failed?.version, joined.failed?.version) &&
    known.families.length === joined.families.length &&
    !joined.families.some((family) => "family" in family)
  );
}

function areEqual(a: Version | null | undefined, b: Version | null | undefined): boolean {
  return a && b ? compareVersions(a, b) === 0 : !a && !b;
}

function versionsOf({ floor, deleted, life, pushed, failed, families }: VersionedGroup): Version[] {
  const own = [floor, deleted, life?.version, pushed?.version, failed?.version];
  const known = own.filter((version) => version !== null && version !== undefined);
  return [...known, ...families.map(({ version }) => version)];
}

function withoutContent({ families, ...group }: VersionedGroup): GroupVersions {
  return { ...group, families: families.map(({ name, version }) => ({ name, version })) };
}
