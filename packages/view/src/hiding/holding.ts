import { compareVersions, type RegionId, type StoredFamily } from "@pushfleet/store";
import type { FoldedGroup } from "../folded-group.ts";

/** A family that a group holds. */
export interface Holding {
  readonly group: FoldedGroup;
  readonly family: StoredFamily;
}

/** In stores without a region families have none: before all that have one, as no id is empty. */
const noRegion = "" as RegionId;

/** Negative when `a` is the older, never 0 for two families: by version, then by group and name, all as stored. */
export function compareAge(a: Holding, b: Holding): number {
  const byVersion = compareVersions(versionOf(a), versionOf(b));
  if (byVersion !== 0) return byVersion;
  if (a.group.key !== b.group.key) return a.group.key < b.group.key ? -1 : 1;
  return a.family.name < b.family.name ? -1 : 1;
}

export function oldestOf(holdings: readonly Holding[]): Holding | undefined {
  return holdings.reduce<Holding | undefined>(
    (oldest, each) => (oldest === undefined || compareAge(each, oldest) < 0 ? each : oldest),
    undefined,
  );
}

/** The group, and where the family in it was pushed. */
export function whereabouts({ group, family }: Holding): string {
  const region = family.region === undefined ? "" : `, pushed in the region ${family.region}`;
  return `the group ${group.key}${region}`;
}

function versionOf({ family }: Holding) {
  return { micros: family.pushedAtMicros, region: family.region ?? noRegion };
}
