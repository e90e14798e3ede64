import type { GroupId } from "@pushfleet/groups";
import type { ArrivingFamily, ShippedFamily, VersionedGroup } from "../replication/replication.ts";
import type { RegionUnderTest } from "./merge-laws-world.ts";
import { plainVersions, readVersions } from "./replication-reading.ts";

/** More are not needed: after one, everybody has heard everything from everybody. */
const mostRounds = 3;

/**
 * Compares what the regions know and tells each what the others know otherwise, until there is no difference. Resolves to what
 * still differs after some rounds: nothing, if they converge.
 */
export async function exchangeEverything(
  regions: readonly RegionUnderTest[],
  nowMs: () => number,
  tell: (state: VersionedGroup<ShippedFamily>, from: number) => VersionedGroup<ArrivingFamily>,
): Promise<ReadonlyMap<GroupId, readonly string[]>> {
  for (let round = 0; ; round++) {
    const known = await Promise.all(regions.map((region) => versionTexts(region, nowMs())));
    const all = new Set(known.flatMap((versions) => [...versions.keys()]));
    const different = [...all].filter((id) => new Set(known.map((versions) => versions.get(id))).size > 1);
    if (different.length === 0 || round === mostRounds) {
      return new Map(different.map((id) => [id, known.map((versions) => versions.get(id) ?? "nothing")]));
    }
    for (const [index, from] of regions.entries()) {
      for (let start = 0; start < different.length; start += 500) {
        const states = await from.replication.groups(different.slice(start, start + 500));
        const others = regions.filter((region) => region !== from);
        const told = states.map((state) => tell(state, index));
        await Promise.all(others.map(({ replication }) => replication.merge(told)));
      }
    }
  }
}

async function versionTexts({ replication }: RegionUnderTest, nowMs: number): Promise<Map<GroupId, string>> {
  const versions = await readVersions(replication, 500);
  return new Map([...versions].map(([id, state]) => [id, JSON.stringify(plainVersions(state, nowMs))]));
}
