import type { Family, HistogramData, Label, Metric, MetricType, SeriesHead, SummaryData } from "./family.ts";

/** What a series name says of its family: `h_count` has the count of the summary or histogram `h`. */
type Role = "own" | "count" | "sum" | "bucket";

/** A name that samples carry, and the family they belong to. */
export interface Series {
  readonly family: OpenFamily;
  readonly role: Role;
}

/** A family that still grows. */
export interface OpenFamily {
  readonly name: string;
  help: string | undefined;
  /** Given by a TYPE line or by the first sample. */
  type: MetricType | undefined;
  readonly metrics: Metric[];
  /** The summary or histogram that took the last sample; the next one most likely belongs to it too. */
  last: OpenMetric | undefined;
  /** Made with the first summary or histogram. */
  bySignature: Map<string, OpenMetric> | undefined;
}

/** A sample without its numbers. */
export interface SampleHead {
  /** Without the label that gives the bound. */
  readonly labels: readonly Label[];
  /** The number in `le` of a histogram and `quantile` of a summary; NaN when there is none. */
  readonly bound: number;
  readonly head?: SeriesHead;
}

/** A metric made of several samples. */
interface OpenMetric {
  readonly labels: readonly Label[];
  timestampMs?: number;
  readonly data: Open<SummaryData> | Open<HistogramData>;
}

/** The same with its parts open to change. */
type Open<Data> = {
  -readonly [Key in keyof Data]: Data[Key] extends readonly (infer Item)[] ? Item[] : Data[Key];
};

/** The largest float below 2^64: counts are 64-bit integers upstream. */
const MAX_COUNT = 2 ** 64 - 2 ** 11;

const SUFFIXES = [
  ["_bucket", "bucket"],
  ["_count", "count"],
  ["_sum", "sum"],
] as const;

/** Puts samples together to families, in whatever order they come. */
export class FamilyAssembly {
  readonly #families: OpenFamily[] = [];
  /** Every name seen so far. What a name means does not change later, since the type of a family does not. */
  readonly #series = new Map<string, Series>();
  /** The name asked for last, which most lines repeat. */
  #lastName: string | undefined;
  #lastSeries: Series | undefined;

  /** The family this name belongs to: one of that name, a summary or histogram it is a part of, or a new one. */
  seriesNamed(name: string): Series {
    if (name === this.#lastName && this.#lastSeries !== undefined) return this.#lastSeries;
    let series = this.#series.get(name);
    if (series === undefined) {
      series = this.#partNamed(name) ?? { family: this.#open(name), role: "own" };
      this.#series.set(name, series);
    }
    this.#lastName = name;
    this.#lastSeries = series;
    return series;
  }

  add({ family, role }: Series, sample: SampleHead, value: number, timestampMs?: number): void {
    if (family.type === "summary" || isHistogram(family.type)) {
      addToMetric(family, role, sample, value, timestampMs);
      return;
    }
    const { labels, head } = sample;
    const data = { kind: "simple", value } as const;
    if (timestampMs !== undefined) family.metrics.push({ labels, data, timestampMs });
    else if (head !== undefined) family.metrics.push({ labels, data, head });
    else family.metrics.push({ labels, data });
  }

  /** All families that have samples, in the order of the body. */
  families(): Family[] {
    const families: Family[] = [];
    for (const { name, help = "", type = "untyped", metrics } of this.#families) {
      if (metrics.length > 0) families.push({ name, help, type, metrics });
    }
    return families;
  }

  #partNamed(name: string): Series | undefined {
    for (const [suffix, role] of SUFFIXES) {
      if (!name.endsWith(suffix)) continue;
      const whole = this.#series.get(name.slice(0, -suffix.length));
      if (whole?.role !== "own") return undefined;
      const { family } = whole;
      const isPart = isHistogram(family.type) || (family.type === "summary" && role !== "bucket");
      return isPart ? { family, role } : undefined;
    }
    return undefined;
  }

  #open(name: string): OpenFamily {
    const family: OpenFamily = {
      name: detached(name),
      help: undefined,
      type: undefined,
      metrics: [],
      last: undefined,
      bySignature: undefined,
    };
    this.#families.push(family);
    return family;
  }
}

export function isHistogram(type: MetricType | undefined): boolean {
  return type === "histogram" || type === "gaugehistogram";
}

/** A copy that shares no memory with the body it was cut from, for what outlives the push. */
export function detached(text: string): string {
  return ` ${text}`.slice(1);
}

/** Adds to the summary or histogram with the labels of the sample. */
function addToMetric(
  family: OpenFamily,
  role: Role,
  { labels, bound }: SampleHead,
  value: number,
  timestampMs: number | undefined,
): void {
  const metric = openMetric(family, labels);
  if (timestampMs !== undefined) metric.timestampMs = timestampMs;
  const { data } = metric;
  if (role === "sum") data.sum = value;
  else if (role === "count") data.count = data.kind === "summary" ? wholeCount(value) : value;
  // Upstream ignores the value of a line that is neither a total nor has a bound.
  else if (Number.isNaN(bound)) return;
  else if (data.kind === "summary") data.quantiles.push([bound, value]);
  else data.buckets.push({ upperBound: bound, cumulativeCount: value });
}

function openMetric(family: OpenFamily, labels: readonly Label[]): OpenMetric {
  if (family.last !== undefined && areSame(family.last.labels, labels)) return family.last;

  const signature = signatureOf(labels);
  family.bySignature ??= new Map();
  let metric = family.bySignature.get(signature);
  if (metric === undefined) {
    metric = {
      labels,
      data: isHistogram(family.type)
        ? { kind: "histogram", count: 0, sum: 0, buckets: [] }
        : { kind: "summary", count: 0, sum: 0, quantiles: [] },
    };
    family.bySignature.set(signature, metric);
    family.metrics.push(metric);
  }
  family.last = metric;
  return metric;
}

/** Equal for label sets that are equal but for their order. U+FFFF is no character, so it cannot be in a name or value. */
function signatureOf(labels: readonly Label[]): string {
  const parts = labels.map(([name, value]) => `${name}\uffff${value}`);
  return parts.sort().join("\uffff\uffff");
}

function areSame(a: readonly Label[], b: readonly Label[]): boolean {
  return a.length === b.length && a.every((label, i) => label[0] === b[i]?.[0] && label[1] === b[i]?.[1]);
}

/** Upstream casts to an unsigned integer; what does not fit becomes the nearest one here. */
function wholeCount(value: number): number {
  return Number.isNaN(value) ? 0 : Math.trunc(Math.min(Math.max(value, 0), MAX_COUNT));
}
