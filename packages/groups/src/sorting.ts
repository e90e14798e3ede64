import type { Steps } from "@pushfleet/exposition";

/** Sorted at once by the engine. */
const runLength = 512;

/** Sorts like `Array.prototype.sort`, stable too, but can wait. The array may or may not be the one that is returned. */
export function* sortInSteps<Item>(items: Item[], compare: (a: Item, b: Item) => number): Steps<Item[]> {
  if (items.length <= runLength) return items.sort(compare);
  let runs: Item[][] = [];
  for (let start = 0; start < items.length; start += runLength) {
    runs.push(items.slice(start, start + runLength).sort(compare));
    yield;
  }
  while (runs.length > 1) {
    const merged: Item[][] = [];
    for (let i = 0; i < runs.length; i += 2)
      merged.push(yield* mergeInSteps(runs[i] ?? [], runs[i + 1] ?? [], compare));
    runs = merged;
  }
  return runs[0] ?? [];
}

function* mergeInSteps<Item>(
  left: readonly Item[],
  right: readonly Item[],
  compare: (a: Item, b: Item) => number,
): Steps<Item[]> {
  const merged: Item[] = [];
  let r = 0;
  for (const item of left) {
    for (let next = right[r]; next !== undefined && compare(next, item) < 0; next = right[++r]) {
      merged.push(next);
      if (merged.length % runLength === 0) yield;
    }
    merged.push(item);
    if (merged.length % runLength === 0) yield;
  }
  for (; r < right.length; r++) {
    const rest = right[r];
    if (rest !== undefined) merged.push(rest);
    if (merged.length % runLength === 0) yield;
  }
  return merged;
}
