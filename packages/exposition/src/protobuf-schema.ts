import type { MetricType } from "./family.ts";

/**
 * The field tags of io.prometheus.client (prometheus/client_model, metrics.proto): what stands before each field on the
 * wire, its number and wire type in one. A field that arrives with another wire type is thereby an unknown field, as in
 * Go's protobuf. Fields not listed are not read: only `MetricFamily.unit` (5), which text 0.0.4 cannot say.
 */

const VARINT = 0;
const DOUBLE = 1;
/** Strings, messages and packed numbers. */
const BYTES = 2;

export const FAMILY = {
  name: (1 << 3) | BYTES,
  help: (2 << 3) | BYTES,
  type: (3 << 3) | VARINT,
  metric: (4 << 3) | BYTES,
} as const;

export const METRIC = {
  label: (1 << 3) | BYTES,
  gauge: (2 << 3) | BYTES,
  counter: (3 << 3) | BYTES,
  summary: (4 << 3) | BYTES,
  untyped: (5 << 3) | BYTES,
  timestampMs: (6 << 3) | VARINT,
  histogram: (7 << 3) | BYTES,
} as const;

export const LABEL = {
  name: (1 << 3) | BYTES,
  value: (2 << 3) | BYTES,
} as const;

/** Gauge and Untyped have the value only. */
export const COUNTER = {
  value: (1 << 3) | DOUBLE,
  exemplar: (2 << 3) | BYTES,
  created: (3 << 3) | BYTES,
} as const;

export const SUMMARY = {
  count: (1 << 3) | VARINT,
  sum: (2 << 3) | DOUBLE,
  quantile: (3 << 3) | BYTES,
  created: (4 << 3) | BYTES,
} as const;

export const QUANTILE = {
  quantile: (1 << 3) | DOUBLE,
  value: (2 << 3) | DOUBLE,
} as const;

/** Where there are two forms of a count, integer and float, the float one overrides when it is above zero. */
export const HISTOGRAM = {
  count: (1 << 3) | VARINT,
  sum: (2 << 3) | DOUBLE,
  bucket: (3 << 3) | BYTES,
  countFloat: (4 << 3) | DOUBLE,
  schema: (5 << 3) | VARINT,
  zeroThreshold: (6 << 3) | DOUBLE,
  zeroCount: (7 << 3) | VARINT,
  zeroCountFloat: (8 << 3) | DOUBLE,
  negativeSpan: (9 << 3) | BYTES,
  negativeDelta: (10 << 3) | VARINT,
  negativeDeltas: (10 << 3) | BYTES,
  negativeCount: (11 << 3) | DOUBLE,
  negativeCounts: (11 << 3) | BYTES,
  positiveSpan: (12 << 3) | BYTES,
  positiveDelta: (13 << 3) | VARINT,
  positiveDeltas: (13 << 3) | BYTES,
  positiveCount: (14 << 3) | DOUBLE,
  positiveCounts: (14 << 3) | BYTES,
  created: (15 << 3) | BYTES,
  exemplar: (16 << 3) | BYTES,
} as const;

export const BUCKET = {
  count: (1 << 3) | VARINT,
  upperBound: (2 << 3) | DOUBLE,
  exemplar: (3 << 3) | BYTES,
  countFloat: (4 << 3) | DOUBLE,
} as const;

export const SPAN = {
  offset: (1 << 3) | VARINT,
  length: (2 << 3) | VARINT,
} as const;

export const EXEMPLAR = {
  label: (1 << 3) | BYTES,
  value: (2 << 3) | DOUBLE,
  timestamp: (3 << 3) | BYTES,
} as const;

/** google.protobuf.Timestamp. */
export const TIMESTAMP = {
  seconds: (1 << 3) | VARINT,
  nanos: (2 << 3) | VARINT,
} as const;

/** The enum MetricType: the index is the number on the wire. A family that does not say its type is a counter. */
export const METRIC_TYPES = [
  "counter",
  "gauge",
  "summary",
  "untyped",
  "histogram",
  "gaugehistogram",
] as const satisfies readonly MetricType[];

/** The field of Metric that holds the data of each type. */
export const DATA_OF_TYPE = {
  counter: METRIC.counter,
  gauge: METRIC.gauge,
  summary: METRIC.summary,
  untyped: METRIC.untyped,
  histogram: METRIC.histogram,
  gaugehistogram: METRIC.histogram,
} as const satisfies Record<MetricType, number>;

/** The largest double below 2^64. */
export const LARGEST_UINT64 = 2 ** 64 - 2 ** 11;

/** The largest double below 2^63. */
export const LARGEST_INT64 = 2 ** 63 - 2 ** 10;
