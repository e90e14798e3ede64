import type { Counter, Summary } from "prom-client";

/** What is measured of one answered push. */
export interface MeasuredPush {
  readonly code: number;
  /** How long it took. */
  readonly seconds: number;
  /** How large the request was. */
  readonly bytes: number;
}

/** Where it is handed on to. */
interface PushMetrics {
  readonly requests: Counter<"code" | "handler" | "method">;
  readonly durations: Summary<"method">;
  readonly sizes: Summary<"method">;
}

/** So few that handing them on, while no push is served, takes some tenths of a millisecond. */
const MAX_WAITING = 256;

/** Milliseconds. A summary's window of minutes begins for an observation when it is handed on. */
const MAX_WAIT_MS = 1_000;

/**
 * Measures the pushes of one method. Measurements wait and are handed on many at a time, none lost or merged: that way
 * labels are looked up, and the summaries' trees fetched into the processor's caches, once for many pushes.
 */
export class PushMeter {
  readonly #method: string;
  readonly #metrics: PushMetrics;
  readonly #countByCode = new Map<number, number>();
  readonly #seconds = new Float64Array(MAX_WAITING);
  readonly #bytes = new Float64Array(MAX_WAITING);
  #waiting = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(method: string, metrics: PushMetrics) {
    this.#method = method;
    this.#metrics = metrics;
  }

  observe({ code, seconds, bytes }: MeasuredPush): void {
    this.#countByCode.set(code, (this.#countByCode.get(code) ?? 0) + 1);
    this.#seconds[this.#waiting] = seconds;
    this.#bytes[this.#waiting] = bytes;
    this.#waiting += 1;
    if (this.#waiting === MAX_WAITING) this.flush();
    // A timer outlives a flush, because one a second is cheaper than one for each that is full.
    else this.#timer ??= setTimeout(this.#flushLate, MAX_WAIT_MS).unref();
  }

  /** Hands on all that waits. */
  flush(): void {
    const { requests, durations, sizes } = this.#metrics;
    const method = this.#method;
    for (const [code, count] of this.#countByCode) {
      requests.inc({ code: String(code), handler: "push", method }, count);
    }
    this.#countByCode.clear();
    const [duration, size] = [durations.labels(method), sizes.labels(method)];
    for (const seconds of this.#seconds.subarray(0, this.#waiting)) duration.observe(seconds);
    for (const bytes of this.#bytes.subarray(0, this.#waiting)) size.observe(bytes);
    this.#waiting = 0;
  }

  #flushLate = () => {
    this.#timer = undefined;
    this.flush();
  };
}
