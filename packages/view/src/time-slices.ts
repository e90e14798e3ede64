import { setImmediate } from "node:timers/promises";
import type { Steps } from "@pushfleet/exposition";

/** For long work in pieces: lets pushes and scrapes come in between. */
export class TimeSlices {
  readonly #sliceMs: number;
  #begunAt = performance.now();

  /** @param sliceMs Milliseconds of work after which others get their turn: less than anybody notices. */
  constructor(sliceMs = 3) {
    this.#sliceMs = sliceMs;
  }

  /** Call between two pieces, and await what is returned, if anything. */
  next(): Promise<void> | undefined {
    return performance.now() - this.#begunAt < this.#sliceMs ? undefined : this.#pause();
  }

  /** Does all steps. Rejects when one throws. */
  async run<Result>(steps: Steps<Result>): Promise<Result> {
    for (let step = steps.next(); ; step = steps.next()) {
      if (step.done === true) return step.value;
      const pause = this.next();
      if (pause !== undefined) await pause;
    }
  }

  async #pause(): Promise<void> {
    await setImmediate();
    this.#begunAt = performance.now();
  }
}
