import {
  type ContentLimits,
  encodeMetrics,
  type Family,
  formatFloat,
  type Label,
  type Metric,
  type MetricData,
  type MetricType,
  metricText,
  needsProto,
  noLimits,
  quoteText,
} from "@pushfleet/exposition";
import { AdmissionError, collectedMetric } from "./admission-error.ts";
import { admitKnown } from "./admit-known.ts";
import type { AdmittedFamily, AdmittedMetric } from "./admitted.ts";
import { refuseLargeGrouping, refuseManyLabels } from "./large-labels.ts";
import type { MergedLabels } from "./merge.ts";
import { hasSampleSuffix, impliedLabel, kindOf, linesOf, sampleSuffixes } from "./metric-types.ts";
import { nativeFault } from "./native-histogram.ts";
import type { PathLabels } from "./path.ts";
import { PushGrouping } from "./push-grouping.ts";
import { isPushTime, reservedName } from "./reserved.ts";
import { seriesIdentity } from "./series-identity.ts";
import { SeriesMemory } from "./series-memory.ts";

/** A metric of the push with its final labels. */
interface LabelledMetric {
  readonly labels: MergedLabels;
  readonly metric: Metric;
}

/**
 * Turns the families of a push into what is stored, or refuses the push for what is wrong with it by itself; what is
 * wrong with it beside other groups is the store's to find.
 *
 * The checks are upstream's (storage: timestampsPresent, sanitizeLabels; client_golang: checkMetricConsistency,
 * checkSuffixCollisions), and these, each for a push that upstream accepts and that makes the scrape wrong for everyone:
 * labels that differ in empty values only count as equal, a histogram must not have a label `le`, gauge histograms
 * collide like histograms, native histograms are what Prometheus takes, and no family may mix with the gateway's own.
 *
 * Families without metrics and families named like the push times are dropped. Of families of one name the last stays.
 *
 * Of the limits, those of labels are looked at, as the grouping labels are labels of each series too. The rest is for the
 * parsers, which refuse what is too much before it takes room.
 *
 * @throws AdmissionError or LimitExceeded for the first problem found
 */
export function admit(
  families: readonly Family[],
  pathLabels: PathLabels,
  limits: ContentLimits = noLimits,
): AdmittedFamily[] {
  return admitAll(families, pathLabels, { limits, memory: undefined });
}

/** Admission that does the same as `admit` and remembers series between pushes: see `SeriesMemory`. */
export function createAdmission(): typeof admit {
  const memory = new SeriesMemory();
  return (families, pathLabels, limits = noLimits) => admitAll(families, pathLabels, { limits, memory });
}

function admitAll(
  families: readonly Family[],
  pathLabels: PathLabels,
  { limits, memory }: { readonly limits: ContentLimits; readonly memory: SeriesMemory | undefined },
): AdmittedFamily[] {
  refuseLargeGrouping(pathLabels, limits);
  refuseTimestamps(families);
  const pushed = new Map<string, Family>();
  let mayCollide = false;
  for (const family of families) {
    if (family.metrics.length === 0 || isPushTime(family.name)) continue;
    refuseBadName(family);
    pushed.set(family.name, family);
    mayCollide ||= hasSampleSuffix(family.name);
  }
  if (mayCollide) refuseSuffixCollisions(pushed);

  const grouping = memory?.grouping(pathLabels) ?? new PushGrouping(pathLabels);
  const admitted: AdmittedFamily[] = [];
  for (const family of pushed.values()) {
    const known = memory && admitKnown(family, memory, grouping, limits);
    admitted.push(known ?? admitFamily(family, grouping, limits));
  }
  return admitted;
}

function admitFamily(family: Family, grouping: PushGrouping, limits: ContentLimits): AdmittedFamily {
  const labelled = family.metrics.map((metric): LabelledMetric => {
    const labels = grouping.merge(metric.labels);
    refuseManyLabels(labels.held, family.name, limits);
    refuseInconsistent(family, labels.printed, metric.data);
    refuseRepeatedBounds(family, labels.printed, metric.data);
    refuseBadNative(family, labels.printed, metric.data);
    return { labels, metric };
  });
  labelled.sort(comparePrinted);

  let text = "";
  let seriesCount = 0;
  const metrics: AdmittedMetric[] = [];
  const unprinted: string[] = [];
  const seen = new Set<string>();
  for (const { labels, metric } of labelled) {
    const { printed, identifying, held } = labels;
    const isPrinted = printed === identifying;
    const identity = seriesIdentity(family, identifying);
    if (seen.size === seen.add(identity).size) refuseDuplicate(family, printed, metric.data);
    metrics.push({ labels: held, identity });
    if (!isPrinted) unprinted.push(identity);
    seriesCount += linesOf(metric.data);
    text +=
      metric.data.kind === "simple" && isPrinted
        ? `${identity}${formatFloat(metric.data.value)}\n`
        : metricText(family.name, printed, metric.data);
  }
  const { name, type, help } = family;
  const admitted = { name, type, help, text, metrics, unprinted, seriesCount };
  if (!needsProto(family.metrics)) return admitted;
  const relabelled = labelled.map(({ labels, metric }) => ({ ...metric, labels: labels.printed }));
  return { ...admitted, proto: encodeMetrics(type, relabelled) };
}

