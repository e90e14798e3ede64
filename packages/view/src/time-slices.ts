import { setImmediate } from "node:timers/promises";

/** Milliseconds of work after which others get their turn: less than anybody notices. */
const sliceMs = 5;

/** For long work in pieces: lets pushes and scrapes come in between. */
export class TimeSlices {
  #begunAt = performance.now();

  /** Call between two pieces, and await what is returned, if anything. */
  next(): Promise<void> | undefined {
    return performance.now() - this.#begunAt < sliceMs ? undefined : this.#pause();
  }

  async #pause(): Promise<void> {
    await setImmediate();
    this.#begunAt = performance.now();
  }
}
