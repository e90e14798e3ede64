import type { Labels } from "../api/types.ts";
import "./groups.css";

/** Grouping labels as badges, the job first, on one line unless they may wrap. */
export function GroupLabels({
  labels,
  wraps = false,
}: {
  readonly labels: Labels;
  readonly wraps?: boolean;
}) {
  return (
    <span className="label-badges" data-wraps={wraps}>
      {sortedLabels(labels).map(([name, value]) => (
        <LabelBadge key={name} name={name} value={value} />
      ))}
    </span>
  );
}

export function LabelBadge({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <span className="label-badge" data-label={name}>
      {name}="{value}"{" "}
    </span>
  );
}

/** As a text, for what cannot show badges. */
export function labelsText(labels: Labels): string {
  return sortedLabels(labels)
    .map(([name, value]) => `${name}="${value}"`)
    .join(", ");
}

/** The job first, then the instance, the others by their names. */
function sortedLabels(labels: Labels): readonly (readonly [string, string])[] {
  const rank = (name: string) => (name === "job" ? 0 : name === "instance" ? 1 : 2);
  return Object.entries(labels).sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1));
}
