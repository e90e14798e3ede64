import type { MetricType } from "@pushfleet/exposition";

const NONE: readonly string[] = [];
const SUMMARY: readonly string[] = ["_count", "_sum"];
const HISTOGRAM: readonly string[] = ["_count", "_sum", "_bucket"];

/**
 * What a family of the type adds to its name for sample lines: `name + suffix` must not be a family of its own.
 * Upstream forgets gauge histograms here, although it prints them like histograms.
 */
export function sampleSuffixes(type: MetricType): readonly string[] {
  switch (type) {
    case "counter":
    case "gauge":
    case "untyped":
      return NONE;
    case "summary":
      return SUMMARY;
    case "histogram":
    case "gaugehistogram":
      return HISTOGRAM;
  }
}
