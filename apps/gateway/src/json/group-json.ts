import {
  decodeMetrics,
  familyHeader,
  formatFloat,
  type HistogramData,
  type Label,
  type Metric,
  parseText,
} from "@pushfleet/exposition";
import { type GroupState, type StoredFamily, textOf } from "@pushfleet/store";
import { pushTimes } from "@pushfleet/view";
import { nativeBuckets } from "./native-buckets.ts";

type Shown = Pick<StoredFamily, "name" | "type" | "help" | "text" | "proto" | "pushedAtMicros">;

/**
 * One element of the `data` of GET /api/v1/metrics, as upstream's api/v1 writes it: all numbers are strings. What is said of
 * the group stands first, so that a family of the same name takes its place, as upstream has it.
 */
export function groupJson(group: GroupState, nowMs: number): string {
  const changedAtMicros = Math.max(group.pushedAtMicros, group.failedAtMicros);
  const times = pushTimes(group).map((family) => ({ ...family, pushedAtMicros: changedAtMicros }));
  // Entries rather than an object keyed by what users name: a family may be called `__proto__`.
  return JSON.stringify(
    Object.fromEntries([
      ["labels", labelsJson(group.labels)],
      ["last_push_successful", group.pushedAtMicros > group.failedAtMicros],
      ...lifetimeJson(group, nowMs),
      ...[...group.families, ...times].map((family) => [family.name, familyJson(family)] as const),
    ]),
  );
}

/** Nothing for a group that lives for ever. */
function lifetimeJson({ expiresAtMs }: GroupState, nowMs: number): readonly (readonly [string, unknown])[] {
  if (expiresAtMs === null) return [];
  return [
    ["expires_at", new Date(expiresAtMs).toISOString()],
    ["remaining_ttl_seconds", Math.max(0, expiresAtMs - nowMs) / 1000],
  ];
}

/** One family in upstream's shape. */
export function familyJson(family: Shown) {
  return {
    time_stamp: timestamp(family.pushedAtMicros),
    type: apiType(family.type),
    ...(family.help === "" ? {} : { help: family.help }),
    metrics: metricsOf(family).map(metricJson),
  };
}

function metricsOf(family: Shown): readonly Metric[] {
  if (family.proto !== undefined) return decodeMetrics(family.proto);
  const [parsed] = parseText(Buffer.from(familyHeader(family) + textOf(family.text)), { names: "utf8" });
  return parsed?.metrics ?? [];
}

function metricJson({ labels, data }: Metric) {
  const common = { labels: labelsJson(labels) };
  switch (data.kind) {
    case "simple":
      return { ...common, value: formatFloat(data.value) };
    case "summary":
      return {
        ...common,
        quantiles: numbersJson(data.quantiles),
        count: integerText(data.count),
        sum: formatFloat(data.sum),
      };
    case "histogram":
      return { ...common, ...histogramJson(data), sum: formatFloat(data.sum) };
    case "missing":
      return common;
    default:
      return data satisfies never;
  }
}

function histogramJson(data: HistogramData) {
  const { native } = data;
  if (native !== undefined && native.positiveSpans.length + native.negativeSpans.length > 0) {
    return {
      count: native.isFloat ? formatFloat(data.count) : integerText(data.count),
      buckets: nativeBuckets(native),
    };
  }
  const buckets = data.buckets.map((bucket) => [bucket.upperBound, bucket.cumulativeCount] as const);
  return {
    count: integerText(data.count),
    buckets: Object.fromEntries(buckets.map(([bound, count]) => [formatFloat(bound), integerText(count)])),
  };
}

function labelsJson(labels: readonly Label[]): Record<string, string> {
  return Object.fromEntries(labels);
}

function numbersJson(pairs: readonly (readonly [number, number])[]): Record<string, string> {
  return Object.fromEntries(pairs.map(([key, value]) => [formatFloat(key), formatFloat(value)]));
}

/** Go prints integer counts plainly, however large, and fractional ones as floats. */
function integerText(count: number): string {
  return Number.isInteger(count) ? String(BigInt(count)) : formatFloat(count);
}

function apiType(type: StoredFamily["type"]): string {
  return type === "gaugehistogram" ? "GAUGE_HISTOGRAM" : type.toUpperCase();
}

/** RFC 3339 with microseconds, without the zeros at the end, as Go writes times. */
function timestamp(micros: number): string {
  const seconds = new Date(Math.floor(micros / 1e6) * 1000).toISOString().slice(0, -".000Z".length);
  const fraction = String(micros % 1_000_000)
    .padStart(6, "0")
    .replace(/0+$/, "");
  return fraction === "" ? `${seconds}Z` : `${seconds}.${fraction}Z`;
}
