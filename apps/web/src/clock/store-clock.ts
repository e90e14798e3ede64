import type { ViewAge } from "../api/client.ts";

type Listener = () => void;

/**
 * What the latest answer tells of the store: its clock, by which all ages are reckoned so that a wrong clock here does
 * not matter, and how old the state is that the gateway serves.
 */
export class StoreClock {
  readonly #listeners = new Set<Listener>();
  #aheadMs = 0;
  #viewAgeSeconds = 0;
  #ticker: ReturnType<typeof setInterval> | undefined;

  /** Call it when the answer has just arrived. */
  readonly observe = ({ now, view_age_seconds }: ViewAge): void => {
    this.#aheadMs = Date.parse(now) - Date.now();
    this.#viewAgeSeconds = view_age_seconds;
    this.#notify();
  };

  /** The store's time in milliseconds since 1970, to the second. */
  readonly now = (): number => Math.floor((Date.now() + this.#aheadMs) / 1000) * 1000;

  /** Seconds since the store confirmed the state that the latest answer told of. */
  readonly viewAgeSeconds = (): number => this.#viewAgeSeconds;

  /** Calls the listener every second and after every answer. Returns what ends it. */
  readonly subscribe = (listener: Listener): (() => void) => {
    this.#listeners.add(listener);
    this.#ticker ??= setInterval(() => this.#notify(), 1000);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      clearInterval(this.#ticker);
      this.#ticker = undefined;
    };
  };

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }
}
