import type { GroupId } from "@pushfleet/groups";
import type { FeedEnd } from "@pushfleet/store";
import { changesBetween, type Snapshot, type View } from "@pushfleet/view";

/** What has changed between two looks. */
export interface SeenChanges {
  readonly at: FeedEnd;
  /** Groups that were pushed to, and those that were deleted or expired; null when it is too much to tell. */
  readonly groups: { readonly changed: readonly GroupId[]; readonly removed: readonly GroupId[] } | null;
}

/** After more mutations than this it is not told what they were. */
const mostTold = 100;

/**
 * Sees what changes from look to look. A look in a flood of pushes does not read them: it costs one question to the store,
 * whatever was pushed.
 */
export class ChangeWatch {
  readonly #view: View;
  #seen: FeedEnd;
  /** Undefined when it went by too fast to be looked at. */
  #state: Snapshot | undefined;

  constructor(view: View, from: Snapshot) {
    this.#view = view;
    this.#seen = from;
    this.#state = from;
  }

  /** What changed since the look before; undefined when nothing did, or nothing is known of it because the store is away. */
  async look(): Promise<SeenChanges | undefined> {
    const end = await this.#view.end().catch(() => undefined); // the sync finds out what is the matter
    if (end !== undefined && mutationsBetween(this.#seen, end) > mostTold) {
      this.#seen = end;
      this.#state = undefined;
      return { at: end, groups: null };
    }
    const former = this.#state;
    const current = await this.#view.sync().catch(async () => (await this.#view.last())?.snapshot);
    if (current === undefined) return undefined;
    this.#seen = current;
    this.#state = current;
    if (former === undefined) return { at: current, groups: null };
    const changes = changesBetween(former.chunks, current.chunks);
    if (changes.length === 0) return undefined;
    if (changes.length > mostTold) return { at: current, groups: null };
    return {
      at: current,
      groups: {
        changed: changes.flatMap(({ after }) => after?.id ?? []),
        removed: changes.flatMap(({ before, after }) => (after === undefined && before?.id) || []),
      },
    };
  }
}

/** Infinity when they belong to different histories. */
function mutationsBetween(earlier: FeedEnd, later: FeedEnd): number {
  if (earlier.cursor.history !== later.cursor.history) return Number.POSITIVE_INFINITY;
  return later.cursor.change - earlier.cursor.change;
}
