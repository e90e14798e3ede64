import { setTimeout as delay, setImmediate as letOthersIn } from "node:timers/promises";
import { atOnce } from "@pushfleet/exposition";
import type { Cursor, FeedEnd, GroupStore, RegionId } from "@pushfleet/store";
import { Fold, type Folded, type FoldOptions, type GroupChanges } from "./fold.ts";
import type { Hidden } from "./hiding/hidden.ts";
import { OriginLabel } from "./origin.ts";
import { Snapshot } from "./snapshot.ts";
import { TimeSlices } from "./time-slices.ts";

/** What a view is kept up by. */
export type ChangeFeed = Pick<GroupStore, "changes" | "end">;

export interface ViewOptions {
  /** Changes asked for at once. */
  readonly pageSize?: number;
  /**
   * Of the store, "" = none. Only a store with a region takes in what was pushed elsewhere, and so may hold what no push could
   * bring together: the younger of what is in conflict is kept, and hidden from scrapes (`Snapshot.hidden`).
   */
  readonly region?: RegionId | "" | undefined;
  /**
   * The label of scrapes that tells in which region a series was pushed, "" = none: a legacy label name, but for `le` and
   * `quantile`. Groups are given without it, and what is hidden does not depend on it.
   */
  readonly originLabel?: string | undefined;
}

/** What to serve while the store is away. */
export interface LastSnapshot {
  readonly snapshot: Snapshot;
  /** Milliseconds since the sync that made it began. */
  readonly ageMs: number;
}

/** Where the view stands: what the last successful sync saw. */
interface Stand {
  readonly cursor: Cursor;
  /** The store's clock. */
  readonly nowMs: number;
  /** When the sync began and when it had its answer, by this process's own clock, which never jumps. */
  readonly begunAt: number;
  readonly endedAt: number;
}

/** Some milliseconds of work for the store and for this process: pushes wait behind a page. Larger ones are read no faster. */
const defaultPageSize = 100;
/**
 * A refresh goes in small pages and slices, with pauses between in which pushes have the store and this process to themselves.
 * Beyond so many pages it is as fast as it can be, so that it ends however much changes meanwhile.
 */
const gentle = { pages: 200, groups: 20, sliceMs: 1, pauseMs: 5 };

/** A replica's copy of what the store holds, kept up by its change feed: a sync costs what changed since the one before. */
export class View {
  readonly #feed: ChangeFeed;
  readonly #pageSize: number;
  readonly #foldOptions: FoldOptions;
  #fold: Fold;
  #stand: Stand | null = null;
  #isUp = true;
  #heardAt = 0;
  /** Until changes are folded in: nobody else may fold meanwhile. */
  #folding: Promise<Folded> | undefined;
  #running: Promise<Snapshot> | null = null;
  #next: Promise<Snapshot> | null = null;

