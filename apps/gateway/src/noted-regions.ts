import type { GroupState, RegionId } from "@pushfleet/store";
import type { ChangeFeed } from "@pushfleet/view";

/** A feed, and the regions of all that has been read of it so far: some may have nothing stored any more. */
export interface NotedRegions {
  readonly feed: ChangeFeed;
  readonly regions: ReadonlySet<RegionId>;
}

export function noteRegions(feed: ChangeFeed): NotedRegions {
  const regions = new Set<RegionId>();
  const note = ({ pushedRegion, families }: GroupState): void => {
    if (pushedRegion !== undefined) regions.add(pushedRegion);
    for (const { region } of families) if (region !== undefined) regions.add(region);
  };
  return {
    regions,
    feed: {
      async changes(since, limit) {
        const page = await feed.changes(since, limit);
        page.upserts.forEach(note);
        return page;
      },
      end: () => feed.end(),
    },
  };
}
