import { isUtf8 } from "node:buffer";
import { Reader } from "protobufjs/minimal.js";
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
import {
  BUCKET,
  COUNTER,
  DATA_OF_TYPE,
  EXEMPLAR,
  FAMILY,
  HISTOGRAM,
  LABEL,
  LARGEST_INT64,
  LARGEST_UINT64,
  METRIC,
  METRIC_TYPES,
  QUANTILE,
  SPAN,
  SUMMARY,
  TIMESTAMP,
} from "./protobuf-schema.ts";

/**
 * Reads a body of varint-delimited MetricFamily messages, what `application/vnd.google.protobuf;
 * proto=io.prometheus.client.MetricFamily; encoding=delimited` announces. As upstream: of several messages of one name
 * the last counts, and unknown fields are skipped. Numbers of 64 bits beyond 2^53 are rounded to the next double.
 *
 * Throws ExpositionError for whatever is not that: truncated (`unexpected EOF`, as Go says it), malformed, a type that
 * does not exist, or a name or label that is not UTF-8. Help that is not UTF-8 is repaired with U+FFFD.
 */
export function decodeProtobuf(body: Uint8Array): Family[] {
  const families = new Map<string, Family>();
  const reader = readerOf(body);
  while (reader.pos < body.length) {
    const end = readLength(reader);
    if (end > body.length) throw new ExpositionError("unexpected EOF");
    reader.len = end;
    const family = parse(() => readFamily(reader));
    families.set(family.name, family);
    reader.len = body.length;
  }
  return [...families.values()];
}

/** The metrics of concatenated `metric` fields, as written by `encodeMetrics`. Throws ExpositionError. */
export function decodeMetrics(metricFields: Uint8Array): Metric[] {
  const reader = readerOf(metricFields);
  return parse(() => {
    const metrics: Metric[] = [];
    while (reader.pos < reader.len) {
      const tag = reader.tag();
      if (tag === FAMILY.metric) metrics.push(nested(reader, (inner) => readMetric(inner)));
      else skip(reader, tag);
    }
    return metrics;
  });
}

/**
 * The end of the message whose length comes next. A length beyond the body may be a lie: nothing is allocated for it.
 */
function readLength(reader: Reader): number {
  let length = 0;
  for (let shift = 0; shift < 64; shift += 7) {
    const byte = reader.buf[reader.pos++];
    if (byte === undefined) throw new ExpositionError("unexpected EOF");
    length += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return reader.pos + length;
  }
  throw new ExpositionError("proto: variable length integer overflow");
}

/** A Reader over a Buffer: its `string` is native. */
function readerOf(bytes: Uint8Array): Reader {
  return Reader.create(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

/** The library reports every malformed input by an Error of no particular kind. */
function parse<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof ExpositionError) throw cause;
    throw new ExpositionError("proto: cannot parse invalid wire-format data", { cause });
  }
}

/**
 * Reads a length and then a message, packed field or the like of that length. Within `read`, `reader.len` is its end, so
 * that no inner field can reach beyond it.
 */
function nested<T>(reader: Reader, read: (reader: Reader) => T): T {
  const outerEnd = reader.len;
  const end = reader.size() + reader.pos;
  if (end > outerEnd) throw new RangeError("a field is longer than the message around it");
  reader.len = end;
  const value = read(reader);
  reader.len = outerEnd;
  return value;
}

function skip(reader: Reader, tag: number): void {
  reader.skipType(tag & 7, 0, tag >>> 3);
}

function readFamily(reader: Reader): Family {
  let name = "";
  let help = "";
  let type: MetricType = "counter";
  const metricPositions: number[] = [];
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    switch (tag) {
      case FAMILY.name:
        name = readUtf8(reader, "metric name");
        break;
      case FAMILY.help:
        help = reader.string();
        break;
      case FAMILY.type:
        type = readType(reader);
        break;
      case FAMILY.metric:
        // Which data it has to hold depends on the type, and that may come later.
        metricPositions.push(reader.pos);
        skip(reader, tag);
        break;
      default:
        skip(reader, tag);
    }
  }
  const dataTag = DATA_OF_TYPE[type];
  const metrics = metricPositions.map((position) => {
    reader.pos = position;
    return nested(reader, (inner) => readMetric(inner, dataTag));
  });
  reader.pos = reader.len;
  return { name, help, type, metrics };
}

function readType(reader: Reader): MetricType {
  const number = reader.int32();
  const type = METRIC_TYPES[number];
  if (type === undefined) throw new ExpositionError(`unknown metric type ${number}`);
  return type;
}