  constructor(feed: ChangeFeed, options: ViewOptions = {}) {
    this.#feed = feed;
    this.#pageSize = options.pageSize ?? defaultPageSize;
    const { region = "", originLabel = "" } = options;
    this.#foldOptions = {
      hides: region !== "",
      originLabel: originLabel === "" ? undefined : new OriginLabel(originLabel),
    };
    this.#fold = new Fold(this.#foldOptions);
  }

  /**
   * The state of the store at a moment after this call. Callers that arrive while a sync runs share the one after it,
   * as the running one may have missed what they know to be stored. Rejects StoreUnavailable when the store does; the
   * next sync then goes on from the last one that succeeded.
   */
  sync(): Promise<Snapshot> {
    if (this.#next !== null) return this.#next;
    if (this.#running === null) return this.#start();
    const startNext = () => {
      this.#next = null;
      return this.#start();
    };
    this.#next = this.#running.then(startNext, startNext);
    return this.#next;
  }

  /**
   * Like `sync`, for when nobody waits: it takes its time until somebody calls `sync`. One that runs already will do. Rejects as
   * `sync` does.
   */
  refresh(): Promise<Snapshot> {
    return this.#running ?? this.#start({ takesTime: true });
  }

  /**
   * The state the last successful sync saw, for when the store does not answer: without what has expired since, by the
   * store's clock as it must stand now. Null before the first sync.
   */
  async last(): Promise<LastSnapshot | null> {
    while (this.#folding !== undefined) await this.#folding.catch(() => {});
    if (this.#stand === null) return null;
    const now = performance.now();
    const nowMs = Math.floor(this.#stand.nowMs + now - this.#stand.endedAt);
    const folded = atOnce(this.#fold.apply(new Map(), { nowMs, isComplete: false }));
    const snapshot = new Snapshot(folded, { nowMs, cursor: this.#stand.cursor });
    return { snapshot, ageMs: now - this.#stand.begunAt };
  }

  /** Groups in the state the last successful sync saw. */
  get groupCount(): number {
    return this.#fold.current.groupCount;
  }

  /** What is stored and not shown, in the state the last successful sync saw. */
  get hidden(): Hidden {
    return this.#fold.current.hidden;
  }

  /** Milliseconds since the last successful sync began; undefined before the first. */
  get ageMs(): number | undefined {
    return this.#stand === null ? undefined : performance.now() - this.#stand.begunAt;
  }

  /** Where the feed ends now, for who wants to know how much a sync would have to read. Rejects as the store does. */
  end(): Promise<FeedEnd> {
    return this.#feed.end();
  }

  /** False after a sync that failed, until one succeeds. */
  get isUp(): boolean {
    return this.#isUp;
  }

  /** When the store last answered, by `performance.now()`; 0 = never. */
  get heardAt(): number {
    return this.#heardAt;
  }

  #start({ takesTime = false } = {}): Promise<Snapshot> {
    const hasTime = () => takesTime && this.#next === null;
    // Settled promises tell their listeners in order: `#running` is null again before anyone waiting starts the next.
    const running = this.#pull(hasTime).then(
      (snapshot) => {
        this.#running = null;
        this.#isUp = true;
        return snapshot;
      },
      (error: unknown) => {
        this.#running = null;
        this.#isUp = false;
        throw error;
      },
    );
    this.#running = running;
    return running;
  }

  /** Reads all pages before it folds any: whatever fails, nothing is folded by halves. */
  async #pull(hasTime: () => boolean): Promise<Snapshot> {
    const begunAt = performance.now();
    const changes: GroupChanges = new Map();
    let cursor = this.#stand?.cursor ?? null;
    let isComplete = cursor === null;
    for (let pages = 0; ; pages++) {
      const rests = () => hasTime() && pages < gentle.pages;
      const isGentle = rests();
      const pageSize = isGentle ? Math.min(gentle.groups, this.#pageSize) : this.#pageSize;
      const page = await this.#feed.changes(cursor, pageSize);
      this.#heardAt = performance.now();
      if (page.reset) {
        changes.clear();
        isComplete = true;
      }
      for (const group of page.upserts) changes.set(group.id, group);
      for (const id of page.removals) changes.set(id, null);
      cursor = page.cursor;
      if (page.more) {
        if (isGentle) await delay(gentle.pauseMs);
        continue;
      }

      const { nowMs } = page;
      this.#folding = this.#foldIn(changes, { nowMs, isComplete }, rests);
      const folded = await this.#folding;
      this.#stand = { cursor, nowMs, begunAt, endedAt: performance.now() };
      return new Snapshot(folded, { nowMs, cursor });
    }
  }

  async #foldIn(
    changes: GroupChanges,
    options: { nowMs: number; isComplete: boolean },
    rests: () => boolean,
  ): Promise<Folded> {
    const rest = () => (rests() ? delay(gentle.pauseMs) : letOthersIn());
    const slices = rests() ? new TimeSlices(gentle.sliceMs, rest) : new TimeSlices();
    try {
      return await slices.run(this.#fold.apply(changes, options));
    } catch (error) {
      // Only a defect gets here. Nothing half-folded may stay: the next sync lists everything anew.
      this.#fold = new Fold(this.#foldOptions);
      this.#stand = null;
      throw error;
    } finally {
      this.#folding = undefined;
    }
  }
}
