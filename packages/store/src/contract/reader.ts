import type { Group, GroupId } from "@pushfleet/groups";
import type { Changes, Cursor, GroupState, GroupStore, StoredFamily } from "../store.ts";
import { textOf } from "../text-span.ts";

/** A group with its texts as strings, to be compared. */
export interface ReadGroup extends Omit<GroupState, "families"> {
  /** Sorted by name: their order in the feed means nothing. */
  readonly families: readonly ReadFamily[];
}

type ReadFamily = Omit<StoredFamily, "text"> & { readonly text: string };

export function readGroup(state: GroupState): ReadGroup {
  const families = state.families.map((family) => ({ ...family, text: textOf(family.text) }));
  return { ...state, families: families.sort((x, y) => (x.name < y.name ? -1 : 1)) };
}

/** A copy of the store kept up to date from its change feed, as the view does it. */
export class Reader {
  readonly groups = new Map<GroupId, ReadGroup>();
  cursor: Cursor | null = null;
  resets = 0;
  largestPage = 0;
  store: Pick<GroupStore, "changes">;
  readonly #limit: number;

  constructor(store: Pick<GroupStore, "changes">, limit = 1000) {
    this.store = store;
    this.#limit = limit;
  }

  async page(): Promise<Changes> {
    const page = await this.store.changes(this.cursor, this.#limit);
    if (page.reset) {
      this.groups.clear();
      this.resets++;
    }
    for (const state of page.upserts) this.groups.set(state.id, readGroup(state));
    for (const id of page.removals) this.groups.delete(id);
    this.largestPage = Math.max(this.largestPage, page.upserts.length + page.removals.length);
    this.cursor = page.cursor;
    return page;
  }

  async sync(): Promise<void> {
    // A feed that never ends would otherwise hang the suite.
    for (let pages = 0; pages < 10_000; pages++) {
      if (!(await this.page()).more) return;
    }
    throw new Error("the change feed does not end");
  }

  has(wanted: Group): boolean {
    return this.groups.has(wanted.id);
  }
}
