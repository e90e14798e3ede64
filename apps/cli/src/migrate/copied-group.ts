import type { PushTimes } from "@pushfleet/client";
import type { Family, Label } from "@pushfleet/exposition";

/** A group of the source, as it is to be at the target. */
export interface CopiedGroup {
  /** What Pushfleet calls it: the same at every gateway. */
  readonly id: string;
  /** Canonical: by name, none of them empty. */
  readonly labels: readonly Label[];
  readonly times: PushTimes;
  /** Milliseconds that it still has; undefined = as the target has it. */
  readonly ttlMs: number | undefined;
  /** Names are unique; none is without metrics. */
  readonly families: readonly Family[];
}

/** A group that is not at the target as it should be. */
export interface NotCopied {
  readonly labels: readonly Label[];
  readonly reason: string;
}

/** A series: its name and labels, in an order that does not matter. */
export function seriesKey(name: string, labels: readonly Label[]): string {
  let key = name;
  let previous = "";
  for (const [label, value] of labels) {
    if (label < previous) return seriesKey(name, labels.toSorted(byName));
    previous = label;
    key += `\u0000${label}\u0000${value}`;
  }
  return key;
}

function byName([a]: Label, [b]: Label): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
