import type { MetricData, MetricType } from "@pushfleet/exposition";

const NONE: readonly string[] = [];
const SUMMARY: readonly string[] = ["_count", "_sum"];
const HISTOGRAM: readonly string[] = ["_count", "_sum", "_bucket"];

/** The only kind of data a metric of the type may hold. */
export function kindOf(type: MetricType): Exclude<MetricData["kind"], "missing"> {
  switch (type) {
    case "counter":
    case "gauge":
    case "untyped":
      return "simple";
    case "summary":
      return "summary";
    case "histogram":
    case "gaugehistogram":
      return "histogram";
  }
}

/**
 * What a family of the type adds to its name for sample lines: `name + suffix` must not be a family of its own.
 * Upstream forgets gauge histograms here, although it prints them like histograms.
 */
export function sampleSuffixes(type: MetricType): readonly string[] {
  switch (kindOf(type)) {
    case "simple":
      return NONE;
    case "summary":
      return SUMMARY;
    case "histogram":
      return HISTOGRAM;
  }
}

/** Whether the name could be another family's with one of its suffixes. */
export function hasSampleSuffix(name: string): boolean {
  return name.endsWith("_count") || name.endsWith("_sum") || name.endsWith("_bucket");
}

/** The label that printing adds to sample lines: one of the pusher's own would be there twice, which fails the scrape. */
export function impliedLabel(type: MetricType): "le" | "quantile" | undefined {
  switch (kindOf(type)) {
    case "summary":
      return "quantile";
    case "histogram":
      return "le";
    case "simple":
      return undefined;
  }
}

/** Sample lines that text needs for it. */
export function linesOf(data: MetricData): number {
  switch (data.kind) {
    case "simple":
      return 1;
    case "summary":
      return data.quantiles.length + 2;
    case "histogram": {
      const infinite = data.buckets.findLast(({ upperBound }) => upperBound === Infinity);
      return data.buckets.length + (infinite === undefined ? 3 : 2);
    }
    case "missing":
      return 0;
  }
}

/** The name on the line that stands for a whole label set of the family: see `AdmittedMetric.identity`. */
export function identityName({ name, type }: { readonly name: string; readonly type: MetricType }): string {
  return kindOf(type) === "simple" ? name : `${name}_count`;
}
