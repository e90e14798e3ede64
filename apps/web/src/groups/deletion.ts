import type { Api } from "../api/client.ts";
import { groupPath } from "../api/group-path.ts";
import type { Group } from "../api/types.ts";

/** What the reader wants to be gone. */
export type DeletionTarget =
  | { readonly kind: "groups"; readonly groups: readonly Pick<Group, "id" | "labels">[] }
  /** All that the selector matches, whatever else the list is filtered by. */
  | { readonly kind: "selector"; readonly selector: string };

export interface DeletionResult {
  readonly deleted: number;
  /** Why the others are still there. */
  readonly errors: readonly Error[];
}

/** Requests at once: enough to hide the way to the gateway, too few to get in the way of pushes. */
const LANES = 4;

/**
 * Deletes the groups one by one, because no selector means exactly one group: it also matches those with more labels.
 *
 * @param onProgress Is told after each group how many are done.
 */
export async function deleteEach(
  api: Pick<Api, "deleteGroup">,
  groups: readonly Pick<Group, "labels">[],
  onProgress: (done: number) => void,
): Promise<DeletionResult> {
  const errors: Error[] = [];
  let done = 0;
  const queue = groups.values();
  async function workOff(): Promise<void> {
    for (const { labels } of queue) {
      try {
        await api.deleteGroup(groupPath(labels));
      } catch (error) {
        errors.push(error instanceof Error ? error : new Error(String(error)));
      }
      done += 1;
      onProgress(done);
    }
  }
  await Promise.all(Array.from({ length: LANES }, workOff));
  return { deleted: groups.length - errors.length, errors };
}
