import {
  type Bucket,
  type Exemplar,
  ExpositionError,
  type Family,
  type HistogramData,
  type Label,
  type Metric,
  type MetricData,
  type MetricType,
  type NativeHistogram,
  type SimpleData,
  type Span,
  type SummaryData,
} from "./family.ts";
import { type ContentLimits, noLimits } from "./limits.ts";
import { Input, nested, readError, readLength, skip, toNumber } from "./protobuf-input.ts";
import {
  BUCKET,
  COUNTER,
  DATA_OF_TYPE,
  EXEMPLAR,
  FAMILY,
  HISTOGRAM,
  LABEL,
  METRIC,
  METRIC_TYPES,
  QUANTILE,
  SPAN,
  SUMMARY,
  TIMESTAMP,
} from "./protobuf-schema.ts";
import { quoteText } from "./quote.ts";

/**
 * Reads a body of varint-delimited MetricFamily messages, what `application/vnd.google.protobuf;
 * proto=io.prometheus.client.MetricFamily; encoding=delimited` announces. As upstream: of several messages of one name
 * the last counts, and unknown fields are skipped. Numbers of 64 bits beyond 2^53 are rounded to the next double.
 *
 * Throws ExpositionError for whatever is not that: truncated (`unexpected EOF`, as Go says it), malformed, a type that
 * does not exist, or a name or label that is not UTF-8. Help that is not UTF-8 is repaired with U+FFFD. Throws
 * LimitExceeded at the first thing that is too much; families and metrics that later ones replace count too.
 */
export function decodeProtobuf(body: Uint8Array, limits: ContentLimits = noLimits): Family[] {
  const families = new Map<string, Family>();
  const input = new Input(body, limits);
  while (input.pos < body.length) {
    const end = readLength(input);
    if (end > body.length) throw new ExpositionError("unexpected EOF");
    input.len = end;
    try {
      const family = readFamily(input);
      families.set(family.name, family);
    } catch (error) {
      throw readError(error);
    }
    input.len = body.length;
  }
  return [...families.values()];
}

/** The metrics of concatenated `metric` fields, as written by `encodeMetrics`. Throws ExpositionError. */
export function decodeMetrics(metricFields: Uint8Array): Metric[] {
  const input = new Input(metricFields, noLimits);
  const metrics: Metric[] = [];
  try {
    while (input.pos < input.len) {
      const tag = input.tag();
      if (tag === FAMILY.metric) metrics.push(nested(input, (inner) => readMetric(inner)));
      else skip(input, tag);
    }
  } catch (error) {
    throw readError(error);
  }
  return metrics;
}

function readFamily(input: Input): Family {
  let name = "";
  let help = "";
  let type: MetricType = "counter";
  const metricPositions: number[] = [];
  input.familyName = "";
  while (input.pos < input.len) {
    const tag = input.tag();
    switch (tag) {
      case FAMILY.name:
        name = input.metricName();
        input.familyName = name;
        break;
      case FAMILY.help:
        help = input.help();
        break;
      case FAMILY.type:
        type = readType(input);
        break;
      case FAMILY.metric:
        // Which data it has to hold depends on the type, and that may come later.
        input.countSeries();
        metricPositions.push(input.pos);
        skip(input, tag);
        break;
      default:
        skip(input, tag);
    }
  }
  input.countFamily();
  const dataTag = DATA_OF_TYPE[type];
  const metrics: Metric[] = [];
  for (const position of metricPositions) {
    input.pos = position;
    metrics.push(nested(input, (inner) => readMetric(inner, dataTag)));
  }
  input.pos = input.len;
  return { name, help, type, metrics };
}

function readType(input: Input): MetricType {
  const number = input.int32();
  const type = METRIC_TYPES[number];
  if (type === undefined) throw new ExpositionError(`unknown metric type ${number}`);
  return type;
}

/** With data of any kind, unless `dataTag` says which. */
function readMetric(input: Input, dataTag?: number): Metric {
  const labels: Label[] = [];
  const metric: Writable<Metric> = { labels, data: { kind: "missing" } };
  while (input.pos < input.len) {
    const tag = input.tag();
    switch (tag) {
      case METRIC.label:
        input.countLabel(labels.length);
        labels.push(nested(input, readLabel));
        break;
      case METRIC.timestampMs:
        metric.timestampMs = toNumber(input.int64());
        break;
      default: {
        const readData = tag === (dataTag ?? tag) ? dataReader(tag) : undefined;
        if (readData !== undefined) metric.data = nested(input, readData);
        else skip(input, tag);
      }
    }
  }
  return metric;
}

