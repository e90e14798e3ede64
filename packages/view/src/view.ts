import type { Cursor, GroupStore } from "@pushfleet/store";
import { Fold, type GroupChanges } from "./fold.ts";
import { Snapshot } from "./snapshot.ts";

export interface ViewOptions {
  /** Changes asked for at once. */
  readonly pageSize?: number;
}

/** What to serve while the store is away. */
export interface LastSnapshot {
  readonly snapshot: Snapshot;
  /** Milliseconds since the sync that made it began. */
  readonly ageMs: number;
}

/** The changes since a cursor, up to one moment. */
interface Pulled {
  readonly changes: GroupChanges;
  readonly isComplete: boolean;
  readonly cursor: Cursor;
  readonly nowMs: number;
  /** Of this process's own clock, which never jumps. */
  readonly begunAt: number;
  readonly endedAt: number;
}

/**
 * A replica's copy of what the store holds, kept up by its change feed: a sync costs what changed since the one before.
 */
export class View {
  readonly #store: GroupStore;
  readonly #pageSize: number;
  #fold = new Fold();
  #latest: { readonly pulled: Pulled; readonly snapshot: Snapshot } | null = null;
  #running: Promise<Snapshot> | null = null;
  #next: Promise<Snapshot> | null = null;

  constructor(store: GroupStore, options: ViewOptions = {}) {
    this.#store = store;
    this.#pageSize = options.pageSize ?? 1000;
  }

  /**
   * The state of the store at a moment after this call. Callers that arrive while a sync runs share the one after it,
   * as the running one may have missed what they know to be stored. Rejects StoreUnavailable when the store does; the
   * next sync then goes on from the last one that succeeded.
   */
  sync(): Promise<Snapshot> {
    if (this.#next !== null) return this.#next;
    if (this.#running === null) return this.#run();
    const startNext = () => {
      this.#next = null;
      return this.#run();
    };
    this.#next = this.#running.then(startNext, startNext);
    return this.#next;
  }

  /**
   * The state the last successful sync saw, without what has expired since by its clock, or null before the first. Does
   * not ask the store.
   */
  last(): LastSnapshot | null {
    if (this.#latest === null) return null;
    const { pulled } = this.#latest;
    const now = performance.now();
    const nowMs = pulled.nowMs + (now - pulled.endedAt);
    return { snapshot: this.#publish({ ...pulled, changes: new Map(), isComplete: false, nowMs }), ageMs: now - pulled.begunAt };
  }

  async #run(): Promise<Snapshot> {
    const running = this.#pull().then((pulled) => {
      const snapshot = this.#publish(pulled);
      this.#latest = { pulled: { ...pulled, changes: new Map() }, snapshot };
      return snapshot;
    });
    this.#running = running;
    try {
      return await running;
    } finally {
      this.#running = null;
    }
  }
}
