/** The join of two states of a group: commutative, associative and idempotent. replication.ts tells what it means. */
import type { Event, Life, VersionedFamily, VersionedGroup } from "./replication.ts";
import { isBefore, justAfter, never, type Version } from "./version.ts";

/** The least state that contains both. Of equal versions either content is taken: it is the same. */
export function join<Family extends VersionedFamily>(
  a: VersionedGroup<Family>,
  b: VersionedGroup<Family>,
): VersionedGroup<Family> {
  const floor = later(a.floor, b.floor);
  const deleted = later(a.deleted, b.deleted);
  const life = laterOf(a.life, b.life);
  const isDeleted = life === null || isBelow(life.version, floor);
  const failed = unlessBelow(laterOf(a.failed, b.failed), deleted);
  if (isDeleted)
    return { id: a.id, labels: null, floor, deleted, life: null, pushed: null, failed, families: [] };
  return {
    id: a.id,
    labels: a.labels ?? b.labels,
    floor,
    deleted,
    life,
    pushed: unlessBelow(laterOf(a.pushed, b.pushed), deleted),
    failed,
    families: latestFamilies(a.families, b.families).filter(({ version }) => !isBelow(version, floor)),
  };
}

/** What counts of a state at this moment of the store's clock: of one that has expired, no more than its memory. */
export function remembered<Family extends VersionedFamily>(
  state: VersionedGroup<Family>,
  nowMs: number,
): VersionedGroup<Family> {
  if (state.life === null || !hasEnded(state.life, nowMs)) return state;
  return { ...state, labels: null, pushed: null, failed: null, families: [] };
}

/** Whether the group is there, for a reader at this moment of the store's clock. */
export function isAlive({ life }: Pick<VersionedGroup, "life">, nowMs: number): boolean {
  return life !== null && !hasEnded(life, nowMs);
}

export function hasEnded({ expiresAtMs }: Pick<Life, "expiresAtMs">, nowMs: number): boolean {
  return expiresAtMs !== null && expiresAtMs <= nowMs;
}

/** The floor of a group that is created again after its life has ended: it lets fall what that life held, and no more. */
export function floorAfter(floor: Version | null, ended: Version | null): Version | null {
  return ended === null ? floor : later(floor, justAfter(ended));
}

function later(a: Version | null, b: Version | null): Version | null {
  if (a === null || b === null) return a ?? b;
  return isBefore(a, b) ? b : a;
}

function laterOf<Happened extends Event | Life>(a: Happened | null, b: Happened | null): Happened | null {
  if (a === null || b === null) return a ?? b;
  return isBefore(a.version, b.version) ? b : a;
}

function isBelow(version: Version, floor: Version | null): boolean {
  return isBefore(version, floor ?? never);
}

function unlessBelow(event: Event | null, deleted: Version | null): Event | null {
  return event === null || isBelow(event.version, deleted) ? null : event;
}

function latestFamilies<Family extends VersionedFamily>(
  a: readonly Family[],
  b: readonly Family[],
): readonly Family[] {
  const byName = new Map(a.map((family) => [family.name, family]));
  for (const family of b) {
    const known = byName.get(family.name);
    if (known === undefined || isBefore(known.version, family.version)) byName.set(family.name, family);
  }
  return [...byName.values()];
}
