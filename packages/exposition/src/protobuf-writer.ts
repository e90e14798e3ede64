import { Writer } from "protobufjs/minimal.js";
import type {
  Bucket,
  Exemplar,
  Family,
  HistogramData,
  Label,
  Metric,
  MetricData,
  MetricType,
  NativeHistogram,
  SimpleData,
  Span,
  SummaryData,
} from "./family.ts";
import {
  BUCKET,
  COUNTER,
  DATA_OF_TYPE,
  EXEMPLAR,
  FAMILY,
  HISTOGRAM,
  LABEL,
  LARGEST_UINT64,
  METRIC,
  METRIC_TYPES,
  QUANTILE,
  SPAN,
  SUMMARY,
  TIMESTAMP,
} from "./protobuf-schema.ts";

/**
 * The `metric` fields of a MetricFamily message of that type, one after the other. The bytes of several calls can be
 * concatenated: put `familyPrefix` before them and they are one delimited message. Reading them gives the metrics back
 * as they were; counts beyond 2^64 are cut to the largest there is.
 */
export function encodeMetrics(type: MetricType, metrics: readonly Metric[]): Uint8Array {
  const writer = Writer.create();
  for (const metric of metrics) {
    writer.uint32(FAMILY.metric).fork();
    writeMetric(writer, type, metric);
    writer.ldelim();
  }
  return writer.finish();
}

/**
 * What comes before `metricsLength` bytes of metric fields to make one varint-delimited MetricFamily message: the length
 * of the whole, name, help (only if non-empty) and type.
 */
export function familyPrefix(
  family: Pick<Family, "name" | "help" | "type">,
  metricsLength: number,
): Uint8Array {
  const fields = Writer.create();
  fields.uint32(FAMILY.name).string(family.name);
  if (family.help !== "") fields.uint32(FAMILY.help).string(family.help);
  fields.uint32(FAMILY.type).int32(METRIC_TYPES.indexOf(family.type));
  const length = Writer.create().uint32(fields.len + metricsLength);
  return length.raw(fields.finish(true)).finish();
}

/**
 * Whether text 0.0.4 loses something of these metrics: native histograms, exemplars or created timestamps; or bounds that
 * are no number, with which a parser does not know what to do.
 */
export function needsProto(metrics: readonly Metric[]): boolean {
  return metrics.some(({ data }) => isBeyondText(data));
}

function isBeyondText(data: MetricData): boolean {
  switch (data.kind) {
    case "simple":
      return data.exemplar !== undefined || data.createdSeconds !== undefined;
    case "summary":
      return data.createdSeconds !== undefined || data.quantiles.some(([quantile]) => Number.isNaN(quantile));
    case "histogram":
      return (
        data.native !== undefined ||
        data.exemplars !== undefined ||
        data.createdSeconds !== undefined ||
        data.buckets.some(({ upperBound, exemplar }) => Number.isNaN(upperBound) || exemplar !== undefined)
      );
    case "missing":
      return false;
  }
}

function writeMetric(writer: Writer, type: MetricType, { labels, data, timestampMs }: Metric): void {
  for (const label of labels) writeLabel(writer, METRIC.label, label);
  if (data.kind !== "missing") {
    writer.uint32(DATA_OF_TYPE[type]).fork();
    if (data.kind === "simple") writeSimple(writer, data);
    else if (data.kind === "summary") writeSummary(writer, data);
    else writeHistogram(writer, data);
    writer.ldelim();
  }
  if (timestampMs !== undefined) writer.uint32(METRIC.timestampMs).int64(timestampMs);
}

function writeLabel(writer: Writer, tag: number, [name, value]: Label): void {
  writer.uint32(tag).fork();
  writer.uint32(LABEL.name).string(name);
  writer.uint32(LABEL.value).string(value);
  writer.ldelim();
}

function writeSimple(writer: Writer, data: SimpleData): void {
  writer.uint32(COUNTER.value).double(data.value);
  if (data.exemplar !== undefined) writeExemplar(writer, COUNTER.exemplar, data.exemplar);
  writeTimestamp(writer, COUNTER.created, data.createdSeconds);
}

function writeSummary(writer: Writer, data: SummaryData): void {
  writer.uint32(SUMMARY.count).uint64(toUint64(data.count));
  writer.uint32(SUMMARY.sum).double(data.sum);
  for (const [quantile, value] of data.quantiles) {
    writer.uint32(SUMMARY.quantile).fork();
    writer.uint32(QUANTILE.quantile).double(quantile);
    writer.uint32(QUANTILE.value).double(value);
    writer.ldelim();
  }
  writeTimestamp(writer, SUMMARY.created, data.createdSeconds);
}

