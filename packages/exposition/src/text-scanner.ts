import { isAscii, isUtf8 } from "node:buffer";
import { ExpositionError } from "./family.ts";
import { parseFloatText } from "./floats.ts";
import { quoteBytes } from "./quote.ts";

/** The bytes that mean something to the text format. */
export const Byte = {
  tab: 0x09,
  lineFeed: 0x0a,
  blank: 0x20,
  quote: 0x22,
  hash: 0x23,
  comma: 0x2c,
  zero: 0x30,
  nine: 0x39,
  colon: 0x3a,
  equals: 0x3d,
  backslash: 0x5c,
  underscore: 0x5f,
  lowerN: 0x6e,
  openBrace: 0x7b,
  closeBrace: 0x7d,
} as const;

/** With no more digits than these an integer is exact when added up digit by digit. */
const SAFE_DIGITS = 15;

const MAX_INT64 = 2n ** 63n - 1n;

/**
 * Cuts a text body into its tokens, one forward pass over the bytes. Strings it returns as "bytes" hold one character
 * a byte, since the grammar is about bytes and only what is kept has to become text: see `text`.
 */
export class TextScanner {
  /** 1-based; 0 before the first call of `nextLine`. */
  line = 0;
  /** Whether the name read last was quoted, wholly or in part. */
  nameWasQuoted = false;

  readonly #bytes: string;
  readonly #isAscii: boolean;
  #position = 0;
  /** Where the current line's "\n" is, or the end of the body when there is none. */
  #lineEnd = -1;
  /** The first backslash from the last place on that asked for it, so that none is searched for twice. */
  #backslash = -1;

  constructor(body: Uint8Array) {
    this.#bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("latin1");
    this.#isAscii = isAscii(body);
  }

