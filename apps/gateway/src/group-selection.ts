import type { GroupState, GroupStore } from "@pushfleet/store";
import { type Snapshot, TimeSlices } from "@pushfleet/view";

/** How many groups one request may delete, unless it says otherwise. */
export const mostDeleted = { default: 1_000, max: 1_000_000 };

/** So many deletions are under way at a time: enough to fill a batch to Redis, and others get their turn. */
const deletedAtOnce = 100;

/** The groups of the snapshot that are accepted, in order of their keys. Lets pushes and scrapes in between. */
export async function selectGroups(
  snapshot: Snapshot,
  accepts: (group: GroupState) => boolean,
): Promise<readonly GroupState[]> {
  const selected: GroupState[] = [];
  const slices = new TimeSlices();
  for (const group of snapshot.groups()) {
    if (accepts(group)) selected.push(group);
    await slices.next();
  }
  return selected;
}

/**
 * Deletes the groups as they were selected; resolves to how many. One that was pushed since, or is gone, is not counted.
 * When it rejects, some may have been deleted; selecting and deleting anew does the rest.
 */
export async function deleteSelected(store: GroupStore, groups: readonly GroupState[]): Promise<number> {
  let deleted = 0;
  for (let i = 0; i < groups.length; i += deletedAtOnce) {
    const answers = await Promise.all(
      groups
        .slice(i, i + deletedAtOnce)
        .map(({ id, pushedAtMicros }) => store.delete(id, { ifPushedAtMicros: pushedAtMicros })),
    );
    deleted += answers.filter(Boolean).length;
  }
  return deleted;
}
