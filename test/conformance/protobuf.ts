import { OWN_FAMILY, type ScrapeOptions } from "./scrape.ts";

/** Content type of delimited io.prometheus.client.MetricFamily messages. */
export const PROTOBUF =
  "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited";

type Kind = "string" | "double" | "uint" | "sint" | Schema;
/** Field number → name, kind. A second reader of the format on purpose: the gateway's own must not judge itself. */
interface Schema {
  readonly [field: number]: readonly [name: string, kind: Kind];
}

const LABEL: Schema = { 1: ["name", "string"], 2: ["value", "string"] };
const TIME: Schema = { 1: ["seconds", "uint"], 2: ["nanos", "uint"] };
const SIMPLE: Schema = { 1: ["value", "double"] };
const EXEMPLAR: Schema = { 1: ["label", LABEL], 2: ["value", "double"], 3: ["timestamp", TIME] };
const COUNTER: Schema = { ...SIMPLE, 2: ["exemplar", EXEMPLAR], 3: ["created", TIME] };
const SPAN: Schema = { 1: ["offset", "sint"], 2: ["length", "uint"] };
const BUCKET: Schema = {
  1: ["cumulative_count", "uint"],
  2: ["upper_bound", "double"],
  3: ["exemplar", EXEMPLAR],
  4: ["cumulative_count_float", "double"],
};
const QUANTILE: Schema = { 1: ["quantile", "double"], 2: ["value", "double"] };
const SUMMARY: Schema = {
  1: ["sample_count", "uint"],
  2: ["sample_sum", "double"],
  3: ["quantile", QUANTILE],
  4: ["created", TIME],
};
const HISTOGRAM: Schema = {
  1: ["sample_count", "uint"],
  2: ["sample_sum", "double"],
  3: ["bucket", BUCKET],
  4: ["sample_count_float", "double"],
  5: ["schema", "sint"],
  6: ["zero_threshold", "double"],
  7: ["zero_count", "uint"],
  8: ["zero_count_float", "double"],
  9: ["negative_span", SPAN],
  10: ["negative_delta", "sint"],
  11: ["negative_count", "double"],
  12: ["positive_span", SPAN],
  13: ["positive_delta", "sint"],
  14: ["positive_count", "double"],
  15: ["created", TIME],
  16: ["exemplars", EXEMPLAR],
};
const METRIC: Schema = {
  1: ["label", LABEL],
  2: ["gauge", SIMPLE],
  3: ["counter", COUNTER],
  4: ["summary", SUMMARY],
  5: ["untyped", SIMPLE],
  6: ["timestamp_ms", "uint"],
  7: ["histogram", HISTOGRAM],
};
const FAMILY: Schema = {
  1: ["name", "string"],
  2: ["help", "string"],
  3: ["type", "uint"],
  4: ["metric", METRIC],
};

export const FAMILY_TYPE = { counter: 0, gauge: 1, summary: 2, untyped: 3, histogram: 4, gaugehistogram: 5 };

/** Field name → value, values, or nested messages. */
export interface Message {
  readonly [field: string]: Value | readonly Value[];
}
type Value = string | number | Uint8Array | Message;

/** One length-delimited MetricFamily. */
export function family(message: Message): Uint8Array {
  const bytes = encode(message, FAMILY);
  return Buffer.concat([varint(BigInt(bytes.length)), bytes]);
}

/** The message alone, without its length. */
export const bareFamily = (message: Message): Uint8Array => encode(message, FAMILY);

export const families = (...messages: readonly Message[]): Uint8Array => Buffer.concat(messages.map(family));

/** Labels from pairs, for the field `label`. */
export const labels = (...pairs: readonly (readonly [string, string])[]): Message[] =>
  pairs.map(([name, value]) => ({ name, value }));

function encode(message: Message, schema: Schema): Buffer {
  const parts: Uint8Array[] = [];
  for (const [number, [name, kind]] of Object.entries(schema)) {
    const value = message[name];
    if (value === undefined) continue;
    for (const one of Array.isArray(value) ? value : [value]) parts.push(...field(BigInt(number), kind, one));
  }
  return Buffer.concat(parts);
}

