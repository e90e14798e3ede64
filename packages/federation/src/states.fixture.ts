/** States of groups for tests, made as a store makes them. */
import type { Label } from "@pushfleet/exposition";
import { type AdmittedFamily, groupOf } from "@pushfleet/groups";
import {
  type RegionId,
  regionId,
  type ShippedFamily,
  spanOf,
  type Version,
  type VersionedGroup,
} from "@pushfleet/store";

export const here = region("here");
export const there = region("there");

function region(name: string): RegionId {
  const id = regionId(name);
  if (id === undefined) throw new Error(`${name} is no region`);
  return id;
}

export function at(micros: number, region: RegionId = here): Version {
  return { micros, region };
}

export function shipped(family: AdmittedFamily, version: Version): ShippedFamily {
  const { name, type, help, text, proto, metrics } = family;
  return {
    name,
    version,
    family: {
      name,
      type,
      help,
      text: spanOf(text),
      metricCount: metrics.length,
      pushedAtMicros: version.micros,
      region: version.region,
      ...(proto === undefined ? {} : { proto }),
    },
  };
}

/** A group that was pushed once, by POST. */
export function pushedState(
  labels: readonly Label[],
  families: readonly AdmittedFamily[],
  version: Version = at(1_000_000),
): VersionedGroup<ShippedFamily> {
  const group = groupOf(labels);
  return {
    id: group.id,
    labels: group.labels,
    floor: null,
    deleted: null,
    life: { version, expiresAtMs: null },
    pushed: { version, atMicros: version.micros },
    failed: null,
    families: families.map((family) => shipped(family, version)),
  };
}

export function deletedState(labels: readonly Label[], version: Version): VersionedGroup<ShippedFamily> {
  const { id } = groupOf(labels);
  return {
    id,
    labels: null,
    floor: version,
    deleted: version,
    life: null,
    pushed: null,
    failed: null,
    families: [],
  };
}
