/** A stretch of a sorted list. Lists are arrays of chunks, never changed in place: lists share the chunks that are equal. */
export interface Chunk<T> {
  /** Ascending, as strings compare; never empty. */
  readonly keys: readonly string[];
  /** One for each key. */
  readonly values: readonly T[];
  readonly weight: number;
}

export interface Edit<T> {
  readonly key: string;
  /** Undefined removes the key. */
  readonly value: T | undefined;
}

export interface ChunkPlan<T, C extends Chunk<T>> {
  weigh(value: T): number;
  make(keys: readonly string[], values: readonly T[], weight: number): C;
  /** A lighter chunk is joined with a neighbour, a heavier one split into chunks of about `target`, unless it holds one value. */
  readonly weights: { readonly min: number; readonly target: number; readonly max: number };
}

/**
 * The list after the edits, which must be sorted by key, each key once. Chunks no edit falls into are taken over as they
 * are (but for one beside a chunk that got too light). Cost: O(edits × log chunks + values in the chunks they fall into),
 * and a pointer copied for each chunk.
 */
export function editChunks<T, C extends Chunk<T>>(
  chunks: readonly C[],
  edits: readonly Edit<T>[],
  plan: ChunkPlan<T, C>,
): readonly C[] {
  if (edits.length === 0) return chunks;
  const result: C[] = [];
  let open = new OpenChunk(plan);
  let next = 0;
  for (let i = 0; i < Math.max(chunks.length, 1); i++) {
    if (open.isEmpty) {
      // Of a long list hardly any chunk is in the processor's cache: looking at each would cost more than all the rest.
      const edited = chunkOf(edits[next], chunks, i);
      for (; i < edited; i++) result.push(chunks[i] as C); // it is none behind the last
      if (next === edits.length) break;
    }
    const chunk = chunks[i];
    const limit = chunks[i + 1]?.keys[0];
    const first = next;
    while (next < edits.length && (limit === undefined || isBefore(edits[next], limit))) next++;
    if (chunk !== undefined && open.isEmpty) {
      const same = exchange(chunk, edits, { first, end: next }, plan);
      if (same !== undefined) {
        result.push(same);
        continue;
      }
    }
    open.merge(chunk, edits, { first, end: next });
    if (open.weight < plan.weights.min) continue; // and take the next chunk in
    open.closeInto(result);
    open = new OpenChunk(plan);
  }
  if (!open.isEmpty) {
    const neighbour = result.pop();
    const joined = new OpenChunk(plan);
    if (neighbour !== undefined) joined.merge(neighbour, [], { first: 0, end: 0 });
    joined.merge(open, [], { first: 0, end: 0 });
    joined.closeInto(result);
  }
  return result;
}

/** Index of the chunk the edit falls into, `from` or one behind it; the end of the list when there is no edit. */
function chunkOf<T>(edit: Edit<T> | undefined, chunks: readonly Chunk<T>[], from: number): number {
  if (edit === undefined) return chunks.length;
  const isBehind = (index: number) => {
    const begin = chunks[index]?.keys[0];
    return begin === undefined || edit.key < begin;
  };
  // In growing steps, because the next edit is often near.
  let step = 1;
  while (!isBehind(from + step)) step *= 2;
  let [low, high] = [from + Math.floor(step / 2), from + step];
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (isBehind(middle)) high = middle;
    else low = middle;
  }
  return low;
}

/** The chunk with other values for some of its keys: the usual case. Undefined when it is not as simple as that. */
function exchange<T, C extends Chunk<T>>(
  chunk: C,
  edits: readonly Edit<T>[],
  range: { first: number; end: number },
  plan: ChunkPlan<T, C>,
): C | undefined {
  const values = chunk.values.slice();
  let weight = chunk.weight;
  let at = -1;
  for (let e = range.first; e < range.end; e++) {
    const edit = edits[e];
    if (edit?.value === undefined) return undefined;
    at = chunk.keys[at + 1] === edit.key ? at + 1 : indexOfKey(chunk.keys, edit.key);
    const former = values[at];
    if (former === undefined) return undefined;
    weight += plan.weigh(edit.value) - plan.weigh(former);
    values[at] = edit.value;
  }
  if (weight < plan.weights.min || weight > plan.weights.max) return undefined;
  return plan.make(chunk.keys, values, weight);
}

/** -1 when it is not there. */
function indexOfKey(keys: readonly string[], key: string): number {
  let [low, high] = [0, keys.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] ?? "") < key) low = middle + 1;
    else high = middle;
  }
  return keys[low] === key ? low : -1;
}

function isBefore<T>(edit: Edit<T> | undefined, limit: string): boolean {
  return edit !== undefined && edit.key < limit;
}

/** Values on their way into chunks. */
class OpenChunk<T, C extends Chunk<T>> implements Chunk<T> {
  readonly keys: string[] = [];
  readonly values: T[] = [];
  weight = 0;
  readonly #plan: ChunkPlan<T, C>;

  constructor(plan: ChunkPlan<T, C>) {
    this.#plan = plan;
  }

  get isEmpty(): boolean {
    return this.keys.length === 0;
  }

  /** Adds what the chunk holds, with some of the edits applied. */
  merge(chunk: Chunk<T> | undefined, edits: readonly Edit<T>[], range: { first: number; end: number }): void {
    let e = range.first;
    this.weight += chunk?.weight ?? 0;
    chunk?.keys.forEach((key, i) => {
      for (; e < range.end; e++) {
        const edit = edits[e];
        if (edit === undefined || edit.key >= key) break;
        this.#add(edit.key, edit.value);
      }
      const edit = e < range.end ? edits[e] : undefined;
      if (edit?.key === key) {
        const former = chunk.values[i];
        if (former !== undefined) this.weight -= this.#plan.weigh(former);
        this.#add(key, edit.value);
        e++;
      } else {
        // Its weight is in the chunk's: values that do not change are not looked at, as there are many of them.
        this.keys.push(key);
        this.values.push(chunk.values[i] as T); // there is one for each key
      }
    });
    for (; e < range.end; e++) {
      const edit = edits[e];
      if (edit !== undefined) this.#add(edit.key, edit.value);
    }
  }

  closeInto(result: C[]): void {
    const { make, weigh, weights } = this.#plan;
    if (this.weight <= weights.max) {
      result.push(make(this.keys, this.values, this.weight));
      return;
    }
    // A value goes to the part its middle falls into, so that all parts come out about equal.
    const share = this.weight / Math.ceil(this.weight / weights.target);
    let part = 0;
    let start = 0;
    let startsAt = 0;
    let passed = 0;
    const cutAt = (end: number) => {
      if (end > start)
        result.push(make(this.keys.slice(start, end), this.values.slice(start, end), passed - startsAt));
      start = end;
      startsAt = passed;
    };
    this.values.forEach((value, i) => {
      const weight = weigh(value);
      const partOfValue = Math.floor((passed + weight / 2) / share);
      if (partOfValue > part) cutAt(i);
      part = partOfValue;
      passed += weight;
    });
    cutAt(this.values.length);
  }

  #add(key: string, value: T | undefined): void {
    if (value === undefined) return;
    this.keys.push(key);
    this.values.push(value);
    this.weight += this.#plan.weigh(value);
  }
}