function field(number: bigint, kind: Kind, value: Value): Uint8Array[] {
  if (kind === "double") {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(Number(value));
    return [varint((number << 3n) | 1n), bytes];
  }
  if (kind === "uint") return [varint(number << 3n), varint(BigInt.asUintN(64, BigInt(Number(value))))];
  if (kind === "sint") return [varint(number << 3n), varint(zigzag(BigInt(Number(value))))];
  const bytes =
    kind === "string"
      ? value instanceof Uint8Array
        ? value
        : Buffer.from(String(value))
      : // A nested schema goes with a nested message.
        encode(value as Message, kind);
  return [varint((number << 3n) | 2n), varint(BigInt(bytes.length)), bytes];
}

const zigzag = (value: bigint) => (value << 1n) ^ (value >> 63n);

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}

/** Reads a scrape into name → comparable family: fields at their default and empty labels left out, metrics sorted. */
export function readFamilies(bytes: Buffer, options: ScrapeOptions = {}): Map<string, unknown> {
  const read = new Map<string, unknown>();
  const input = { bytes, at: 0 };
  while (input.at < bytes.length) {
    const length = Number(readVarint(input));
    const message = decode(bytes.subarray(input.at, input.at + length), FAMILY);
    input.at += length;
    const name = String(message["name"]?.[0]);
    if (read.has(name)) throw new Error(`family twice: ${name}`);
    if (OWN_FAMILY.test(name) && options.keepOwn !== true) continue;
    const metrics = (message["metric"] ?? [])
      .map((metric) => JSON.stringify(metric))
      .filter((text) => !text.includes(`{"name":["job"],"value":["${options.withoutJob}"]}`))
      .map((text) =>
        /^push_(failure_)?time_seconds$/.test(name)
          ? text.replace(/"gauge":\[\{"value":\["[^"]+"\]/, '"gauge":[{"value":["set"]')
          : text,
      );
    if (metrics.length > 0) read.set(name, { ...message, metric: metrics.sort() });
  }
  return read;
}

type Decoded = { [field: string]: unknown[] };

function decode(bytes: Buffer, schema: Schema): Decoded {
  const message: Decoded = {};
  const input = { bytes, at: 0 };
  while (input.at < bytes.length) {
    const tag = Number(readVarint(input));
    const [name, kind] = schema[tag >> 3] ?? [`field ${tag >> 3}`, "string"];
    const values: unknown[] = [];
    if ((tag & 7) !== 2) {
      values.push(readNumber(input, kind));
    } else {
      const length = Number(readVarint(input));
      const inner = { bytes: bytes.subarray(input.at, input.at + length), at: 0 };
      input.at += length;
      if (typeof kind === "object") values.push(decode(inner.bytes, kind));
      else if (kind === "string") values.push(inner.bytes.toString());
      // Packed numbers.
      else while (inner.at < length) values.push(readNumber(inner, kind));
    }
    const isDefault = (value: unknown) => value === "" || (value === "0" && !REPEATED.has(name));
    const told = values.filter(
      (value) =>
        !isDefault(value) && !isEmptyLabel(schema, value) && !(name === "bucket" && isLastBucket(value)),
    );
    if (told.length > 0) message[name] = [...(message[name] ?? []), ...told];
  }
  return Object.fromEntries(Object.entries(message).sort(([a], [b]) => (a < b ? -1 : 1)));
}

const REPEATED = new Set(["negative_delta", "negative_count", "positive_delta", "positive_count"]);

function readNumber(input: { readonly bytes: Buffer; at: number }, kind: Kind): string {
  if (kind === "double") {
    input.at += 8;
    return String(input.bytes.readDoubleLE(input.at - 8));
  }
  const raw = readVarint(input);
  return String(kind === "sint" ? (raw >> 1n) ^ -(raw & 1n) : raw);
}

/** The difference `api-numbers`: the last bucket may be there or not. One with an exemplar has to be. */
const isLastBucket = (value: unknown) =>
  /"upper_bound":\["Infinity"\]\}$/.test(JSON.stringify(value)) &&
  !JSON.stringify(value).includes("exemplar");

const isEmptyLabel = (schema: Schema, value: unknown) =>
  (schema === METRIC || schema === EXEMPLAR) &&
  typeof value === "object" &&
  value !== null &&
  "name" in value &&
  !("value" in value);

function readVarint(input: { readonly bytes: Buffer; at: number }): bigint {
  let value = 0n;
  for (let shift = 0n; ; shift += 7n) {
    const byte = input.bytes[input.at++];
    if (byte === undefined) throw new Error("protobuf ends in a number");
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
}
