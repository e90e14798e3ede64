/** The clock of this region's store, between two of its answers too. */
export class StoreClock {
  #offsetMicros: number | undefined;

  /** The store said so a moment ago. */
  tell(nowMicros: number): void {
    this.#offsetMicros = nowMicros - performance.now() * 1000;
  }

  /** Microseconds since the epoch at a moment of `performance.now()`; undefined before the store ever told. */
  at(momentMs = performance.now()): number | undefined {
    return this.#offsetMicros === undefined ? undefined : this.#offsetMicros + momentMs * 1000;
  }
}
