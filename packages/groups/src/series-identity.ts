import { type Label, type MetricType, seriesText } from "@pushfleet/exposition";
import { identityName } from "./metric-types.ts";

/**
 * `AdmittedMetric.identity` of a metric of the family.
 *
 * @param labels Sorted by name, with `instance`, and no others that are empty.
 */
export function seriesIdentity(
  family: { readonly name: string; readonly type: MetricType },
  labels: readonly Label[],
): string {
  return `${seriesText(identityName(family), labels)} `;
}
