/**
 * The data model every wire format is read into and written from. It follows io.prometheus.client.MetricFamily
 * (prometheus/client_model), so that nothing a client can send by protobuf is lost on the way.
 */

/** The types a family can have, spelled as in a `# TYPE` line. */
export type MetricType = "counter" | "gauge" | "summary" | "untyped" | "histogram" | "gaugehistogram";

/** One label. Both parts are valid Unicode; the value may be empty, which Prometheus treats as absent. */
export type Label = readonly [name: string, value: string];

/** All metrics of one name. Label sets within it are not checked here: see admission in packages/groups. */
export interface Family {
  readonly name: string;
  /** Unescaped; "" when there is none. */
  readonly help: string;
  readonly type: MetricType;
  readonly metrics: readonly Metric[];
}

/** One label set of a family with its data. */
export interface Metric {
  /** As pushed: any order, duplicates possible, without `le` and `quantile` of classic buckets and quantiles. */
  readonly labels: readonly Label[];
  /** Milliseconds since the epoch, when the pusher gave one. */
  readonly timestampMs?: number;
  readonly data: MetricData;
  /**
   * Present when a parser has met the line of this metric, or the first of its lines, in an earlier body: see `SeriesHead`.
   * The metric then holds nothing that text cannot say.
   */
  readonly head?: SeriesHead;
}

/**
 * What a sample line says before its value. A parser with a memory gives the same object each time it meets the line in
 * families that keep the same label apart (`le`, `quantile` or none), so that what follows from name and labels alone can
 * be remembered by it.
 */
export interface SeriesHead {
  /** As the line spells it, which may be the name of a part: `h_bucket`. */
  readonly name: string;
  /** Those of the metric: without the label kept apart. */
  readonly labels: readonly Label[];
}

/**
 * What a metric holds. Text can only produce data that fits the family's type; protobuf can also say nothing for the
 * type it declares, which is `missing` here and refused by admission, as upstream does.
 */
export type MetricData = SimpleData | SummaryData | HistogramData | MissingData;

/** Of a counter, gauge or untyped metric. */
export interface SimpleData {
  readonly kind: "simple";
  readonly value: number;
  /** Counters only; protobuf only. */
  readonly exemplar?: Exemplar;
  /** Counters only; protobuf only. Seconds since the epoch. */
  readonly createdSeconds?: number;
}

export interface SummaryData {
  readonly kind: "summary";
  readonly count: number;
  readonly sum: number;
  /** In the order pushed. */
  readonly quantiles: readonly (readonly [quantile: number, value: number])[];
  readonly createdSeconds?: number;
}

/** Of a histogram or gauge histogram: classic buckets, native buckets, or both. */
export interface HistogramData {
  readonly kind: "histogram";
  /** Observations; fractional in float histograms. */
  readonly count: number;
  readonly sum: number;
  /** Cumulative, in the order pushed; a missing +Inf bucket is added on writing, not here. */
  readonly buckets: readonly Bucket[];
  readonly native?: NativeHistogram;
  /** Exemplars of the native histogram. */
  readonly exemplars?: readonly Exemplar[];
  readonly createdSeconds?: number;
}

export interface Bucket {
  readonly upperBound: number;
  readonly cumulativeCount: number;
  readonly exemplar?: Exemplar;
}

/** The sparse part of a histogram (client_model fields 5–16). Exactly one of deltas (integer) and counts (float) is used per side. */
export interface NativeHistogram {
  readonly isFloat: boolean;
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  readonly negativeSpans: readonly Span[];
  readonly negativeDeltas: readonly number[];
  readonly negativeCounts: readonly number[];
  readonly positiveSpans: readonly Span[];
  readonly positiveDeltas: readonly number[];
  readonly positiveCounts: readonly number[];
}

export interface Span {
  readonly offset: number;
  readonly length: number;
}

export interface Exemplar {
  readonly labels: readonly Label[];
  readonly value: number;
  /** Seconds since the epoch, when given. */
  readonly timestampSeconds?: number;
}

export interface MissingData {
  readonly kind: "missing";
}

/** Thrown by every decoder for a body that is not what it claims to be. The message alone helps whoever pushed it. */
export class ExpositionError extends Error {
  override readonly name = "ExpositionError";
  /** 1-based line of a text body; absent for protobuf. */
  readonly line: number | undefined;

  constructor(message: string, options?: { line?: number; cause?: unknown }) {
    super(message, { cause: options?.cause });
    this.line = options?.line;
  }
}
