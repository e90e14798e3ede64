import type { LimitExceeded, MetricType } from "@pushfleet/exposition";
import { type AdmittedFamily, type Group, type GroupId, jobOf } from "@pushfleet/groups";
import {
  collides,
  duplicateSeries,
  firstHeld,
  notHeld,
  suffixCollision,
  suffixRivals,
  typeConflict,
} from "../conflicts.ts";
import { exceeded, roomBeside } from "../limits.ts";
import { rivalGroups, type Shape } from "../shapes.ts";
import type { InconsistentPush, PushMode, StoreLimits } from "../store.ts";
import type { GroupRecord } from "./group-record.ts";
import type { Holders } from "./name-index.ts";

/** What the checks have to look up. Expired groups may be among it: what is found is only final after a sweep. */
export interface HeldGroups {
  get(id: GroupId): GroupRecord | undefined;
  /** Groups in all. */
  count(): number;
  /** Groups with this job. */
  countOf(job: string): number;
  /** The types with which a family name is held, and by how many groups each: nearly always one. */
  heldTypes(name: string): readonly Holders[];
  /** The shapes of the groups with this group's job. */
  shapesBeside(group: Group): Iterable<Shape>;
}

interface Demands {
  readonly mode: PushMode;
  readonly limits: StoreLimits | undefined;
}

/** Why the push cannot be taken, or undefined. Costs O(pushed + merged with), whatever is held. */
export function findObstacle(
  held: HeldGroups,
  group: Group,
  families: readonly AdmittedFamily[],
  { mode, limits }: Demands,
): InconsistentPush | LimitExceeded | undefined {
  return (
    findExcess(held, group, limits) ??
    findLargeGroup(held, group, families, { mode, limits }) ??
    findNameConflict(held, group, families, mode) ??
    findDuplicate(held, group, families)
  );
}

/** Why the group cannot be created, when it has to be. */
export function findExcess(
  held: HeldGroups,
  group: Group,
  limits: StoreLimits | undefined,
): LimitExceeded | undefined {
  if (limits === undefined || held.get(group.id) !== undefined) return undefined;
  if (held.countOf(jobOf(group)) >= limits["job.max-groups"])
    return exceeded("job.max-groups", group, limits);
  if (held.count() >= limits["store.max-groups"]) return exceeded("store.max-groups", group, limits);
  return undefined;
}

function findLargeGroup(
  held: HeldGroups,
  group: Group,
  families: readonly AdmittedFamily[],
  { mode, limits }: Demands,
): LimitExceeded | undefined {
  if (limits === undefined) return undefined;
  const own = mode === "merge" ? held.get(group.id)?.families : undefined;
  const kept = own?.seriesBeside(families) ?? 0;
  return kept > roomBeside(families, limits) ? exceeded("group.max-series", group, limits) : undefined;
}

function findNameConflict(
  held: HeldGroups,
  group: Group,
  families: readonly AdmittedFamily[],
  mode: PushMode,
): InconsistentPush | undefined {
  const own = held.get(group.id)?.families;
  // A family that the group holds with this type was checked when it came, and a push only drops others. Mostly all are.
  const entering = families.filter(({ name, type }) => own?.get(name)?.type !== type);
  if (entering.length === 0) return undefined;

  const pushed = new Set(families.map(({ name }) => name));
  /** The types with which a name is still held once the push has dropped what it drops from its own group. */
  const typesAfterDrop = (name: string): readonly MetricType[] => {
    const isDropped = mode === "replace" || pushed.has(name);
    const dropped = isDropped ? own?.get(name)?.type : undefined;
    const left = held.heldTypes(name).filter(({ type, holders }) => holders > (type === dropped ? 1 : 0));
    return left.map(({ type }) => type);
  };

  for (const family of entering) {
    const types = typesAfterDrop(family.name);
    const [type] = types;
    if (type !== undefined && !types.includes(family.type)) return typeConflict(family, type);
    for (const rival of suffixRivals(family.name, family.type)) {
      const rivalType = typesAfterDrop(rival.name).find((each) => collides(rival, each));
      if (rivalType !== undefined) return suffixCollision(family, { name: rival.name, type: rivalType });
    }
  }
  return undefined;
}

function findDuplicate(
  held: HeldGroups,
  group: Group,
  families: readonly AdmittedFamily[],
): InconsistentPush | undefined {
  const own = held.get(group.id)?.families;
  for (const rival of rivalGroups(group, families, held.shapesBeside(group)).values()) {
    const record = held.get(rival.group.id);
    if (record === undefined) continue;
    for (const { family, metrics } of rival.families) {
      const other = record.families.get(family.name);
      if (other === undefined) continue;
      const series = record.families.series(other);
      const duplicate = firstHeld(series, metrics);
      if (duplicate === undefined) continue;
      // What both hold has come from two regions: the pushes of neither begin to fail for it.
      const mine = own?.get(family.name);
      const added = mine && own ? firstHeld(series, notHeld(own.series(mine), metrics)) : duplicate;
      if (added !== undefined) return duplicateSeries(family, added, rival.group.key);
    }
  }
  return undefined;
}
