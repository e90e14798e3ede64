import type { GroupState } from "@pushfleet/store";
import type { Chunk } from "./chunks.ts";

export type GroupChunk = Chunk<GroupState>;

/** A group in two lists; undefined in the one that lacks it. */
export interface GroupChange {
  readonly key: string;
  readonly before: GroupState | undefined;
  readonly after: GroupState | undefined;
}

/**
 * Where two lists of groups differ, in order of their keys. Both must come from the same view, whose lists share what did
 * not change. Cost: O(chunks + groups in the chunks they do not share).
 */
export function changesBetween(
  former: readonly GroupChunk[],
  current: readonly GroupChunk[],
): readonly GroupChange[] {
  if (former === current) return [];
  const befores = groupsBeside(former, new Set(current));
  const afters = groupsBeside(current, new Set(former));
  const changes: GroupChange[] = [];
  let [b, a] = [0, 0];
  while (b < befores.length || a < afters.length) {
    const [before, after] = [befores[b], afters[a]];
    if (after === undefined || (before !== undefined && before.key < after.key)) {
      if (before !== undefined) changes.push({ key: before.key, before: before.group, after: undefined });
      b++;
    } else if (before === undefined || after.key < before.key) {
      changes.push({ key: after.key, before: undefined, after: after.group });
      a++;
    } else {
      if (before.group !== after.group)
        changes.push({ key: after.key, before: before.group, after: after.group });
      b++;
      a++;
    }
  }
  return changes;
}

/** The groups that are not in the shared chunks. */
function groupsBeside(
  chunks: readonly GroupChunk[],
  shared: ReadonlySet<GroupChunk>,
): readonly { readonly key: string; readonly group: GroupState }[] {
  return chunks
    .filter((chunk) => !shared.has(chunk))
    .flatMap(({ keys, values }) => values.map((group, i) => ({ key: keys[i] ?? "", group })));
}
