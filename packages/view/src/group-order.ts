import { boundedText } from "./bounded-text.ts";
import { type Chunk, type ChunkPlan, type Edit, editChunks } from "./chunks.ts";
import type { IndexedGroup } from "./indexed-group.ts";

/** What groups can be sorted by. */
export const groupSorts = ["last_push", "failure", "job", "series", "bytes", "expiry"] as const;
export type GroupSort = (typeof groupSorts)[number];

/** Groups sorted by one thing, and by their keys where that is equal. Never changed in place. */
export type GroupOrder = readonly OrderChunk[];
type OrderChunk = Chunk<IndexedGroup>;

/** Before and after a change; undefined where there is none. */
export interface IndexedChange {
  readonly before: IndexedGroup | undefined;
  readonly after: IndexedGroup | undefined;
}

/** The order after the changes. Cost: O(groups / 64 + changes × (64 + log changes)). */
export function editOrder(order: GroupOrder, changes: readonly IndexedChange[], sort: GroupSort): GroupOrder {
  const edits = new Map<string, Edit<IndexedGroup>>();
  for (const { before } of changes) {
    if (before === undefined) continue;
    const key = positionOf(before, sort);
    edits.set(key, { key, value: undefined });
  }
  for (const { after } of changes) {
    if (after === undefined) continue;
    const key = positionOf(after, sort);
    edits.set(key, { key, value: after });
  }
  const sorted = [...edits.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  return editChunks(order, sorted, plan);
}

/** Where a group stands, as texts compare: no two groups stand at the same place. Never long, whatever the labels. */
function positionOf(group: IndexedGroup, sort: GroupSort): string {
  return `${sortText(group, sort)}\n${boundedText(group.key)}`;
}

export type Direction = "asc" | "desc";

/**
 * The groups with their positions, one after the other. With `after`, some of the first may stand before it: from there on
 * is all that is promised.
 */
export function* walk(
  order: GroupOrder,
  { direction, after }: { readonly direction: Direction; readonly after?: string | undefined },
): Generator<{ readonly position: string; readonly group: IndexedGroup }> {
  const isAscending = direction === "asc";
  const step = isAscending ? 1 : -1;
  let c = isAscending ? 0 : order.length - 1;
  if (after !== undefined) c = Math.max(0, lastBeginningAtMost(order, after));
  for (; c >= 0 && c < order.length; c += step) {
    const chunk = order[c];
    if (chunk === undefined) return;
    for (let i = isAscending ? 0 : chunk.keys.length - 1; i >= 0 && i < chunk.keys.length; i += step) {
      const [position, group] = [chunk.keys[i], chunk.values[i]];
      if (position !== undefined && group !== undefined) yield { position, group };
    }
  }
}

/** True when a walk comes to the position later than to the other. */
export function isBeyond(position: string, other: string, direction: Direction): boolean {
  return direction === "asc" ? position > other : position < other;
}

const plan: ChunkPlan<IndexedGroup, OrderChunk> = {
  weigh: () => 1,
  make: (keys, values, weight) => ({ keys, values, weight }),
  weights: { min: 16, target: 64, max: 128 },
};

function sortText({ state, job, series, bytes }: IndexedGroup, sort: GroupSort): string {
  switch (sort) {
    case "last_push":
      return digits(state.pushedAtMicros);
    case "failure":
      return digits(state.failedAtMicros);
    case "job":
      return boundedText(job);
    case "series":
      return digits(series);
    case "bytes":
      return digits(bytes);
    case "expiry":
      return digits(state.expiresAtMs ?? Number.MAX_SAFE_INTEGER);
    default:
      return sort satisfies never;
  }
}

/** As many digits as the largest safe integer has, so that numbers compare as texts. */
function digits(value: number): string {
  return String(value).padStart(16, "0");
}

/** Index of the last chunk that begins at the position or before; -1 when there is none. */
function lastBeginningAtMost(order: GroupOrder, position: string): number {
  let [low, high] = [0, order.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((order[middle]?.keys[0] ?? "") <= position) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
