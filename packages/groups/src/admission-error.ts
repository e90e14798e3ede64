import { formatFloat, type Label, type MetricData, type MetricType, quoteText } from "@pushfleet/exposition";

export type AdmissionErrorCode =
  | "timestamps"
  | "duplicate-series"
  | "suffix-collision"
  | "kind-mismatch"
  | "bad-name"
  | "bad-label"
  | "bad-native-histogram"
  | "reserved-name";

/**
 * The push cannot be stored, whatever else is. The message is what follows
 * `pushed metrics are invalid or inconsistent with existing metrics: ` in the answer, and matches upstream's.
 */
export class AdmissionError extends Error {
  override readonly name = "AdmissionError";
  readonly code: AdmissionErrorCode;

  constructor(code: AdmissionErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * The start of upstream's sentences about one metric, e.g. `collected metric "m" { label:{name:"job" value:"a"} … }`.
 * What stands in braces there is Go's protobuf text, whose blanks are not stable; summaries and histograms are left out
 * here because no one can find their line by the numbers.
 */
export function collectedMetric(
  family: { readonly name: string; readonly type: MetricType },
  labels: readonly Label[],
  data: MetricData,
): string {
  const fields = labels.map(([name, value]) => `label:{name:${quoteText(name)} value:${quoteText(value)}} `);
  if (data.kind === "simple") fields.push(`${family.type}:{value:${formatFloat(data.value)}} `);
  return `collected metric ${quoteText(family.name)} { ${fields.join("")}}`;
}
