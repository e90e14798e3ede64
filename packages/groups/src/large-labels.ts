import { type ContentLimits, type Label, LimitExceeded, shown } from "@pushfleet/exposition";
import type { PathLabels } from "./path.ts";

/** Throws LimitExceeded when the labels of a group alone are too many or too long, whatever is pushed. */
export function refuseLargeGrouping(labels: PathLabels, limits: ContentLimits): void {
  if (labels.length > limits["push.max-labels"]) throw tooManyLabels("this group", limits);
  for (const [name, value] of labels) {
    const isNameTooLong = isLonger(name, limits["push.max-label-name-length"]);
    if (!isNameTooLong && !isLonger(value, limits["push.max-label-value-length"])) continue;
    const limit = isNameTooLong ? "push.max-label-name-length" : "push.max-label-value-length";
    throw new LimitExceeded(limit, { value: limits[limit], offender: `${shown(name)} of this group` });
  }
}

/** Throws LimitExceeded when a series has too many labels, its own and those of its group. */
export function refuseManyLabels(labels: readonly Label[], familyName: string, limits: ContentLimits): void {
  if (labels.length > limits["push.max-labels"]) throw tooManyLabels(shown(familyName), limits);
}

function tooManyLabels(offender: string, limits: ContentLimits): LimitExceeded {
  return new LimitExceeded("push.max-labels", { value: limits["push.max-labels"], offender });
}

/** Whether the text has more bytes in UTF-8, which are three to a UTF-16 unit at most. */
function isLonger(text: string, maxBytes: number): boolean {
  return text.length * 3 > maxBytes && Buffer.byteLength(text) > maxBytes;
}