function dataReader(tag: number): ((input: Input) => MetricData) | undefined {
  switch (tag) {
    case METRIC.counter:
      return readCounter;
    case METRIC.gauge:
    case METRIC.untyped:
      return readValue;
    case METRIC.summary:
      return readSummary;
    case METRIC.histogram:
      return readHistogram;
    default:
      return undefined;
  }
}

function readLabel(input: Input): Label {
  let name = "";
  let value = "";
  while (input.pos < input.len) {
    const tag = input.tag();
    if (tag === LABEL.name) name = input.labelName();
    else if (tag === LABEL.value) value = input.labelValue(name);
    else skip(input, tag);
  }
  return [name, value];
}

/** Gauge and Untyped. */
function readValue(input: Input): SimpleData {
  let value = 0;
  while (input.pos < input.len) {
    const tag = input.tag();
    if (tag === COUNTER.value) value = input.double();
    else skip(input, tag);
  }
  return { kind: "simple", value };
}

function readCounter(input: Input): SimpleData {
  const counter: Writable<SimpleData> = { kind: "simple", value: 0 };
  while (input.pos < input.len) {
    const tag = input.tag();
    switch (tag) {
      case COUNTER.value:
        counter.value = input.double();
        break;
      case COUNTER.exemplar:
        counter.exemplar = nested(input, readExemplar);
        break;
      case COUNTER.created:
        counter.createdSeconds = nested(input, readTimestamp);
        break;
      default:
        skip(input, tag);
    }
  }
  return counter;
}

function readSummary(input: Input): SummaryData {
  // The sum; the metric itself was counted already.
  input.countSeries();
  const quantiles: (readonly [number, number])[] = [];
  const summary: Writable<SummaryData> = { kind: "summary", count: 0, sum: 0, quantiles };
  while (input.pos < input.len) {
    const tag = input.tag();
    switch (tag) {
      case SUMMARY.count:
        summary.count = toNumber(input.uint64());
        break;
      case SUMMARY.sum:
        summary.sum = input.double();
        break;
      case SUMMARY.quantile:
        input.countSeries();
        quantiles.push(nested(input, readQuantile));
        break;
      case SUMMARY.created:
        summary.createdSeconds = nested(input, readTimestamp);
        break;
      default:
        skip(input, tag);
    }
  }
  return summary;
}

function readQuantile(input: Input): readonly [quantile: number, value: number] {
  let quantile = 0;
  let value = 0;
  while (input.pos < input.len) {
    const tag = input.tag();
    if (tag === QUANTILE.quantile) quantile = input.double();
    else if (tag === QUANTILE.value) value = input.double();
    else skip(input, tag);
  }
  return [quantile, value];
}

function readHistogram(input: Input): HistogramData {
  // The sum; the metric itself was counted already.
  input.countSeries();
  const buckets: Bucket[] = [];
  const exemplars: Exemplar[] = [];
  const histogram: Writable<HistogramData> = { kind: "histogram", count: 0, sum: 0, buckets };
  const native: NativeDraft = {
    isFloat: false,
    schema: 0,
    zeroThreshold: 0,
    zeroCount: 0,
    negativeSpans: [],
    negativeDeltas: [],
    negativeCounts: [],
    positiveSpans: [],
    positiveDeltas: [],
    positiveCounts: [],
  };
  let isNative = false;
  let count = 0;
  let countFloat = 0;
  let zeroCount = 0;
  let zeroCountFloat = 0;
  while (input.pos < input.len) {
    const tag = input.tag();
    switch (tag) {
      case HISTOGRAM.count:
        count = toNumber(input.uint64());
        break;
      case HISTOGRAM.sum:
        histogram.sum = input.double();
        break;
      case HISTOGRAM.bucket:
        input.countSeries();
        buckets.push(nested(input, readBucket));
        break;
      case HISTOGRAM.countFloat:
        countFloat = input.double();
        native.isFloat = true;
        break;
      case HISTOGRAM.created:
        histogram.createdSeconds = nested(input, readTimestamp);
        break;
      case HISTOGRAM.exemplar:
        input.countSeries();
        exemplars.push(nested(input, readExemplar));
        break;
      case HISTOGRAM.zeroCount:
        isNative = true;
        zeroCount = toNumber(input.uint64());
        break;
      case HISTOGRAM.zeroCountFloat:
        isNative = true;
        zeroCountFloat = input.double();
        native.isFloat = true;
        break;
      default:
        if (readNativeField(input, tag, native)) isNative = true;
        else skip(input, tag);
    }
  }
  histogram.count = countOf(input, countFloat, count);
  native.zeroCount = countOf(input, zeroCountFloat, zeroCount);
  if (isNative) histogram.native = native;
  if (exemplars.length > 0) histogram.exemplars = exemplars;
  return histogram;
}

