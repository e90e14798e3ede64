import type { Label } from "@pushfleet/exposition";
import { hasValue, sortedByName } from "./labels.ts";

/** The labels of one metric in the three forms admission needs; mostly one and the same array. */
export interface MergedLabels {
  /** As a scrape prints them: sorted by name, empty values kept, `instance` always there. */
  readonly printed: readonly Label[];
  /** What tells series apart, as text: no empty values except `instance=""`, which stands for every missing instance. */
  readonly identifying: readonly Label[];
  /** No empty values at all. */
  readonly held: readonly Label[];
}

/**
 * Gives a metric its final labels, as upstream's sanitizeLabels: the grouping labels override those of the body, and a
 * metric without an instance gets an empty one, so that Prometheus does not put the gateway's in its place.
 * A name the body repeats stays repeated, for the checks to find.
 *
 * @param grouping Sorted by name.
 */
export function mergeLabels(own: readonly Label[], grouping: readonly Label[]): MergedLabels {
  return inForms(withInstance(merge(sortedByName(own), grouping)));
}

/** Merges two sorted lists; of equal names the grouping label wins. */
function merge(own: readonly Label[], grouping: readonly Label[]): readonly Label[] {
  if (own.length === 0) return grouping;
  const merged: Label[] = [];
  let next = 0;
  for (const label of own) {
    let overriding = false;
    for (; next < grouping.length; next++) {
      const candidate = grouping[next];
      if (candidate === undefined || candidate[0] > label[0]) break;
      merged.push(candidate);
      overriding = candidate[0] === label[0];
    }
    if (!overriding) merged.push(label);
  }
  for (; next < grouping.length; next++) {
    const rest = grouping[next];
    if (rest !== undefined) merged.push(rest);
  }
  return merged;
}

/** With an empty `instance` where there is none. */
export function withInstance(sorted: readonly Label[]): readonly Label[] {
  const at = sorted.findIndex(([name]) => name >= "instance");
  if (at !== -1 && sorted[at]?.[0] === "instance") return sorted;
  const instance: Label = ["instance", ""];
  return at === -1 ? [...sorted, instance] : sorted.toSpliced(at, 0, instance);
}

function inForms(printed: readonly Label[]): MergedLabels {
  if (printed.every(hasValue)) return { printed, identifying: printed, held: printed };
  const held = printed.filter(hasValue);
  const identifying = printed.filter((label) => hasValue(label) || label[0] === "instance");
  return { printed, identifying: identifying.length === printed.length ? printed : identifying, held };
}
