import type { GroupDetail } from "@pushfleet/client";
import { familyHeader, metricText } from "@pushfleet/exposition";
import { familyOf } from "../family-answer.ts";

/** The metrics of a group in the text format. */
export function groupText({ metrics }: GroupDetail): string {
  return metrics
    .map((answer) => {
      const family = familyOf(answer);
      const lines = family.metrics.map(({ labels, data }) => metricText(family.name, labels, data));
      return familyHeader(family) + lines.join("");
    })
    .join("");
}
