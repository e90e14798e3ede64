import { formatFloat, type Label, labelsText } from "@pushfleet/exposition";
import { type GroupState, spanOf, type TextSpan } from "@pushfleet/store";
import type { Fragment } from "./family-chunk.ts";

const PUSHED = "push_time_seconds";
const FAILED = "push_failure_time_seconds";

/** Whether the view makes the family itself; a stored one of such a name is not shown. */
export function isPushTime(familyName: string): boolean {
  return familyName === PUSHED || familyName === FAILED;
}

/** The two families every group has, worded as upstream's (storage/diskmetricstore.go): seconds, 0 = never. */
export function pushTimes(group: GroupState): readonly [pushed: Fragment, failed: Fragment] {
  const labels = labelsText(withInstance(group.labels));
  const origin = group.pushedRegion === undefined ? {} : { region: group.pushedRegion };
  return [
    {
      name: PUSHED,
      type: "gauge",
      help: "Last Unix time when changing this group in the Pushgateway succeeded.",
      text: line(PUSHED, labels, group.pushedAtMicros),
      ...origin,
    },
    {
      name: FAILED,
      type: "gauge",
      help: "Last Unix time when changing this group in the Pushgateway failed.",
      text: line(FAILED, labels, group.failedAtMicros),
      ...origin,
    },
  ];
}

function line(name: string, labels: string, micros: number): TextSpan {
  return spanOf(`${name}{${labels}} ${formatFloat(micros / 1e6)}\n`);
}

function withInstance(labels: readonly Label[]): readonly Label[] {
  const at = labels.findIndex(([name]) => name >= "instance");
  if (at === -1) return [...labels, ["instance", ""]];
  return labels[at]?.[0] === "instance" ? labels : labels.toSpliced(at, 0, ["instance", ""]);
}
