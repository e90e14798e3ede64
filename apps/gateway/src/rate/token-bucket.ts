/** Tokens that come back by and by. Full at first. Times are milliseconds of a clock that never goes back. */
export class TokenBucket {
  readonly #perMs: number;
  readonly #most: number;
  #tokens: number;
  #at: number;

  /** @param most Tokens that it holds at most; below 1 it never has one. */
  constructor(options: { readonly perSecond: number; readonly most: number; readonly now: number }) {
    this.#perMs = options.perSecond / 1000;
    this.#most = options.most;
    this.#tokens = options.most;
    this.#at = options.now;
  }

  has(now: number): boolean {
    this.#tokens = Math.min(this.#most, this.#tokens + (now - this.#at) * this.#perMs);
    this.#at = now;
    return this.#tokens >= 1;
  }

  /** Takes one, which has to be there. */
  take(): void {
    this.#tokens--;
  }

  /** Milliseconds from the last `has` until there is one. */
  waitMs(): number {
    return Math.max(0, (1 - this.#tokens) / this.#perMs);
  }
}
