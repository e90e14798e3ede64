import { hash } from "node:crypto";
import { detached, escapeLabelValue, isLegacyLabelName, type Label } from "@pushfleet/exposition";
import type { Group, GroupId } from "./admitted.ts";
import { hasValue, sortedByName } from "./labels.ts";

/** 22 base64url characters hold 132 bits; the last character's surplus is hash too. */
const ID_LENGTH = 22;

/**
 * The group the labels stand for. Empty values are dropped and order does not matter, so every spelling of a grouping
 * key gives the same `key` and `id`. Names must be unique.
 */
export function groupOf(labels: readonly Label[]): Group {
  const canonical = sortedByName(labels.filter(hasValue));
  const key = groupKey(canonical);
  // The whole identity of a group hangs on this hash, and anyone may choose the labels: it has to resist collisions.
  const id = detached(hash("sha256", key, "base64url").slice(0, ID_LENGTH)) as GroupId; // the only place ids are made
  return { id, labels: canonical, key };
}

export function jobOf({ labels }: Pick<Group, "labels">): string {
  return labels.find(([name]) => name === "job")?.[1] ?? "";
}

/** The canonical text of labels that are canonical already, such as those of a stored group: `Group.key`. */
export function groupKey(labels: readonly Label[]): string {
  let text = "";
  for (const label of labels) text += text === "" ? labelText(label) : `,${labelText(label)}`;
  return detached(`{${text}}`);
}

function labelText([name, value]: Label): string {
  // Quotes around a UTF-8 name keep it apart from a legacy one, whatever characters it has.
  const printedName = isLegacyLabelName(name) ? name : `"${escapeLabelValue(name)}"`;
  return `${printedName}="${escapeLabelValue(value)}"`;
}
