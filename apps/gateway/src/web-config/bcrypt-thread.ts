import { Worker } from "node:worker_threads";

export interface Comparison {
  readonly password: string;
  readonly hash: string;
}

/** So much is waiting for bcrypt that more would only wait in vain. */
export class PasswordChecksBusy extends Error {
  override readonly name = "PasswordChecksBusy";
}

interface Task extends Comparison {
  resolve(isSame: boolean): void;
  reject(cause: unknown): void;
}

export interface BcryptThreadOptions {
  /** Comparisons that may wait for the one under way. */
  readonly maxWaiting: number;
  /** Milliseconds without work after which the thread ends, which frees its memory. */
  readonly idleMs: number;
}

/**
 * Compares passwords with bcrypt hashes, one after the other, in a thread of its own that runs while there is something
 * to do: a comparison takes a tenth of a second and more, in which nothing else must stand still.
 */
export class BcryptThread {
  readonly #options: BcryptThreadOptions;
  readonly #waiting: Task[] = [];
  #worker: Worker | undefined;
  #current: Task | undefined;
  #idleTimer: NodeJS.Timeout | undefined;

  constructor(options: BcryptThreadOptions) {
    this.#options = options;
  }

  /** Starts the thread, which keeps the loop for some milliseconds the first time: better before somebody waits. */
  prepare(): void {
    this.#worker ??= this.#start();
    this.#next();
  }

  /** Rejects PasswordChecksBusy at once when too many are waiting. */
  compare(comparison: Comparison): Promise<boolean> {
    if (this.#waiting.length >= this.#options.maxWaiting)
      return Promise.reject(new PasswordChecksBusy("too many passwords are being checked"));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ ...comparison, resolve, reject });
      this.#next();
    });
  }

  #next(): void {
    if (this.#current !== undefined) return;
    this.#current = this.#waiting.shift();
    clearTimeout(this.#idleTimer);
    if (this.#current === undefined) {
      this.#idleTimer = setTimeout(() => this.#end(), this.#options.idleMs).unref();
      return;
    }
    const { password, hash } = this.#current;
    this.#worker ??= this.#start();
    this.#worker.postMessage({ password, hash } satisfies Comparison);
  }

  #start(): Worker {
    const worker = new Worker(new URL("./bcrypt-worker.ts", import.meta.url));
    worker.on("message", (isSame: boolean) => this.#done((task) => task.resolve(isSame)));
    worker.on("error", (cause) => {
      this.#worker = undefined;
      this.#done((task) => task.reject(new Error("a password could not be checked", { cause })));
    });
    // Last, because a listener for messages keeps the process alive.
    worker.unref();
    return worker;
  }

  #done(tell: (task: Task) => void): void {
    const task = this.#current;
    this.#current = undefined;
    if (task !== undefined) tell(task);
    this.#next();
  }

  #end(): void {
    void this.#worker?.terminate();
    this.#worker = undefined;
  }
}
