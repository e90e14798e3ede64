import type { FamilyAnswer, GroupDetail, MetricAnswer } from "@pushfleet/client";
import {
  familyHeader,
  type Label,
  type MetricData,
  type MetricType,
  metricText,
} from "@pushfleet/exposition";

/** The metrics of a group in the text format. */
export function groupText({ metrics }: GroupDetail): string {
  return metrics
    .map(({ name, type, help = "", metrics: series }) => {
      const family = { name, help, type: types[type] };
      const lines = series.map((one) => metricText(name, labelsOf(one), dataOf(type, one)));
      return familyHeader(family) + lines.join("");
    })
    .join("");
}

const types: Readonly<Record<FamilyAnswer["type"], MetricType>> = {
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
      // Native ones are a list, which text cannot say.
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
function numberOf(text = "0"): number {
  return Number(text.replace("Inf", "Infinity"));
}