/** The order of a scrape within a family: by number of labels, then by their values (client_golang, MetricSorter). */
function comparePrinted(a: LabelledMetric, b: LabelledMetric): number {
  const left = a.labels.printed;
  const right = b.labels.printed;
  if (left.length !== right.length) return left.length - right.length;
  for (let i = 0; i < left.length; i++) {
    const leftValue = left[i]?.[1] ?? "";
    const rightValue = right[i]?.[1] ?? "";
    if (leftValue !== rightValue) return leftValue < rightValue ? -1 : 1;
  }
  return 0;
}

function refuseTimestamps(families: readonly Family[]): void {
  for (const { metrics } of families) {
    for (const { timestampMs } of metrics) {
      if (timestampMs !== undefined) {
        throw new AdmissionError("timestamps", "pushed metrics must not have timestamps");
      }
    }
  }
}

function refuseBadName(family: Family): void {
  // Only protobuf can leave the name out. Upstream stores that, and cannot print it on the next scrape.
  if (family.name === "") throw new AdmissionError("bad-name", "collected metric family without a name");
  const reserved = reservedName(family);
  if (reserved === undefined) return;
  throw new AdmissionError(
    "reserved-name",
    `collected metric named ${quoteText(family.name)} would mix with ${quoteText(reserved)}, a name reserved for the gateway's own metrics`,
  );
}

function refuseSuffixCollisions(pushed: ReadonlyMap<string, Family>): void {
  for (const { name, type } of pushed.values()) {
    for (const suffix of sampleSuffixes(type)) {
      if (!pushed.has(name + suffix)) continue;
      const [suffixed, plain] = [quoteText(name + suffix), quoteText(name)];
      const kind = type === "summary" ? "summary" : "histogram";
      throw new AdmissionError(
        "suffix-collision",
        `collected metric named ${suffixed} collides with previously collected ${kind} named ${plain}`,
      );
    }
  }
}

/** @param labels The final labels, sorted by name. */
function refuseInconsistent(family: Family, labels: readonly Label[], data: MetricData): void {
  const metric = () => collectedMetric(family, labels, data);
  if (data.kind !== kindOf(family.type)) {
    throw new AdmissionError("kind-mismatch", `${metric()} is not a ${protobufName(family.type)}`);
  }
  const implied = impliedLabel(family.type);
  let previous: string | undefined;
  for (const [name] of labels) {
    if (name === previous) {
      throw new AdmissionError("bad-label", `${metric()} has two or more labels with the same name: ${name}`);
    }
    if (name === "" || name.startsWith("__")) {
      throw new AdmissionError("bad-label", `${metric()} has a label with an invalid name: ${name}`);
    }
    if (name === implied) {
      throw new AdmissionError("bad-label", `${metric()} must not have an explicit ${quoteText(name)} label`);
    }
    previous = name;
  }
}

/** Two lines of one metric for the same bucket or quantile would be one series twice. Upstream scrapes both. */
function refuseRepeatedBounds(family: Family, labels: readonly Label[], data: MetricData): void {
  const bounds = boundsOf(data);
  if (new Set(bounds).size === bounds.length) return;
  const what = data.kind === "summary" ? "quantile" : "bucket";
  throw new AdmissionError(
    "duplicate-series",
    `${collectedMetric(family, labels, data)} has the same ${what} more than once`,
  );
}

function refuseBadNative(family: Family, labels: readonly Label[], data: MetricData): void {
  const fault = data.kind === "histogram" ? nativeFault(data) : undefined;
  if (fault === undefined) return;
  const metric = collectedMetric(family, labels, data);
  throw new AdmissionError(
    "bad-native-histogram",
    `${metric} is a native histogram that Prometheus refuses: ${fault}`,
  );
}

function boundsOf(data: MetricData): readonly number[] {
  switch (data.kind) {
    case "summary":
      return data.quantiles.map(([quantile]) => quantile);
    case "histogram":
      return data.buckets.map(({ upperBound }) => upperBound);
    default:
      return [];
  }
}

function refuseDuplicate(family: Family, labels: readonly Label[], data: MetricData): never {
  throw new AdmissionError(
    "duplicate-series",
    `${collectedMetric(family, labels, data)} was collected before with the same name and label values`,
  );
}

/** As in upstream's texts, which name the constants of client_model. */
function protobufName(type: MetricType): string {
  return type === "gaugehistogram" ? "GAUGE_HISTOGRAM" : type.toUpperCase();
}
