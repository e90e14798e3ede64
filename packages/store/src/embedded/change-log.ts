/**
 * Entries in the order of their change numbers, each in its newest place only. Superseded places are left empty and
 * closed up once they are the majority, so every operation costs amortised O(log n) at most and reading what came after
 * a change costs O(changes since).
 */
export class ChangeLog<Entry> {
  #changes: number[] = [];
  #entries: (Entry | undefined)[] = [];
  #empty = 0;

  /** `change` must be greater than all before. */
  append(change: number, entry: Entry): void {
    this.#changes.push(change);
    this.#entries.push(entry);
  }

  /** Takes back the entry appended with this change. */
  remove(change: number): void {
    const index = this.#firstAfter(change - 1);
    if (this.#changes[index] !== change || this.#entries[index] === undefined) return;
    this.#entries[index] = undefined;
    this.#empty++;
    if (this.#empty > 1024 && this.#empty * 2 > this.#entries.length) this.#closeUp();
  }

  /** The entries appended after this change, oldest first. The log must not be written meanwhile. */
  *after(change: number): Generator<Entry> {
    for (let index = this.#firstAfter(change); index < this.#entries.length; index++) {
      const entry = this.#entries[index];
      if (entry !== undefined) yield entry;
    }
  }

  #firstAfter(change: number): number {
    let [low, high] = [0, this.#changes.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#changes[middle] ?? 0) <= change) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #closeUp(): void {
    this.#changes = this.#changes.filter((_, index) => this.#entries[index] !== undefined);
    this.#entries = this.#entries.filter((entry) => entry !== undefined);
    this.#empty = 0;
  }
}