  /** Goes to the first byte of the next line that is not blank; false when the body ends before it. */
  nextLine(): boolean {
    this.line++;
    this.#position = this.#lineEnd + 1;
    this.skipBlanks();
    const { length } = this.#bytes;
    if (this.#position >= length) return false;
    const end = this.#bytes.indexOf("\n", this.#position);
    this.#lineEnd = end < 0 ? length : end;
    return true;
  }

  /** The byte at the current place. Running out of bytes anywhere but at the start of a line is an error. */
  peek(): number {
    if (this.#position >= this.#bytes.length) throw this.error("unexpected end of input stream");
    return this.#bytes.charCodeAt(this.#position);
  }

  /** Past the current byte. */
  skip(): void {
    this.#position++;
  }

  skipBlanks(): void {
    while (isBlank(this.#bytes.charCodeAt(this.#position))) this.#position++;
  }

  skipLine(): void {
    this.#position = this.#lineEnd;
    this.peek();
  }

  /** Bytes up to the next blank or the end of the line. */
  readToken(): string {
    const start = this.#position;
    let end = start;
    while (end < this.#lineEnd && !isBlank(this.#bytes.charCodeAt(end))) end++;
    this.#position = end;
    this.peek();
    return this.#bytes.slice(start, end);
  }

  /** Bytes up to the end of the line without blanks at the end, and without backslashes as upstream. */
  readRestOfLine(): string {
    const start = this.#position;
    this.skipLine();
    let end = this.#lineEnd;
    // A pattern for this would take quadratic time on blanks in the middle.
    while (end > start && isBlank(this.#bytes.charCodeAt(end - 1))) end--;
    return this.#bytes.slice(start, end).replaceAll("\\", "");
  }

  /** The text of a HELP line. */
  readHelp(): string {
    if (this.#hasEscapeBefore(this.#lineEnd)) return this.#readEscaped(Byte.lineFeed, "help", "");
    const start = this.#position;
    this.skipLine();
    return this.#bytes.slice(start, this.#lineEnd);
  }

  /** A label value; the current byte is its opening quote. */
  readLabelValue(): string {
    return this.#readQuoted("label value", "");
  }

  /**
   * A name as far as it goes; "" when none starts here. Like upstream it takes quotes not only around a name but within
   * one, up to the closing quote: `a"b c"` is the name `ab c`.
   */
  readName(kind: "metric name" | "label name"): string {
    const start = this.#position;
    let end = start;
    let code = this.#bytes.charCodeAt(start);
    if (!isDigit(code)) {
      while (isNameByte(code) || (code === Byte.colon && kind === "metric name")) {
        code = this.#bytes.charCodeAt(++end);
      }
    }
    this.#position = end;
    const name = this.#bytes.slice(start, end);
    this.nameWasQuoted = code === Byte.quote;
    return this.nameWasQuoted ? this.#readQuoted(kind, name) : name;
  }

  /** A sample value, up to the blank or "\n" after it. */
  readValue(): number {
    const start = this.#position;
    let end = start;
    let code = this.#bytes.charCodeAt(end);
    let value = 0;
    while (isDigit(code) && end - start < SAFE_DIGITS) {
      value = value * 10 + (code - Byte.zero);
      code = this.#bytes.charCodeAt(++end);
    }
    if (end > start && (code === Byte.lineFeed || isBlank(code))) {
      this.#position = end;
      return value;
    }

    const token = this.readToken();
    const parsed = parseFloatText(token);
    if (parsed === undefined) throw this.error(`expected float as value, got ${quoteBytes(token)}`);
    return parsed;
  }

  /** The timestamp that may follow a value, and the end of the line. */
  readTimestamp(): number | undefined {
    this.skipBlanks();
    if (this.peek() === Byte.lineFeed) return undefined;
    const token = this.readToken();
    if (!isInt64(token)) throw this.error(`expected integer as timestamp, got ${quoteBytes(token)}`);
    const rest = this.readRestOfLine();
    if (rest !== "") throw this.error(`spurious string after timestamp: ${quoteBytes(rest)}`);
    return Number(token);
  }

  /** The text that these bytes encode in UTF-8; `undefined` when they do not. */
  text(bytes: string): string | undefined {
    if (this.#isAscii) return bytes;
    const encoded = Buffer.from(bytes, "latin1");
    return isUtf8(encoded) ? encoded.toString("utf8") : undefined;
  }

  /** An error of the current line, worded as upstream's. */
  error(problem: string): ExpositionError {
    return new ExpositionError(`text format parsing error in line ${this.line}: ${problem}`, {
      line: this.line,
    });
  }

  #readQuoted(kind: "metric name" | "label name" | "label value", before: string): string {
    const start = this.#position + 1;
    const end = this.#bytes.indexOf('"', start);
    this.#position = start;
    if (end < 0 || end > this.#lineEnd || this.#hasEscapeBefore(end)) {
      return this.#readEscaped(Byte.quote, kind, before);
    }
    this.#position = end + 1;
    return before + this.#bytes.slice(start, end);
  }

  #hasEscapeBefore(end: number): boolean {
    if (this.#backslash < this.#position) {
      const next = this.#bytes.indexOf("\\", this.#position);
      this.#backslash = next < 0 ? Number.POSITIVE_INFINITY : next;
    }
    return this.#backslash < end;
  }

  /** Up to the quote (and past it) or line feed (and not) that ends it, with `\\`, `\n` and `\"` undone. */
  #readEscaped(last: typeof Byte.quote | typeof Byte.lineFeed, kind: string, before: string): string {
    let read = before;
    let start = this.#position;
    for (; ; this.#position++) {
      const code = this.peek();
      if (code !== last && code !== Byte.lineFeed && code !== Byte.backslash) continue;

      read += this.#bytes.slice(start, this.#position);
      if (code === last) break;
      if (code === Byte.lineFeed) throw this.error(`${kind} ${quoteBytes(read)} contains unescaped new-line`);
      this.#position++;
      read += this.#unescaped(this.peek());
      start = this.#position + 1;
    }
    if (last === Byte.quote) this.#position++;
    return read;
  }

  #unescaped(code: number): string {
    switch (code) {
      case Byte.backslash:
        return "\\";
      case Byte.lowerN:
        return "\n";
      case Byte.quote:
        return '"';
      default:
        throw this.error(`invalid escape sequence '\\${String.fromCharCode(code)}'`);
    }
  }
}

export function isBlank(code: number): boolean {
  return code === Byte.blank || code === Byte.tab;
}

function isDigit(code: number): boolean {
  return code >= Byte.zero && code <= Byte.nine;
}

/** `[a-zA-Z0-9_]` */
function isNameByte(code: number): boolean {
  const lower = code | 0x20;
  return (lower >= 0x61 && lower <= 0x7a) || code === Byte.underscore || isDigit(code);
}

function isInt64(token: string): boolean {
  const digits = /^[+-]?0*(\d{1,19})$/.exec(token)?.[1];
  if (digits === undefined) return false;
  const limit = token.startsWith("-") ? MAX_INT64 + 1n : MAX_INT64;
  return BigInt(digits) <= limit;
}
