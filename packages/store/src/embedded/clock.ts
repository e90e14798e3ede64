/**
 * The store's clock: microseconds since the epoch that never run backwards, whatever the machine's clock does, and
 * versions made of them, no two alike.
 */
export class Clock {
  readonly #source: () => number;
  #last = 0;

  /** `source` gives microseconds since the epoch. */
  constructor(source: () => number) {
    this.#source = source;
  }

  /** Moves the clock past a version made by an earlier process. */
  notBefore(version: number): void {
    this.#last = Math.max(this.#last, version);
  }

  /** A version greater than all before it: the current time, or the last version plus one. */
  nextVersion(): number {
    this.#last = Math.max(Math.floor(this.#source()), this.#last + 1);
    return this.#last;
  }

  nowMs(): number {
    this.#last = Math.max(Math.floor(this.#source()), this.#last);
    return Math.floor(this.#last / 1000);
  }
}

/** The machine's clock. Its milliseconds are enough: `Clock` counts on within one. */
export function wallClock(): number {
  return Date.now() * 1000;
}