/** With data of any kind, unless `dataTag` says which. */
function readMetric(reader: Reader, dataTag?: number): Metric {
  const labels: Label[] = [];
  const metric: Writable<Metric> = { labels, data: { kind: "missing" } };
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    switch (tag) {
      case METRIC.label:
        labels.push(nested(reader, readLabel));
        break;
      case METRIC.timestampMs:
        metric.timestampMs = toNumber(reader.int64());
        break;
      default: {
        const readData = tag === (dataTag ?? tag) ? dataReader(tag) : undefined;
        if (readData !== undefined) metric.data = nested(reader, readData);
        else skip(reader, tag);
      }
    }
  }
  return metric;
}

function dataReader(tag: number): ((reader: Reader) => MetricData) | undefined {
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

function readLabel(reader: Reader): Label {
  let name = "";
  let value = "";
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    if (tag === LABEL.name) name = readUtf8(reader, "label name");
    else if (tag === LABEL.value) value = readUtf8(reader, "label value");
    else skip(reader, tag);
  }
  return [name, value];
}

/** Gauge and Untyped. */
function readValue(reader: Reader): SimpleData {
  let value = 0;
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    if (tag === COUNTER.value) value = reader.double();
    else skip(reader, tag);
  }
  return { kind: "simple", value };
}

function readCounter(reader: Reader): SimpleData {
  const counter: Writable<SimpleData> = { kind: "simple", value: 0 };
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    switch (tag) {
      case COUNTER.value:
        counter.value = reader.double();
        break;
      case COUNTER.exemplar:
        counter.exemplar = nested(reader, readExemplar);
        break;
      case COUNTER.created:
        counter.createdSeconds = nested(reader, readTimestamp);
        break;
      default:
        skip(reader, tag);
    }
  }
  return counter;
}

function readSummary(reader: Reader): SummaryData {
  const quantiles: (readonly [number, number])[] = [];
  const summary: Writable<SummaryData> = { kind: "summary", count: 0, sum: 0, quantiles };
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    switch (tag) {
      case SUMMARY.count:
        summary.count = toNumber(reader.uint64());
        break;
      case SUMMARY.sum:
        summary.sum = reader.double();
        break;
      case SUMMARY.quantile:
        quantiles.push(nested(reader, readQuantile));
        break;
      case SUMMARY.created:
        summary.createdSeconds = nested(reader, readTimestamp);
        break;
      default:
        skip(reader, tag);
    }
  }
  return summary;
}

function readQuantile(reader: Reader): readonly [quantile: number, value: number] {
  let quantile = 0;
  let value = 0;
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    if (tag === QUANTILE.quantile) quantile = reader.double();
    else if (tag === QUANTILE.value) value = reader.double();
    else skip(reader, tag);
  }
  return [quantile, value];
}

function readHistogram(reader: Reader): HistogramData {
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
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    switch (tag) {
      case HISTOGRAM.count:
        count = toNumber(reader.uint64());
        break;
      case HISTOGRAM.sum:
        histogram.sum = reader.double();
        break;
      case HISTOGRAM.bucket:
        buckets.push(nested(reader, readBucket));
        break;
      case HISTOGRAM.countFloat:
        countFloat = reader.double();
        native.isFloat = true;
        break;
      case HISTOGRAM.created:
        histogram.createdSeconds = nested(reader, readTimestamp);
        break;
      case HISTOGRAM.exemplar:
        exemplars.push(nested(reader, readExemplar));
        break;
      case HISTOGRAM.zeroCount:
        isNative = true;
        zeroCount = toNumber(reader.uint64());
        break;
      case HISTOGRAM.zeroCountFloat:
        isNative = true;
        zeroCountFloat = reader.double();
        native.isFloat = true;
        break;
      default:
        if (readNativeField(reader, tag, native)) isNative = true;
        else skip(reader, tag);
    }
  }
  histogram.count = countFloat || count;
  native.zeroCount = zeroCountFloat || zeroCount;
  if (isNative) histogram.native = native;
  if (exemplars.length > 0) histogram.exemplars = exemplars;
  return histogram;
}

