import { type Transferable, Worker, type WorkerOptions } from "node:worker_threads";

export interface WorkThreadOptions {
  /** What the thread runs: it answers each message with one. */
  readonly program: URL;
  /** Milliseconds without work after which the thread ends, which frees its memory. */
  readonly idleMs: number;
  readonly resourceLimits?: WorkerOptions["resourceLimits"];
}

/** The thread ended in the middle of a task. */
export class ThreadEnded extends Error {
  override readonly name = "ThreadEnded";
}

interface Waiting<Task, Result> {
  readonly task: Task;
  /** What the thread takes over, and nobody here may use any more. */
  readonly transfer: readonly Transferable[];
  resolve(result: Result): void;
  reject(cause: unknown): void;
}

/**
 * Does one task after the other in a thread of its own, which runs while there is something to do: for what takes so long that
 * nothing else may wait for it. `Result` is what the program answers; nobody checks that.
 */
export class WorkThread<Task, Result> {
  readonly #options: WorkThreadOptions;
  readonly #waiting: Waiting<Task, Result>[] = [];
  #worker: Worker | undefined;
  #current: Waiting<Task, Result> | undefined;
  #idleTimer: NodeJS.Timeout | undefined;

  constructor(options: WorkThreadOptions) {
    this.#options = options;
  }

  /** Tasks that wait for the one under way. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Starts the thread, which keeps the loop for some milliseconds the first time: better before somebody waits. */
  prepare(): void {
    this.#worker ??= this.#start();
    this.#next();
  }

  /** Rejects ThreadEnded when the task makes an end to the thread. The next task gets a new one. */
  run(task: Task, transfer: readonly Transferable[] = []): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ task, transfer, resolve, reject });
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
    const { task, transfer } = this.#current;
    this.#worker ??= this.#start();
    this.#worker.postMessage(task, transfer);
  }

  #start(): Worker {
    const { program, resourceLimits } = this.#options;
    const worker = new Worker(program, resourceLimits === undefined ? {} : { resourceLimits });
    worker.on("message", (result: Result) => this.#done((waiting) => waiting.resolve(result)));
    worker.on("error", (cause) => {
      this.#worker = undefined;
      this.#done((waiting) =>
        waiting.reject(new ThreadEnded("a thread ended in the middle of its work", { cause })),
      );
    });
    // Last, because a listener for messages keeps the process alive.
    worker.unref();
    return worker;
  }

  #done(tell: (waiting: Waiting<Task, Result>) => void): void {
    const waiting = this.#current;
    this.#current = undefined;
    if (waiting !== undefined) tell(waiting);
    this.#next();
  }

  #end(): void {
    void this.#worker?.terminate();
    this.#worker = undefined;
  }
}
