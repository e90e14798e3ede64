/** Counts how many hold each text. */
export class Tally<T extends string> {
  readonly #counts = new Map<T, number>();

  /** Different texts held. */
  get size(): number {
    return this.#counts.size;
  }

  add(text: T): void {
    this.#counts.set(text, (this.#counts.get(text) ?? 0) + 1);
  }

  remove(text: T): void {
    const count = this.#counts.get(text) ?? 0;
    if (count > 1) this.#counts.set(text, count - 1);
    else this.#counts.delete(text);
  }

  /** The text most hold; of several, the first in alphabetical order. */
  most(): T | undefined {
    let best: T | undefined;
    let bestCount = 0;
    for (const [text, count] of this.#counts) {
      if (count > bestCount || (count === bestCount && best !== undefined && text < best)) {
        best = text;
        bestCount = count;
      }
    }
    return best;
  }
}
