import type { MetricType } from "@pushfleet/exposition";
import type { AdmittedFamily, Group, GroupId } from "@pushfleet/groups";
import {
  collides,
  duplicateSeries,
  firstHeld,
  suffixCollision,
  suffixRivals,
  typeConflict,
} from "../conflicts.ts";
import { rivalGroups, type Shape } from "../shapes.ts";
import type { InconsistentPush, PushMode } from "../store.ts";
import type { GroupRecord } from "./group-record.ts";

/** What the check has to look up. Expired groups may be among it: a conflict found is only final after a sweep. */
export interface HeldGroups {
  get(id: GroupId): GroupRecord | undefined;
  /** The type a family name has, and how many groups hold it. */
  heldType(name: string): { readonly type: MetricType; readonly holders: number } | undefined;
  /** The shapes of the groups with this group's job. */
  shapesBeside(group: Group): Iterable<Shape>;
}

/** Why the push cannot be taken, or undefined. Costs O(pushed), whatever is held. */
export function findConflict(
  held: HeldGroups,
  group: Group,
  families: readonly AdmittedFamily[],
  mode: PushMode,
): InconsistentPush | undefined {
  return findNameConflict(held, group, families, mode) ?? findDuplicate(held, group, families);
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
  /** The type a name still has once the push has dropped what it drops from its own group. */
  const typeAfterDrop = (name: string): MetricType | undefined => {
    const entry = held.heldType(name);
    if (entry === undefined) return undefined;
    const dropped = own?.has(name) === true && (mode === "replace" || pushed.has(name));
    return entry.holders > (dropped ? 1 : 0) ? entry.type : undefined;
  };

  for (const family of entering) {
    const type = typeAfterDrop(family.name);
    if (type !== undefined && type !== family.type) return typeConflict(family, type);
    for (const rival of suffixRivals(family.name, family.type)) {
      const rivalType = typeAfterDrop(rival.name);
      if (rivalType !== undefined && collides(rival, rivalType)) {
        return suffixCollision(family, { name: rival.name, type: rivalType });
      }
    }
  }
  return undefined;
}

function findDuplicate(
  held: HeldGroups,
  group: Group,
  families: readonly AdmittedFamily[],
): InconsistentPush | undefined {
  for (const rival of rivalGroups(group, families, held.shapesBeside(group)).values()) {
    const record = held.get(rival.group.id);
    if (record === undefined) continue;
    for (const { family, metrics } of rival.families) {
      const other = record.families.get(family.name);
      if (other === undefined) continue;
      const duplicate = firstHeld(record.families.series(other), metrics);
      if (duplicate !== undefined) return duplicateSeries(family, duplicate, rival.group.key);
    }
  }
  return undefined;
}
