import { type GroupId, groupOf } from "@pushfleet/groups";
import {
  type Changes,
  type Cursor,
  type FeedEnd,
  type GroupState,
  type GroupStore,
  type StoredFamily,
  spanOf,
} from "@pushfleet/store";
import type { ChangeFeed } from "./view.ts";

/** What a test puts into a group; the text is the sample lines. */
export type FamilyInTest = Pick<StoredFamily, "name"> & { readonly text: string } & Partial<
    Omit<StoredFamily, "text">
  >;

/** The change feed of a store, and nothing else of it: states are set by hand, the clock too. */
export class TestStore implements ChangeFeed {
  nowMs = 1_700_000_000_000;
  history = "first";
  #change = 0;
  readonly #groups = new Map<GroupId, GroupState>();
  readonly #removed = new Map<GroupId, number>();

  /** As the store a view is made for. */
  get feed(): GroupStore {
    return this as unknown as GroupStore; // a view reads nothing else
  }

  put(
    labels: Readonly<Record<string, string>>,
    families: readonly FamilyInTest[],
    times: Partial<
      Pick<GroupState, "pushedAtMicros" | "failedAtMicros" | "expiresAtMs" | "pushedRegion">
    > = {},
  ): GroupId {
    const group = groupOf(Object.entries(labels));
    this.#removed.delete(group.id);
    this.#groups.set(group.id, {
      id: group.id,
      labels: group.labels,
      pushedAtMicros: 1_700_000_000_000_000,
      failedAtMicros: 0,
      expiresAtMs: null,
      ...times,
      change: ++this.#change,
      families: families.map((family) => ({
        type: "untyped",
        help: "",
        metricCount: 1,
        pushedAtMicros: this.#change,
        ...family,
        text: spanOf(family.text),
      })),
    });
    return group.id;
  }

  remove(id: GroupId): void {
    if (this.#groups.delete(id)) this.#removed.set(id, ++this.#change);
  }

  async end(): Promise<FeedEnd> {
    return { cursor: { history: this.history, change: this.#change }, nowMs: this.nowMs };
  }

  async changes(since: Cursor | null, limit: number): Promise<Changes> {
    const reset = since?.history !== this.history;
    const from = reset ? 0 : since.change;
    const changed = [
      ...[...this.#groups.values()].map((state) => ({ id: state.id, change: state.change, state })),
      ...[...this.#removed].map(([id, change]) => ({ id, change, state: null })),
    ].filter(({ change, state }) => change > from && !(reset && state === null));
    const page = changed.sort((a, b) => a.change - b.change).slice(0, limit);
    const more = page.length < changed.length;
    return {
      upserts: page.flatMap(({ state }) => state ?? []),
      removals: page.flatMap(({ id, state }) => (state === null ? id : [])),
      cursor: { history: this.history, change: more ? (page.at(-1)?.change ?? from) : this.#change },
      nowMs: this.nowMs,
      reset,
      more,
    };
  }
}

export async function bodyOf(pieces: Promise<readonly Uint8Array[]>): Promise<Buffer> {
  return Buffer.concat(await pieces);
}