function writeHistogram(writer: Writer, data: HistogramData): void {
  // A float count would make a native histogram a float one, which has its buckets elsewhere.
  const isFloat =
    data.native?.isFloat ??
    (!isCount(data.count) || data.buckets.some(({ cumulativeCount }) => !isCount(cumulativeCount)));
  if (isFloat) writer.uint32(HISTOGRAM.countFloat).double(data.count);
  else writer.uint32(HISTOGRAM.count).uint64(toUint64(data.count));
  writer.uint32(HISTOGRAM.sum).double(data.sum);
  for (const bucket of data.buckets)
    writeBucket(writer, bucket, { isFloat: isFloat || !isCount(bucket.cumulativeCount) });
  if (data.native !== undefined) writeNative(writer, data.native);
  writeTimestamp(writer, HISTOGRAM.created, data.createdSeconds);
  for (const exemplar of data.exemplars ?? []) writeExemplar(writer, HISTOGRAM.exemplar, exemplar);
}

function writeBucket(writer: Writer, bucket: Bucket, { isFloat }: { isFloat: boolean }): void {
  writer.uint32(HISTOGRAM.bucket).fork();
  if (isFloat) writer.uint32(BUCKET.countFloat).double(bucket.cumulativeCount);
  else writer.uint32(BUCKET.count).uint64(toUint64(bucket.cumulativeCount));
  writer.uint32(BUCKET.upperBound).double(bucket.upperBound);
  if (bucket.exemplar !== undefined) writeExemplar(writer, BUCKET.exemplar, bucket.exemplar);
  writer.ldelim();
}

/** Schema, threshold and zero count are written even when zero: their presence tells a native histogram without buckets. */
function writeNative(writer: Writer, native: NativeHistogram): void {
  writer.uint32(HISTOGRAM.schema).sint32(native.schema);
  writer.uint32(HISTOGRAM.zeroThreshold).double(native.zeroThreshold);
  if (native.isFloat) writer.uint32(HISTOGRAM.zeroCountFloat).double(native.zeroCount);
  else writer.uint32(HISTOGRAM.zeroCount).uint64(toUint64(native.zeroCount));
  for (const span of native.negativeSpans) writeSpan(writer, HISTOGRAM.negativeSpan, span);
  writeDeltas(writer, HISTOGRAM.negativeDeltas, native.negativeDeltas);
  writeCounts(writer, HISTOGRAM.negativeCounts, native.negativeCounts);
  for (const span of native.positiveSpans) writeSpan(writer, HISTOGRAM.positiveSpan, span);
  writeDeltas(writer, HISTOGRAM.positiveDeltas, native.positiveDeltas);
  writeCounts(writer, HISTOGRAM.positiveCounts, native.positiveCounts);
}

function writeSpan(writer: Writer, tag: number, { offset, length }: Span): void {
  writer.uint32(tag).fork();
  writer.uint32(SPAN.offset).sint32(offset);
  writer.uint32(SPAN.length).uint32(length);
  writer.ldelim();
}

function writeDeltas(writer: Writer, tag: number, deltas: readonly number[]): void {
  if (deltas.length > 0) writer.uint32(tag).sint64s([...deltas]);
}

function writeCounts(writer: Writer, tag: number, counts: readonly number[]): void {
  if (counts.length > 0) writer.uint32(tag).doubles([...counts]);
}

function writeExemplar(writer: Writer, tag: number, exemplar: Exemplar): void {
  writer.uint32(tag).fork();
  for (const label of exemplar.labels) writeLabel(writer, EXEMPLAR.label, label);
  writer.uint32(EXEMPLAR.value).double(exemplar.value);
  writeTimestamp(writer, EXEMPLAR.timestamp, exemplar.timestampSeconds);
  writer.ldelim();
}

/** Seconds as google.protobuf.Timestamp has them: `nanos` counts forward, before the epoch too, and zeros are left out. */
function writeTimestamp(writer: Writer, tag: number, time: number | undefined): void {
  if (time === undefined) return;
  const whole = Math.floor(time);
  const nanos = Math.round((time - whole) * 1e9);
  const seconds = nanos === 1e9 ? whole + 1 : whole;
  writer.uint32(tag).fork();
  if (seconds !== 0) writer.uint32(TIMESTAMP.seconds).int64(seconds);
  if (nanos % 1e9 !== 0) writer.uint32(TIMESTAMP.nanos).int32(nanos);
  writer.ldelim();
}

/** Whether an integer field can hold it. */
function isCount(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= LARGEST_UINT64;
}

function toUint64(value: number): number {
  return Math.min(Math.max(value, 0), LARGEST_UINT64);
}
