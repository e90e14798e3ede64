import type { Label } from "@pushfleet/exposition";

/**
 * Orders labels by name, code unit by code unit. The same as the byte order of Go's sort, except between names with
 * characters above U+FFFF and names with ones from U+E000 to U+FFFF, where either order serves as a canonical one.
 */
function compareNames(a: Label, b: Label): number {
  return a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0;
}

/** The labels by name; the same array when they are in order already, as most clients send them. */
export function sortedByName(labels: readonly Label[]): readonly Label[] {
  let previous = "";
  for (const [name] of labels) {
    if (name < previous) return labels.toSorted(compareNames);
    previous = name;
  }
  return labels;
}

/** Whether the label says anything: to Prometheus an empty value is the same as no label. */
export function hasValue(label: Label): boolean {
  return label[1] !== "";
}
