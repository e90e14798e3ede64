import type { GroupId } from "@pushfleet/groups";

/**
 * - `type`: an older family of the name has another type.
 * - `suffix`: the name cannot be told from a line of an older summary or histogram, or the other way round.
 * - `series`: an older family of the name holds the same series.
 */
export type HiddenReason = "type" | "suffix" | "series";

/** A stored family that scrapes do not show, or not all of. */
export interface HiddenFamily {
  readonly reason: HiddenReason;
  /** False when some of its series are shown. */
  readonly whole: boolean;
  /** A sentence for people: which group or family is in its way, and from which region that is. */
  readonly because: string;
}

/** What is stored and not shown, at one moment. Immutable. */
export interface Hidden {
  /** Families, each counted once for each group it is hidden in, in whole or in part. */
  readonly count: number;
  /** By name. Empty when all of the group is shown. */
  of(id: GroupId): ReadonlyMap<string, HiddenFamily>;
}

/** By group and family name. */
export type HiddenTable<Entry extends HiddenFamily = HiddenFamily> = ReadonlyMap<
  GroupId,
  ReadonlyMap<string, Entry>
>;

const none: ReadonlyMap<string, HiddenFamily> = new Map();

export function hiddenOf(table: HiddenTable): Hidden {
  let count = 0;
  for (const families of table.values()) count += families.size;
  return { count, of: (id) => table.get(id) ?? none };
}
