import { randomUUID } from "node:crypto";
import type { GroupId } from "@pushfleet/groups";
import type { Cursor } from "../store.ts";
import { ChangeLog } from "./change-log.ts";
import type { BuriedTombstone, GroupRecord, Tombstone } from "./group-record.ts";

export type FeedEntry = GroupRecord | BuriedTombstone;

/** Where a page of the feed ended; as in `Changes`. */
export interface PageEnd {
  readonly cursor: Cursor;
  readonly reset: boolean;
  readonly more: boolean;
}

/** All groups and all that are remembered as removed, each once, in the order of their last changes: one unbroken history. */
export class ChangeFeed {
  readonly history = randomUUID();
  readonly #log = new ChangeLog<FeedEntry>();
  /** In the order of removal. */
  readonly #tombstones = new Map<GroupId, BuriedTombstone>();
  /** The last change whose tombstone was trimmed. */
  #horizon = 0;
  #change = 0;

  tombstone(id: GroupId): BuriedTombstone | undefined {
    return this.#tombstones.get(id);
  }

  /** Puts the group at the end. */
  report(record: GroupRecord): void {
    if (record.change > 0) this.#log.remove(record.change);
    record.change = ++this.#change;
    this.#log.append(record.change, record);
  }

  /** Puts the tombstone at the end, in the place of the group, or of an earlier tombstone of it. */
  bury(tombstone: Tombstone, record: GroupRecord | undefined): void {
    if (record !== undefined) this.#log.remove(record.change);
    this.unbury(tombstone.id);
    const buried = { ...tombstone, change: ++this.#change };
    this.#tombstones.set(buried.id, buried);
    this.#log.append(buried.change, buried);
  }

  /** Forgets the tombstone, if there is one, and returns it. */
  unbury(id: GroupId): BuriedTombstone | undefined {
    const tombstone = this.#tombstones.get(id);
    if (tombstone === undefined) return undefined;
    this.#tombstones.delete(id);
    this.#log.remove(tombstone.change);
    return tombstone;
  }

  /** Forgets the oldest tombstones above that number, up to the first that is still needed, and tells which. */
  *trim(atMost: number, isNeeded: (tombstone: Tombstone) => boolean): Generator<GroupId> {
    for (const oldest of this.#tombstones.values()) {
      if (this.#tombstones.size <= atMost || isNeeded(oldest)) return;
      this.unbury(oldest.id);
      this.#horizon = oldest.change;
      yield oldest.id;
    }
  }

  /**
   * Offers what came after the cursor, in order, until `take` refuses an entry because the page is full. A tombstone is no news
   * for a reader that began after the removal.
   */
  read(since: Cursor | null, take: (entry: FeedEntry, isNews: boolean) => boolean): PageEnd {
    const continued = since !== null && this.#continues(since) ? since : undefined;
    /** Up to here the reader knows nothing, so removals do not concern it. */
    const listedSince = continued === undefined ? this.#change : (continued.listedSince ?? 0);
    let reached = continued?.change ?? 0;
    let more = false;
    for (const entry of this.#log.after(reached)) {
      more = !take(entry, entry.change > listedSince);
      if (more) break;
      reached = entry.change;
    }
    const listing = more && listedSince > 0 ? { listedSince } : {};
    return {
      cursor: { history: this.history, change: more ? reached : this.#change, ...listing },
      reset: continued === undefined,
      more,
    };
  }

  after(change: number): Iterable<FeedEntry> {
    return this.#log.after(change);
  }

  end(): Cursor {
    return { history: this.history, change: this.#change };
  }

  #continues({ history, change, listedSince = 0 }: Cursor): boolean {
    return (
      history === this.history && change <= this.#change && Math.max(change, listedSince) >= this.#horizon
    );
  }
}
