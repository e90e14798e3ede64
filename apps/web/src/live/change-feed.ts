import type { GroupsChanged } from "../api/types.ts";

/**
 * - `connecting`: the first connection is under way
 * - `live`: changes are told as they happen
 * - `polling`: the connection is gone or refused; what is shown is read again every ten seconds, and a connection tried anew
 * - `paused`: by the reader
 */
export type LiveState = "connecting" | "live" | "polling" | "paused";

/** Something may have changed since the one before. */
export interface ChangeBatch {
  /** Of the state that all changes are in; null when it is not known what it is. */
  readonly change: string | null;
  /** Groups that changed; null when any may have. */
  readonly ids: ReadonlySet<string> | null;
}

const THROTTLE_MS = 2_000;
const POLL_MS = 10_000;
/** Groups become stale and come close to their end without any event. */
const QUIET_REFRESH_MS = 30_000;

/**
 * Follows the gateway's events and passes them on in batches, at most one every two seconds, while the page is visible.
 * A hidden page has no connection: it reads everything that has changed once it is shown again.
 */
export class ChangeFeed {
  readonly #url: string;
  readonly #stateListeners = new Set<() => void>();
  readonly #batchListeners = new Set<(batch: ChangeBatch) => void>();
  #state: LiveState = "connecting";
  #events: EventSource | undefined;
  #failures = 0;
  #pending: ChangeBatch | undefined;
  #lastChange: string | null = null;
  #lastBatchAt = Number.NEGATIVE_INFINITY;
  #flushTimer: ReturnType<typeof setTimeout> | undefined;
  #connectTimer: ReturnType<typeof setTimeout> | undefined;
  #refreshTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(url: string) {
    this.#url = url;
  }

  /** Connects. Returns what ends everything. */
  start(): () => void {
    const onVisibility = () => this.#adjust();
    document.addEventListener("visibilitychange", onVisibility);
    this.#adjust();
    return () => {
      document.removeEventListener("visibilitychange", onVisibility);
      this.#disconnect();
    };
  }

  pause(): void {
    this.#setState("paused");
    this.#adjust();
  }

  resume(): void {
    this.#failures = 0;
    this.#setState("connecting");
    this.#adjust();
    this.#announce({ change: null, ids: null });
  }

  readonly state = (): LiveState => this.#state;

  readonly subscribeState = (listener: () => void): (() => void) => {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  };

  readonly subscribe = (listener: (batch: ChangeBatch) => void): (() => void) => {
    this.#batchListeners.add(listener);
    return () => this.#batchListeners.delete(listener);
  };

  #adjust(): void {
    this.#disconnect();
    if (this.#state !== "paused" && document.visibilityState === "visible") this.#connect();
  }

  #connect(): void {
    const events = new EventSource(this.#url);
    this.#events = events;
    this.#scheduleRefresh();
    events.addEventListener("open", () => {
      this.#failures = 0;
      this.#setState("live");
    });
    events.addEventListener("change", ({ data }: MessageEvent<string>) => {
      const { change, changed, removed } = JSON.parse(data) as GroupsChanged; // the contract's
      const ids = changed === null || removed === null ? null : new Set([...changed, ...removed]);
      // Groups expire without a change in the store: pages of the same change are old then all the same.
      this.#announce({ change: change === this.#lastChange ? null : change, ids });
      this.#lastChange = change;
    });
    events.addEventListener("store", () => this.#announce({ change: null, ids: null }));
    events.addEventListener("error", () => {
      this.#disconnect();
      this.#failures += 1;
      this.#setState("polling");
      this.#scheduleRefresh();
      this.#connectTimer = setTimeout(() => this.#adjust(), reconnectDelayMs(this.#failures, Math.random()));
    });
  }

  #disconnect(): void {
    this.#events?.close();
    this.#events = undefined;
    clearTimeout(this.#connectTimer);
    clearTimeout(this.#refreshTimer);
    clearTimeout(this.#flushTimer);
    this.#flushTimer = undefined;
    this.#pending = undefined;
    // What happens until the next connection is not told: its first event has to count as a change of anything.
    this.#lastChange = null;
  }

  #scheduleRefresh(): void {
    clearTimeout(this.#refreshTimer);
    const delay = this.#state === "polling" ? POLL_MS : QUIET_REFRESH_MS;
    this.#refreshTimer = setTimeout(() => this.#announce({ change: null, ids: null }), delay);
  }

  #announce(batch: ChangeBatch): void {
    // The first event of a connection names no groups, for what it tells of was before.
    const isFirst = this.#lastChange === null;
    const told = isFirst ? { ...batch, ids: null } : batch;
    this.#pending = this.#pending === undefined ? told : merged(this.#pending, told);
    const wait = this.#lastBatchAt + THROTTLE_MS - performance.now();
    if (wait <= 0) this.#flush();
    else this.#flushTimer ??= setTimeout(() => this.#flush(), wait);
  }

  #flush(): void {
    clearTimeout(this.#flushTimer);
    this.#flushTimer = undefined;
    const batch = this.#pending;
    if (batch === undefined) return;
    this.#pending = undefined;
    this.#lastBatchAt = performance.now();
    this.#scheduleRefresh();
    for (const listener of this.#batchListeners) listener(batch);
  }

  #setState(state: LiveState): void {
    if (state === this.#state) return;
    this.#state = state;
    for (const listener of this.#stateListeners) listener();
  }
}

/** What both tell of together. */
export function merged(earlier: ChangeBatch, later: ChangeBatch): ChangeBatch {
  const ids = earlier.ids === null || later.ids === null ? null : new Set([...earlier.ids, ...later.ids]);
  return { change: later.change, ids };
}

/**
 * 1 s after the first failure, doubled with each further one up to 30 s; up to a half is added by chance, so that the
 * readers of a gateway that went away do not all come to the next one at once.
 *
 * @param chance From 0 up to 1.
 */
export function reconnectDelayMs(failures: number, chance: number): number {
  return Math.min(30_000, 1_000 * 2 ** (failures - 1)) * (1 + chance / 2);
}
