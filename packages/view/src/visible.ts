import type { Label } from "@pushfleet/exposition";
import type { Changes, Cursor } from "@pushfleet/store";
import type { ChangeFeed } from "./view.ts";

/**
 * The feed without the groups whose grouping labels are not accepted; what is accepted must never change. Removals are
 * passed on whoever's they are: a reader that does not know a group has nothing to remove. The end counts all mutations.
 */
export function visible(feed: ChangeFeed, accepts: (labels: readonly Label[]) => boolean): ChangeFeed {
  return {
    async changes(since: Cursor | null, limit: number): Promise<Changes> {
      const page = await feed.changes(since, limit);
      return { ...page, upserts: page.upserts.filter(({ labels }) => accepts(labels)) };
    },
    end: () => feed.end(),
  };
}
