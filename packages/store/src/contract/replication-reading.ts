/** What stores tell other regions, in the form in which it is compared. */
import type { AdmittedFamily, GroupId } from "@pushfleet/groups";
import type {
  ArrivingFamily,
  Event,
  GroupVersions,
  Replication,
  ShippedFamily,
  VersionedChanges,
  VersionedFamily,
  VersionedGroup,
} from "../replication/replication.ts";
import { formatVersion, type RegionId, regionId } from "../replication/version.ts";
import type { Cursor } from "../store.ts";
import { textOf } from "../text-span.ts";
import type { PlainEvent, PlainState } from "./region-model.ts";

export function namedRegion(name: string): RegionId {
  const id = regionId(name);
  if (id === undefined) throw new Error(`no region may be called ${name}`);
  return id;
}

export function replicationOf({ replication }: { readonly replication: Replication | null }): Replication {
  if (replication === null) throw new Error("a store of a region replicates");
  return replication;
}

export function plain(state: VersionedGroup<ShippedFamily>, nowMs: number): PlainState {
  return plainWith(state, nowMs, ({ family }) => textOf(family.text));
}

/** The texts are empty. */
export function plainVersions(state: GroupVersions, nowMs: number): PlainState {
  return plainWith(state, nowMs, () => "");
}

function plainWith<Family extends VersionedFamily>(
  { labels, floor, deleted, life, pushed, failed, families }: VersionedGroup<Family>,
  nowMs: number,
  textIn: (family: Family) => string,
): PlainState {
  const ended = life !== null && life.expiresAtMs !== null && life.expiresAtMs <= nowMs;
  const status = life === null ? "deleted" : ended ? "expired" : "alive";
  return {
    status: (labels !== null) === (status === "alive") ? status : "unclear",
    floor: floor && formatVersion(floor),
    deleted: deleted && formatVersion(deleted),
    life: life && { version: formatVersion(life.version), expiresAtMs: life.expiresAtMs },
    failed: plainEvent(failed),
    pushed: plainEvent(pushed),
    families: families
      .map((family) => ({
        name: family.name,
        version: formatVersion(family.version),
        text: textIn(family),
      }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

function plainEvent(event: Event | null): PlainEvent | null {
  return event && { version: formatVersion(event.version), atMicros: event.atMicros };
}

/** To the end; the last state of each group. The cursor is where the next reading begins, with the `clockMicros` as `ownAfter`. */
export async function readChanges(
  replication: Replication,
  since: Cursor | null,
  { ownAfter, limit }: { ownAfter: number; limit: number },
): Promise<{ states: Map<GroupId, VersionedGroup<ShippedFamily>>; last: VersionedChanges }> {
  const states = new Map<GroupId, VersionedGroup<ShippedFamily>>();
  let cursor = since;
  // Feeds that never end would otherwise hang the suite.
  for (let pages = 0; pages < 10_000; pages++) {
    const page = await replication.changes(cursor, limit, { ownAfter });
    if (page.states.length > limit) throw new Error("a page is longer than was asked for");
    for (const state of page.states) states.set(state.id, state);
    if (!page.more) return { states, last: page };
    cursor = page.cursor;
  }
  throw new Error("the changes do not end");
}

/** Of all groups. */
export async function readVersions(
  replication: Replication,
  limit: number,
): Promise<Map<GroupId, GroupVersions>> {
  const versions = new Map<GroupId, GroupVersions>();
  let after: Parameters<Replication["versions"]>[0] = null;
  for (let pages = 0; pages < 10_000; pages++) {
    const page = await replication.versions(after, limit);
    if (page.groups.length > limit) throw new Error("a page is longer than was asked for");
    for (const state of page.groups) versions.set(state.id, state);
    if (page.next === null) return versions;
    after = page.next;
  }
  throw new Error("the versions do not end");
}

/** Families as they were before they were stored: what stores tell has no identities of series any more. */
export class FamilyMemory {
  readonly #byText = new Map<string, AdmittedFamily>();

  remember(family: AdmittedFamily): AdmittedFamily {
    this.#byText.set(family.text, family);
    return family;
  }

  /** As the receiving region admits it again. Fails when no such family was ever pushed. */
  of(text: string): AdmittedFamily {
    const family = this.#byText.get(text);
    if (family === undefined) throw new Error(`nobody pushed ${text}`);
    return family;
  }

  arriving({ families, ...state }: VersionedGroup<ShippedFamily>): VersionedGroup<ArrivingFamily> {
    return {
      ...state,
      families: families.map(({ name, version, family }) => ({
        name,
        version,
        family: this.of(textOf(family.text)),
      })),
    };
  }
}
