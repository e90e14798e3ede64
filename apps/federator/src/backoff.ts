const firstMs = 250;
const longestMs = 5_000;

/** How long to wait before the next attempt: longer each time, up to 5 s, and never quite the same for all. */
export class Backoff {
  #nextMs = firstMs;

  next(): number {
    const ms = this.#nextMs * (0.75 + Math.random() / 4);
    this.#nextMs = Math.min(this.#nextMs * 2, longestMs);
    return ms;
  }
}
