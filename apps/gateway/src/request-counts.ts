import type { RequestRates } from "@pushfleet/store";

/** Long enough for a calm chart, short enough to see that something began. */
const intervalMs = 10_000;
const keptIntervals = 180;
const slots = keptIntervals + 1; // and the one under way

type Counter = "pushes" | "refused" | "failed" | "scrapes";

/** Counts the requests of the last half hour by intervals that begin at multiples of their length, by the clock it is given. */
export class RequestCounts {
  readonly #nowMs: () => number;
  readonly #counts: Readonly<Record<Counter, Uint32Array>> = {
    pushes: new Uint32Array(slots),
    refused: new Uint32Array(slots),
    failed: new Uint32Array(slots),
    scrapes: new Uint32Array(slots),
  };
  /** Numbers of intervals, since 1970. */
  readonly #first: number;
  #current: number;

  constructor(nowMs: () => number = Date.now) {
    this.#nowMs = nowMs;
    this.#first = this.#current = intervalOf(nowMs());
  }

  /** A push or deletion that was answered with this status. */
  countPush(status: number): void {
    this.#count(status < 400 ? "pushes" : status < 500 ? "refused" : "failed");
  }

  countScrape(): void {
    this.#count("scrapes");
  }

  report(): RequestRates {
    this.#catchUp();
    const { pushes, refused, failed, scrapes } = this.#counts;
    return {
      intervalMs,
      ageMs: Math.max(0, this.#nowMs() - this.#current * intervalMs),
      pushes: this.#listOf(pushes),
      refused: this.#listOf(refused),
      failed: this.#listOf(failed),
      scrapes: this.#listOf(scrapes),
    };
  }

  #count(counter: Counter): void {
    this.#catchUp();
    const slot = this.#current % slots;
    const counts = this.#counts[counter];
    counts[slot] = (counts[slot] ?? 0) + 1;
  }

  /** Empties what the time has passed over. A clock that was put back stands still until the time has come again. */
  #catchUp(): void {
    const now = intervalOf(this.#nowMs());
    for (let n = Math.max(this.#current + 1, now - keptIntervals); n <= now; n++) {
      for (const counts of Object.values(this.#counts)) counts[n % slots] = 0;
    }
    this.#current = Math.max(this.#current, now);
  }

  #listOf(counts: Uint32Array): readonly number[] {
    const length = Math.min(keptIntervals, this.#current - this.#first);
    return Array.from({ length }, (_, i) => counts[(this.#current - length + i) % slots] ?? 0);
  }
}

function intervalOf(ms: number): number {
  return Math.floor(ms / intervalMs);
}
