import type { GroupId } from "@pushfleet/groups";

interface Deadline {
  readonly atMs: number;
  readonly id: GroupId;
}

/** Which groups expire next. A binary heap; a deadline that a later push has replaced stays in it until it is reached. */
export class Deadlines {
  #heap: Deadline[] = [];
  readonly #isCurrent: (deadline: Deadline) => boolean;
  #trimAt = 64;

  /** `isCurrent` tells whether the group still has this deadline. */
  constructor(isCurrent: (deadline: Deadline) => boolean) {
    this.#isCurrent = isCurrent;
  }

  add(deadline: Deadline): void {
    // Groups pushed to long before they expire leave most of the heap out of date: forget that part as it grows.
    if (this.#heap.length >= this.#trimAt) {
      const current = new Map(this.#heap.filter(this.#isCurrent).map((kept) => [kept.id, kept]));
      this.#heap = [...current.values()].sort((a, b) => a.atMs - b.atMs);
      this.#trimAt = Math.max(64, this.#heap.length * 2);
    }
    this.#heap.push(deadline);
    this.#rise(this.#heap.length - 1);
  }

  /** Takes out and returns the groups whose deadline is `nowMs` or before. */
  reached(nowMs: number): GroupId[] {
    const ids: GroupId[] = [];
    for (let top = this.#heap[0]; top !== undefined && top.atMs <= nowMs; top = this.#heap[0]) {
      if (this.#isCurrent(top)) ids.push(top.id);
      const last = this.#heap.pop();
      if (last !== undefined && this.#heap.length > 0) {
        this.#heap[0] = last;
        this.#sink();
      }
    }
    return ids;
  }

  #rise(from: number): void {
    let child = from;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!this.#swapIfLater(parent, child)) return;
      child = parent;
    }
  }

  #sink(): void {
    let parent = 0;
    while (true) {
      const left = 2 * parent + 1;
      const right = left + 1;
      const sooner = this.#atMs(right) < this.#atMs(left) ? right : left;
      if (!this.#swapIfLater(parent, sooner)) return;
      parent = sooner;
    }
  }

  #atMs(index: number): number {
    return this.#heap[index]?.atMs ?? Number.POSITIVE_INFINITY;
  }

  #swapIfLater(parent: number, child: number): boolean {
    const above = this.#heap[parent];
    const below = this.#heap[child];
    if (above === undefined || below === undefined || above.atMs <= below.atMs) return false;
    this.#heap[parent] = below;
    this.#heap[child] = above;
    return true;
  }
}