/** False, with nothing read, when `tag` is of no such field. */
function readNativeField(input: Input, tag: number, native: NativeDraft): boolean {
  switch (tag) {
    case HISTOGRAM.schema:
      native.schema = input.sint32();
      return true;
    case HISTOGRAM.zeroThreshold:
      native.zeroThreshold = input.double();
      return true;
    case HISTOGRAM.negativeSpan:
      input.countSeries();
      native.negativeSpans.push(nested(input, readSpan));
      return true;
    case HISTOGRAM.negativeDelta:
    case HISTOGRAM.negativeDeltas:
      readDeltas(input, tag, native.negativeDeltas);
      return true;
    case HISTOGRAM.negativeCount:
    case HISTOGRAM.negativeCounts:
      readCounts(input, tag, native.negativeCounts);
      return true;
    case HISTOGRAM.positiveSpan:
      input.countSeries();
      native.positiveSpans.push(nested(input, readSpan));
      return true;
    case HISTOGRAM.positiveDelta:
    case HISTOGRAM.positiveDeltas:
      readDeltas(input, tag, native.positiveDeltas);
      return true;
    case HISTOGRAM.positiveCount:
    case HISTOGRAM.positiveCounts:
      readCounts(input, tag, native.positiveCounts);
      return true;
    default:
      return false;
  }
}

/** One number, or many when packed: a parser has to take both for either. */
function readDeltas(input: Input, tag: number, into: number[]): void {
  readNumbers(input, tag, () => into.push(toNumber(input.sint64())));
}

function readCounts(input: Input, tag: number, into: number[]): void {
  readNumbers(input, tag, () => into.push(input.double()));
}

function readNumbers(input: Input, tag: number, readOne: () => void): void {
  const readCounted = () => {
    input.countSeries();
    readOne();
  };
  if (isPacked(tag)) {
    nested(input, () => {
      while (input.pos < input.len) readCounted();
    });
  } else readCounted();
}

function isPacked(tag: number): boolean {
  return (tag & 7) === 2;
}

function readBucket(input: Input): Bucket {
  const bucket: Writable<Bucket> = { upperBound: 0, cumulativeCount: 0 };
  let count = 0;
  let countFloat = 0;
  while (input.pos < input.len) {
    const tag = input.tag();
    switch (tag) {
      case BUCKET.count:
        count = toNumber(input.uint64());
        break;
      case BUCKET.upperBound:
        bucket.upperBound = input.double();
        break;
      case BUCKET.exemplar:
        bucket.exemplar = nested(input, readExemplar);
        break;
      case BUCKET.countFloat:
        countFloat = input.double();
        break;
      default:
        skip(input, tag);
    }
  }
  bucket.cumulativeCount = countOf(input, countFloat, count);
  return bucket;
}

/** Of its two forms. A text parser takes no negative one either, so no scrape may have it. */
function countOf(input: Input, float: number, integer: number): number {
  if (float < 0) throw new ExpositionError(`negative count for histogram ${quoteText(input.familyName)}`);
  // Not `||`: NaN is no absence.
  return float === 0 ? integer : float;
}

function readSpan(input: Input): Span {
  let offset = 0;
  let length = 0;
  while (input.pos < input.len) {
    const tag = input.tag();
    if (tag === SPAN.offset) offset = input.sint32();
    else if (tag === SPAN.length) length = input.uint32();
    else skip(input, tag);
  }
  return { offset, length };
}

function readExemplar(input: Input): Exemplar {
  const labels: Label[] = [];
  const exemplar: Writable<Exemplar> = { labels, value: 0 };
  while (input.pos < input.len) {
    const tag = input.tag();
    if (tag === EXEMPLAR.label) {
      input.countLabel(labels.length);
      labels.push(nested(input, readLabel));
    } else if (tag === EXEMPLAR.value) exemplar.value = input.double();
    else if (tag === EXEMPLAR.timestamp) exemplar.timestampSeconds = nested(input, readTimestamp);
    else skip(input, tag);
  }
  return exemplar;
}

function readTimestamp(input: Input): number {
  let seconds = 0;
  let nanos = 0;
  while (input.pos < input.len) {
    const tag = input.tag();
    if (tag === TIMESTAMP.seconds) seconds = toNumber(input.int64());
    else if (tag === TIMESTAMP.nanos) nanos = input.int32();
    else skip(input, tag);
  }
  return seconds + nanos / 1e9;
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

/** A native histogram whose arrays can still grow. */
type NativeDraft = {
  -readonly [Key in keyof NativeHistogram]: NativeHistogram[Key] extends readonly (infer Item)[]
    ? Item[]
    : NativeHistogram[Key];
};