/** False, with nothing read, when `tag` is of no such field. */
function readNativeField(reader: Reader, tag: number, native: NativeDraft): boolean {
  switch (tag) {
    case HISTOGRAM.schema:
      native.schema = reader.sint32();
      return true;
    case HISTOGRAM.zeroThreshold:
      native.zeroThreshold = reader.double();
      return true;
    case HISTOGRAM.negativeSpan:
      native.negativeSpans.push(nested(reader, readSpan));
      return true;
    case HISTOGRAM.negativeDelta:
    case HISTOGRAM.negativeDeltas:
      readDeltas(reader, tag, native.negativeDeltas);
      return true;
    case HISTOGRAM.negativeCount:
    case HISTOGRAM.negativeCounts:
      readCounts(reader, tag, native.negativeCounts);
      return true;
    case HISTOGRAM.positiveSpan:
      native.positiveSpans.push(nested(reader, readSpan));
      return true;
    case HISTOGRAM.positiveDelta:
    case HISTOGRAM.positiveDeltas:
      readDeltas(reader, tag, native.positiveDeltas);
      return true;
    case HISTOGRAM.positiveCount:
    case HISTOGRAM.positiveCounts:
      readCounts(reader, tag, native.positiveCounts);
      return true;
    default:
      return false;
  }
}

/** One number, or many when packed: a parser has to take both for either. */
function readDeltas(reader: Reader, tag: number, into: number[]): void {
  if (!isPacked(tag)) into.push(toNumber(reader.sint64()));
  else {
    nested(reader, () => {
      while (reader.pos < reader.len) into.push(toNumber(reader.sint64()));
    });
  }
}

function readCounts(reader: Reader, tag: number, into: number[]): void {
  if (!isPacked(tag)) into.push(reader.double());
  else {
    nested(reader, () => {
      while (reader.pos < reader.len) into.push(reader.double());
    });
  }
}

function isPacked(tag: number): boolean {
  return (tag & 7) === 2;
}

function readBucket(reader: Reader): Bucket {
  const bucket: Writable<Bucket> = { upperBound: 0, cumulativeCount: 0 };
  let count = 0;
  let countFloat = 0;
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    switch (tag) {
      case BUCKET.count:
        count = toNumber(reader.uint64());
        break;
      case BUCKET.upperBound:
        bucket.upperBound = reader.double();
        break;
      case BUCKET.exemplar:
        bucket.exemplar = nested(reader, readExemplar);
        break;
      case BUCKET.countFloat:
        countFloat = reader.double();
        break;
      default:
        skip(reader, tag);
    }
  }
  bucket.cumulativeCount = countFloat || count;
  return bucket;
}

function readSpan(reader: Reader): Span {
  let offset = 0;
  let length = 0;
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    if (tag === SPAN.offset) offset = reader.sint32();
    else if (tag === SPAN.length) length = reader.uint32();
    else skip(reader, tag);
  }
  return { offset, length };
}

function readExemplar(reader: Reader): Exemplar {
  const labels: Label[] = [];
  const exemplar: Writable<Exemplar> = { labels, value: 0 };
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    if (tag === EXEMPLAR.label) labels.push(nested(reader, readLabel));
    else if (tag === EXEMPLAR.value) exemplar.value = reader.double();
    else if (tag === EXEMPLAR.timestamp) exemplar.timestampSeconds = nested(reader, readTimestamp);
    else skip(reader, tag);
  }
  return exemplar;
}

function readTimestamp(reader: Reader): number {
  let seconds = 0;
  let nanos = 0;
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    if (tag === TIMESTAMP.seconds) seconds = toNumber(reader.int64());
    else if (tag === TIMESTAMP.nanos) nanos = reader.int32();
    else skip(reader, tag);
  }
  return seconds + nanos / 1e9;
}

/** The library replaces what is not UTF-8 by U+FFFD; whether the pusher meant that character is in the bytes. */
function readUtf8(reader: Reader, what: string): string {
  const start = reader.pos;
  const text = reader.string();
  if (text.includes("\uFFFD")) {
    reader.pos = start;
    if (!isUtf8(reader.bytes())) throw new ExpositionError(`${what} is not utf8: ${JSON.stringify(text)}`);
  }
  return text;
}

/**
 * A 64-bit integer as the library gives it, rounded to the next double; to the next lower one where the next has no 64
 * bits, so that what was read can be written again.
 */
function toNumber(long: { low: number; high: number; unsigned: boolean }): number {
  const high = long.unsigned ? long.high >>> 0 : long.high;
  return Math.min(high * 2 ** 32 + (long.low >>> 0), long.unsigned ? LARGEST_UINT64 : LARGEST_INT64);
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

/** A native histogram whose arrays can still grow. */
type NativeDraft = {
  -readonly [Key in keyof NativeHistogram]: NativeHistogram[Key] extends readonly (infer Item)[]
    ? Item[]
    : NativeHistogram[Key];
};
