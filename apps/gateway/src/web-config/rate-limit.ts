import type { WebRateLimit } from "@pushfleet/config";

/** The `rate_limit` of --web.config.file is used up. The message is upstream's. */
export class TooManyRequests extends Error {
  override readonly name = "TooManyRequests";

  constructor() {
    super("Too Many Requests");
  }
}

/** A bucket that fills by one request every interval, up to `burst`, and is full at first. */
export class RateLimit {
  readonly settings: WebRateLimit;
  readonly #clock: () => number;
  #requests: number;
  #filledAtMs: number;

  /** @param clock Milliseconds that never go back. */
  constructor(settings: WebRateLimit, clock: () => number = () => performance.now()) {
    this.settings = settings;
    this.#clock = clock;
    this.#requests = settings.burst;
    this.#filledAtMs = clock();
  }

  /** Takes one request out of the bucket; false when there is none. */
  take(): boolean {
    const { intervalMs, burst } = this.settings;
    const now = this.#clock();
    this.#requests = Math.min(burst, this.#requests + (now - this.#filledAtMs) / intervalMs);
    this.#filledAtMs = now;
    if (this.#requests < 1) return false;
    this.#requests -= 1;
    return true;
  }
}
