import type { FamilyAnswer, MetricAnswer } from "@pushfleet/client";
import type { Family, Label, MetricData, MetricType } from "@pushfleet/exposition";

/** The families that a gateway adds to each group: when it was last pushed to, and last refused; 0 = never. */
export const pushTime = "push_time_seconds";
export const failureTime = "push_failure_time_seconds";

/** A family as the query API tells it, which is all but exemplars, times of creation, and native histograms. */
export function familyOf({
  name,
  type,
  help = "",
  metrics,
}: { readonly name: string } & FamilyAnswer): Family {
  return {
    name,
    help,
    type: familyTypes[type],
    metrics: metrics.map((metric) => ({ labels: labelsOf(metric), data: dataOf(type, metric) })),
  };
}

const familyTypes: Readonly<Record<FamilyAnswer["type"], MetricType>> = {
  COUNTER: "counter",
  GAUGE: "gauge",
  UNTYPED: "untyped",
  SUMMARY: "summary",
  HISTOGRAM: "histogram",
  GAUGE_HISTOGRAM: "gaugehistogram",
};

/** Without those that say nothing, such as `instance=""`. */
function labelsOf({ labels }: MetricAnswer): readonly Label[] {
  return Object.entries(labels).filter(([, value]) => value !== "");
}

function dataOf(type: FamilyAnswer["type"], metric: MetricAnswer): MetricData {
  const { value, count, sum, quantiles = {}, buckets = {} } = metric;
  const totals = { count: numberOf(count), sum: numberOf(sum) };
  switch (type) {
    case "SUMMARY":
      return { kind: "summary", ...totals, quantiles: numbersOf(quantiles) };
    case "HISTOGRAM":
    case "GAUGE_HISTOGRAM": {
      // Native ones are a list.
      const classic = Array.isArray(buckets) ? {} : (buckets as Readonly<Record<string, string>>);
      const bounds = numbersOf(classic).toSorted(([a], [b]) => a - b);
      return {
        kind: "histogram",
        ...totals,
        buckets: bounds.map(([upperBound, cumulativeCount]) => ({ upperBound, cumulativeCount })),
      };
    }
    default:
      return { kind: "simple", value: numberOf(value) };
  }
}

function numbersOf(pairs: Readonly<Record<string, string>>): readonly (readonly [number, number])[] {
  return Object.entries(pairs).map(([key, value]) => [numberOf(key), numberOf(value)]);
}

/** As the gateway writes them. */
export function numberOf(text = "0"): number {
  return Number(text.replace("Inf", "Infinity"));
}
