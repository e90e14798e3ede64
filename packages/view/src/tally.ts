/** Counts how many hold each text. */
export class Tally<T extends string> {
  readonly #counts = new Map<T, number>();

  /** Different texts held. */
  get size(): number {
    return this.#counts.size;
  }

  /** The different texts. */
  get texts(): readonly T[] {
    return [...this.#counts.keys()];
  }

  /** True when nobody held the text before. */
  add(text: T): boolean {
    const count = this.#counts.get(text) ?? 0;
    this.#counts.set(text, count + 1);
    return count === 0;
  }

  /** True when nobody holds the text any more. */
  remove(text: T): boolean {
    const count = this.#counts.get(text) ?? 0;
    if (count <= 1) return this.#counts.delete(text);
    this.#counts.set(text, count - 1);
    return false;
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
