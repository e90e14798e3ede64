import type { RegionId, Version } from "../replication/version.ts";

/** In the versions of a store that belongs to no region: nobody else sees it, and no file holds it. */
export const noRegion = "~" as RegionId; // no region may be called so

/**
 * The store's clock: microseconds since the epoch that never run backwards, whatever the machine's clock does, and
 * versions made of them, no two alike.
 */
export class Clock {
  readonly region: RegionId;
  readonly #source: () => number;
  #now = 0;
  #version = 0;

  /** `source` gives microseconds since the epoch. */
  constructor(source: () => number, region: RegionId = noRegion) {
    this.#source = source;
    this.region = region;
  }

  /** Moves the clock to a time at which an earlier process has been, if it is not past it. */
  notBefore(micros: number): void {
    this.#now = Math.max(this.#now, micros);
  }

  /** Makes all later versions greater than this one. The time stays what it is: somebody else's clock may be ahead. */
  passVersion(micros: number): void {
    this.#version = Math.max(this.#version, micros);
  }

  /** A version greater than all before it: the current time, or the last version plus one microsecond. */
  nextVersion(): Version {
    this.#version = Math.max(this.nowMicros(), this.#version + 1);
    return { micros: this.#version, region: this.region };
  }

  /** Of the greatest version so far. */
  lastVersionMicros(): number {
    return this.#version;
  }

  nowMicros(): number {
    this.#now = Math.max(this.#now, Math.floor(this.#source()));
    return this.#now;
  }

  nowMs(): number {
    return Math.floor(this.nowMicros() / 1000);
  }
}

/** The machine's clock. Its milliseconds are enough: `Clock` counts on within one. */
export function wallClock(): number {
  return Date.now() * 1000;
}
