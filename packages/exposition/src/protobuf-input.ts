import { isUtf8 } from "node:buffer";
import { BufferReader } from "protobufjs/minimal.js";
import { ExpositionError } from "./family.ts";
import { type ContentLimits, LimitExceeded, shown } from "./limits.ts";
import { LARGEST_INT64, LARGEST_UINT64 } from "./protobuf-schema.ts";

/** The names and texts that a length limit is for. */
type LimitedText = Extract<keyof ContentLimits, `${string}-length`>;

/**
 * A body as it is read, and how much it has brought so far: LimitExceeded is thrown before anything is made of what is too
 * much. All that takes room and may be repeated is counted as a series, because an empty message is only two bytes long.
 */
export class Input extends BufferReader {
  /** The name of the family that is read, once it is known. */
  familyName = "";
  readonly #limits: ContentLimits;
  #families = 0;
  #series = 0;

  constructor(bytes: Uint8Array, limits: ContentLimits) {
    super(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    this.#limits = limits;
  }

  countFamily(): void {
    if (++this.#families > this.#limits["push.max-families"]) throw this.#exceeded("push.max-families");
  }

  /** To be called for each series, or what takes as much room. */
  countSeries(): void {
    if (++this.#series > this.#limits["push.max-series"]) throw this.#exceeded("push.max-series");
  }

  /** To be called before a label is added to so many. */
  countLabel(before: number): void {
    if (before >= this.#limits["push.max-labels"]) throw this.#exceeded("push.max-labels");
  }

  /** The name of a family. */
  metricName(): string {
    return this.#utf8("push.max-metric-name-length", "metric name", (name) => shown(name));
  }

  labelName(): string {
    return this.#utf8("push.max-label-name-length", "label name", (name) => this.#label(name));
  }

  /** @param name That of the label, where it came before the value. */
  labelValue(name: string): string {
    return this.#utf8("push.max-label-value-length", "label value", () => this.#label(name));
  }

  #label(name: string): string {
    return `${shown(name)} of ${shown(this.familyName)}`;
  }

  /** @param what Names it in errors. */
  #utf8(limit: LimitedText, what: string, offenderOf: (text: string) => string): string {
    const start = this.pos;
    const text = this.string();
    if (this.pos - start > this.#limits[limit]) this.#refuseIfLonger(limit, start, offenderOf(text));
    // The library replaces what is not UTF-8; whether the pusher meant that character is in the bytes.
    if (text.includes("\uFFFD")) {
      this.pos = start;
      if (!isUtf8(this.bytes())) throw new ExpositionError(`${what} is not utf8: ${JSON.stringify(text)}`);
    }
    return text;
  }

  /** The help of a family, repaired with U+FFFD where it is not UTF-8. */
  help(): string {
    const start = this.pos;
    const text = this.string();
    if (this.pos - start > this.#limits["push.max-help-length"])
      this.#refuseIfLonger("push.max-help-length", start, shown(this.familyName));
    return text;
  }

  /** Without the length that stands before the text at `start`. */
  #refuseIfLonger(limit: LimitedText, start: number, offender: string): void {
    this.pos = start;
    if (this.bytes().length > this.#limits[limit]) throw this.#exceeded(limit, offender);
  }

  #exceeded(limit: keyof ContentLimits, offender = shown(this.familyName)): LimitExceeded {
    return new LimitExceeded(limit, { value: this.#limits[limit], offender });
  }
}

/** The error to throw for one that came up while reading: the library reports every malformed input by an Error of no particular kind. */
export function readError(error: unknown): ExpositionError | LimitExceeded {
  if (error instanceof ExpositionError || error instanceof LimitExceeded) return error;
  return new ExpositionError("proto: cannot parse invalid wire-format data", { cause: error });
}

/**
 * The end of the message whose length comes next. A length beyond the body may be a lie: nothing is allocated for it.
 */
export function readLength(input: Input): number {
  let length = 0;
  for (let shift = 0; shift < 64; shift += 7) {
    const byte = input.buf[input.pos++];
    if (byte === undefined) throw new ExpositionError("unexpected EOF");
    length += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return input.pos + length;
  }
  throw new ExpositionError("proto: variable length integer overflow");
}

/**
 * Reads a length and then a message, packed field or the like of that length. Within `read`, `input.len` is its end, so
 * that no inner field can reach beyond it.
 */
export function nested<T>(input: Input, read: (input: Input) => T): T {
  const outerEnd = input.len;
  const end = input.size() + input.pos;
  if (end > outerEnd) throw new RangeError("a field is longer than the message around it");
  input.len = end;
  const value = read(input);
  input.len = outerEnd;
  return value;
}

export function skip(input: Input, tag: number): void {
  input.skipType(tag & 7, 0, tag >>> 3);
}

/**
 * A 64-bit integer as the library gives it, rounded to the next double; to the next lower one where the next has no 64
 * bits, so that what was read can be written again.
 */
export function toNumber(long: { low: number; high: number; unsigned: boolean }): number {
  const high = long.unsigned ? long.high >>> 0 : long.high;
  return Math.min(high * 2 ** 32 + (long.low >>> 0), long.unsigned ? LARGEST_UINT64 : LARGEST_INT64);
}
