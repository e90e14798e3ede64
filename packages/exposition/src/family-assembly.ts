import type { Family, HistogramData, Label, Metric, MetricType, SeriesHead, SummaryData } from "./family.ts";
import { type ContentLimits, LimitExceeded, shown } from "./limits.ts";

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
  /** Made with the first metric, with room for it alone: most families have one. */
  metrics: Metric[] | undefined;
  /** The summary or histogram that took the last sample; the next one most likely belongs to it too. */
  last: OpenMetric | undefined;
  /** Made with the second summary or histogram: most families have one. */
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
  /** Of the sample that opened it, which gave it its labels. */
  readonly head?: SeriesHead;
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

/** Puts samples together to families, in whatever order they come. Throws LimitExceeded when there are too many of either. */
export class FamilyAssembly {
  readonly #maxFamilies: number;
  readonly #maxSamples: number;
  #samples = 0;
  readonly #families: OpenFamily[] = [];
  /** Every name seen so far. What a name means does not change later, since the type of a family does not. */
  readonly #series = new Map<string, Series>();
  /** The name asked for last, which most lines repeat. */
  #lastName: string | undefined;
  #lastSeries: Series | undefined;

  constructor(limits: ContentLimits) {
    this.#maxFamilies = limits["push.max-families"];
    this.#maxSamples = limits["push.max-series"];
  }

  /**
   * The family this name belongs to: one of that name, a summary or histogram it is a part of, or a new one.
   *
   * @param isKept Whether the name shares no memory with the body.
   */
  seriesNamed(name: string, isKept: boolean): Series {
    if (name === this.#lastName && this.#lastSeries !== undefined) return this.#lastSeries;
    let series = this.#series.get(name);
    if (series === undefined) {
      series = this.#partNamed(name) ?? { family: this.#open(isKept ? name : detached(name)), role: "own" };
      this.#series.set(name, series);
    }
    this.#lastName = name;
    this.#lastSeries = series;
    return series;
  }

  add({ family, role }: Series, sample: SampleHead, value: number, timestampMs?: number): void {
    if (++this.#samples > this.#maxSamples) {
      throw new LimitExceeded("push.max-series", { value: this.#maxSamples, offender: shown(family.name) });
    }
    if (family.type === "summary" || isHistogram(family.type)) {
      addToOpenMetric(family, role, sample, value, timestampMs);
      return;
    }
    const { labels, head } = sample;
    const data = { kind: "simple", value } as const;
    if (timestampMs !== undefined) addMetric(family, { labels, data, timestampMs });
    else if (head !== undefined) addMetric(family, { labels, data, head });
    else addMetric(family, { labels, data });
  }

  /** All families that have samples, in the order of the body. */
  families(): Family[] {
    const families: Family[] = [];
    for (const { name, help = "", type = "untyped", metrics } of this.#families) {
      if (metrics !== undefined) families.push({ name, help, type, metrics });
    }
    return families;
  }

  #partNamed(name: string): Series | undefined {
    for (const [suffix, role] of SUFFIXES) {
      if (!name.endsWith(suffix)) continue;
      const family = this.#familyNamed(name.slice(0, -suffix.length));
      if (family === undefined) return undefined;
      const isPart = isHistogram(family.type) || (family.type === "summary" && role !== "bucket");
      return isPart ? { family, role } : undefined;
    }
    return undefined;
  }

  #familyNamed(name: string): OpenFamily | undefined {
    const last = this.#lastSeries?.family;
    if (last?.name === name) return last;
    const series = this.#series.get(name);
    return series?.role === "own" ? series.family : undefined;
  }

  #open(name: string): OpenFamily {
    if (this.#families.length >= this.#maxFamilies) {
      throw new LimitExceeded("push.max-families", { value: this.#maxFamilies, offender: shown(name) });
    }
    const family: OpenFamily = {
      name,
      help: undefined,
      type: undefined,
      metrics: undefined,
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

/**
 * A copy in one piece that shares no memory with the text it was cut from, for what outlives the push. A string cut from
 * another one, or put together from several, is only a reference to them, and slow to compare.
 */
export function detached(text: string): string {
  return Buffer.from(text).toString();
}

/** Adds to the summary or histogram with the labels of the sample. */
function addToOpenMetric(
  family: OpenFamily,
  role: Role,
  sample: SampleHead,
  value: number,
  timestampMs: number | undefined,
): void {
  const metric = openMetric(family, sample);
  const { bound } = sample;
  if (timestampMs !== undefined) metric.timestampMs = timestampMs;
  const { data } = metric;
  if (role === "sum") data.sum = value;
  else if (role === "count") data.count = data.kind === "summary" ? wholeCount(value) : value;
  // Upstream ignores the value of a line that is neither a total nor has a bound.
  else if (Number.isNaN(bound)) return;
  else if (data.kind === "summary") data.quantiles.push([bound, value]);
  else data.buckets.push({ upperBound: bound, cumulativeCount: value });
}

function openMetric(family: OpenFamily, sample: SampleHead): OpenMetric {
  const { last } = family;
  if (last === undefined) return newMetric(family, sample);
  if (areSame(last.labels, sample.labels)) return last;

  family.bySignature ??= new Map([[signatureOf(last.labels), last]]);
  const signature = signatureOf(sample.labels);
  let metric = family.bySignature.get(signature);
  if (metric === undefined) {
    metric = newMetric(family, sample);
    family.bySignature.set(signature, metric);
  }
  family.last = metric;
  return metric;
}

function newMetric(family: OpenFamily, { labels, head }: SampleHead): OpenMetric {
  const data: OpenMetric["data"] = isHistogram(family.type)
    ? { kind: "histogram", count: 0, sum: 0, buckets: [] }
    : { kind: "summary", count: 0, sum: 0, quantiles: [] };
  const metric = head === undefined ? { labels, data } : { labels, data, head };
  addMetric(family, metric);
  family.last = metric;
  return metric;
}

function addMetric(family: OpenFamily, metric: Metric): void {
  if (family.metrics === undefined) family.metrics = [metric];
  else family.metrics.push(metric);
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
