import type { GroupId } from "@pushfleet/groups";
import type { Changes, Cursor, GroupState, RegionId } from "@pushfleet/store";
import type { ChangeFeed } from "./view.ts";

/**
 * The feed as if there were no other region: of each group what was pushed in this one. A group that holds nothing of the
 * region's and was last pushed elsewhere is a removal. The push time is that of the region's own last push, as far as it is
 * known: the group's if that was here, otherwise that of the youngest family from here. Which region failures were in is not
 * known, so they are told in every one, and so are groups that nobody has pushed yet.
 */
export function fromRegion(feed: ChangeFeed, region: RegionId): ChangeFeed {
  return {
    async changes(since: Cursor | null, limit: number): Promise<Changes> {
      const page = await feed.changes(since, limit);
      const upserts: GroupState[] = [];
      const removals: GroupId[] = [...page.removals];
      for (const group of page.upserts) {
        const part = partOf(group, region);
        if (part === undefined) removals.push(group.id);
        else upserts.push(part);
      }
      return { ...page, upserts, removals };
    },
    end: () => feed.end(),
  };
}

function partOf(group: GroupState, region: RegionId): GroupState | undefined {
  const families = group.families.filter((family) => family.region === region);
  if (group.pushedRegion === undefined || group.pushedRegion === region) return { ...group, families };
  if (families.length === 0) return undefined;
  const pushedAtMicros = families.reduce((latest, family) => Math.max(latest, family.pushedAtMicros), 0);
  return { ...group, pushedAtMicros, pushedRegion: region, families };
}
