/** Items by the time they expire, soonest first: a binary heap that knows where each item is, so that a time can be changed. */
export class ExpiryQueue<Item> {
  readonly #heap: { readonly item: Item; readonly expiresAt: number }[] = [];
  readonly #places = new Map<Item, number>();

  /** Queues the item, or moves it when it is queued already. O(log n). */
  set(item: Item, expiresAt: number): void {
    const place = this.#places.get(item) ?? this.#heap.length;
    this.#put(place, { item, expiresAt });
    this.#down(this.#up(place));
  }

  /** No effect when the item is not queued. O(log n). */
  delete(item: Item): void {
    const place = this.#places.get(item);
    if (place === undefined) return;
    this.#places.delete(item);
    const last = this.#heap.pop();
    if (last === undefined || place === this.#heap.length) return;
    this.#put(place, last);
    this.#down(this.#up(place));
  }

  /** The item that expires first, when its time is not later than `now`. */
  firstExpired(now: number): Item | undefined {
    const first = this.#heap[0];
    return first !== undefined && first.expiresAt <= now ? first.item : undefined;
  }

  #put(place: number, entry: { readonly item: Item; readonly expiresAt: number }): void {
    this.#heap[place] = entry;
    this.#places.set(entry.item, place);
  }

  #time(place: number): number {
    return this.#heap[place]?.expiresAt ?? Number.POSITIVE_INFINITY;
  }

  #up(start: number): number {
    let place = start;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (this.#time(parent) <= this.#time(place)) break;
      this.#swap(parent, place);
      place = parent;
    }
    return place;
  }

  #down(start: number): void {
    let place = start;
    for (;;) {
      const left = 2 * place + 1;
      const child = this.#time(left + 1) < this.#time(left) ? left + 1 : left;
      if (this.#time(place) <= this.#time(child)) return;
      this.#swap(place, child);
      place = child;
    }
  }

  #swap(first: number, second: number): void {
    const [one, other] = [this.#heap[first], this.#heap[second]];
    if (one === undefined || other === undefined) return;
    this.#put(first, other);
    this.#put(second, one);
  }
}
