/** What the store holds, as its readers get it. The texts are lent, not copied. */
import { remembered } from "../replication/merge.ts";
import type { Event, ShippedFamily, VersionedGroup } from "../replication/replication.ts";
import type { Version } from "../replication/version.ts";
import type { GroupState, StoredFamily } from "../store.ts";
import { noRegion } from "./clock.ts";
import type { HeldFamily } from "./family-texts.ts";
import { type GroupRecord, isRecord, type Tombstone } from "./group-record.ts";

export function groupState(record: GroupRecord): GroupState {
  const { group, pushed, pushedAtMicros, failedAtMicros, expiresAtMs, change } = record;
  const families: StoredFamily[] = [];
  for (const held of record.families.values()) families.push(storedFamily(record, held));
  const { id, labels } = group;
  const state = { id, labels, pushedAtMicros, failedAtMicros, expiresAtMs, change, families };
  return pushed === null || pushed.region === noRegion ? state : { ...state, pushedRegion: pushed.region };
}

function storedFamily(record: GroupRecord, held: HeldFamily): StoredFamily {
  const { name, type, help, metricCount, version, proto } = held;
  const pushedAtMicros = version.micros;
  const text = record.families.lend(held);
  const family = { name, type, help, text, metricCount, pushedAtMicros };
  const located = version.region === noRegion ? family : { ...family, region: version.region };
  return proto === undefined ? located : { ...located, proto };
}

/** What regions have to know of what is kept of a group, at this moment of the store's clock. */
export function versionedGroup(kept: GroupRecord | Tombstone, nowMs: number): VersionedGroup<HeldFamily> {
  const { floor, deleted, expiresAtMs } = kept;
  const failed = event(kept.failed, kept.failedAtMicros);
  if (!isRecord(kept)) {
    const life = kept.life === null ? null : { version: kept.life, expiresAtMs };
    return { id: kept.id, labels: null, floor, deleted, life, pushed: null, failed, families: [] };
  }
  const { id, labels } = kept.group;
  const life = { version: kept.life, expiresAtMs };
  const pushed = event(kept.pushed, kept.pushedAtMicros);
  const families = [...kept.families.values()];
  return remembered({ id, labels, floor, deleted, life, pushed, failed, families }, nowMs);
}

/** The same with the content of the families. */
export function shippedGroup(kept: GroupRecord | Tombstone, nowMs: number): VersionedGroup<ShippedFamily> {
  const { families, ...group } = versionedGroup(kept, nowMs);
  if (!isRecord(kept)) return { ...group, families: [] };
  const shipped = families.map((held): ShippedFamily => {
    const { name, version } = held;
    return { name, version, family: storedFamily(kept, held) };
  });
  return { ...group, families: shipped };
}

function event(version: Version | null, atMicros: number): Event | null {
  return version === null ? null : { version, atMicros };
}
