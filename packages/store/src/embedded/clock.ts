/**
 * The store's clock: microseconds since the epoch that never run backwards, whatever the machine's clock does, and
 * versions made of them, no two alike.
 */
export class Clock {
  readonly #source: () => number;
  #now = 0;
  #version = 0;

  /** `source` gives microseconds since the epoch. */
  constructor(source: () => number) {
    this.#source = source;
  }

  /** Moves the clock to a version made by an earlier process, if it is not past it. */
  notBefore(version: number): void {
    this.#now = Math.max(this.#now, version);
    this.#version = Math.max(this.#version, version);
  }

  /** A version greater than all before it: the current time, or the last version plus one. */
  nextVersion(): number {
    this.#version = Math.max(this.#tick(), this.#version + 1);
    return this.#version;
  }

  nowMs(): number {
    return Math.floor(this.#tick() / 1000);
  }

  #tick(): number {
    this.#now = Math.max(this.#now, Math.floor(this.#source()));
    return this.#now;
  }
}

/** The machine's clock. Its milliseconds are enough: `Clock` counts on within one. */
export function wallClock(): number {
  return Date.now() * 1000;
}
