import { WorkThread } from "../work-thread.ts";

export interface Comparison {
  readonly password: string;
  readonly hash: string;
}

/** So much is waiting for bcrypt that more would only wait in vain. */
export class PasswordChecksBusy extends Error {
  override readonly name = "PasswordChecksBusy";
}

export interface BcryptThreadOptions {
  /** Comparisons that may wait for the one under way. */
  readonly maxWaiting: number;
  /** Milliseconds without work after which the thread ends, which frees its memory. */
  readonly idleMs: number;
}

/**
 * Compares passwords with bcrypt hashes, one after the other, in a thread of its own: a comparison takes a tenth of a second
 * and more, in which nothing else must stand still.
 */
export class BcryptThread {
  readonly #maxWaiting: number;
  readonly #thread: WorkThread<Comparison, boolean>;

  constructor({ maxWaiting, idleMs }: BcryptThreadOptions) {
    this.#maxWaiting = maxWaiting;
    this.#thread = new WorkThread({ program: new URL("./bcrypt-worker.ts", import.meta.url), idleMs });
  }

  /** Starts the thread, which keeps the loop for some milliseconds the first time: better before somebody waits. */
  prepare(): void {
    this.#thread.prepare();
  }

  /** Rejects PasswordChecksBusy at once when too many are waiting. */
  async compare(comparison: Comparison): Promise<boolean> {
    if (this.#thread.waiting >= this.#maxWaiting)
      throw new PasswordChecksBusy("too many passwords are being checked");
    return this.#thread.run(comparison);
  }
}
