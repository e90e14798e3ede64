import { setImmediate as letOthersIn } from "node:timers/promises";
import type { Steps } from "@pushfleet/exposition";

/** For long work in pieces: lets pushes and scrapes come in between. */
export class TimeSlices {
  readonly #sliceMs: number;
  readonly #rest: () => Promise<unknown>;
  #begunAt = performance.now();

  /**
   * @param sliceMs Milliseconds of work after which others get their turn: less than anybody notices.
   * @param rest What is waited for then.
   */
  constructor(sliceMs = 3, rest: () => Promise<unknown> = () => letOthersIn()) {
    this.#sliceMs = sliceMs;
    this.#rest = rest;
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
    await this.#rest();
    this.#begunAt = performance.now();
  }
}
