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
  plus: 0x2b,
  comma: 0x2c,
  minus: 0x2d,
  point: 0x2e,
  zero: 0x30,
  nine: 0x39,
  colon: 0x3a,
  equals: 0x3d,
  backslash: 0x5c,
  underscore: 0x5f,
  lowerE: 0x65,
  lowerN: 0x6e,
  openBrace: 0x7b,
  closeBrace: 0x7d,
} as const;

/** With no more decimal digits than these every integer is an exact float. */
const EXACT_DIGITS = 15;

/** The powers of ten that are exact floats. */
const POWERS_OF_TEN: readonly number[] = [
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
  1e20, 1e21, 1e22,
];
const EXACT_POWER = POWERS_OF_TEN.length - 1;

const MAX_INT64 = 2n ** 63n - 1n;

/**
 * Cuts a text body into its tokens, one forward pass over the bytes. Strings it returns as "bytes" hold one character
 * a byte, since the grammar is about bytes and only what is kept has to become text: see `text`.
 */
export class TextScanner {
  /** 1-based; before the first call of `nextLine` that of the line before the body. */
  line: number;
  /** Whether the name read last was quoted, wholly or in part. */
  nameWasQuoted = false;

  readonly #body: Uint8Array;
  readonly #bytes: string;
  /** Not known before it matters. */
  #isAsciiBody: boolean | undefined;
  #position = 0;
  #lineStart = 0;
  /** Where the current line's "\n" is, or the end of the body when there is none. */
  #lineEnd = -1;
  /** The first backslash from the last place on that asked for it, so that none is searched for twice. */
  #backslash = -1;

  /** @param linesBefore How many lines stand before the body, where it is the continuation of another. */
  constructor(body: Uint8Array, linesBefore = 0) {
    this.line = linesBefore;
    this.#body = body;
    const buffer = Buffer.isBuffer(body) ? body : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
    this.#bytes = buffer.toString("latin1");
  }

  /**
   * Goes to the first byte of the next line that is not blank; false when the body ends before it. The line then has to
   * be opened before it is read, or else passed by `passText` or `passSample`.
   */
  nextLine(): boolean {
    this.line++;
    this.#position = this.#lineEnd + 1;
    this.skipBlanks();
    this.#lineStart = this.#position;
    return this.#position < this.#bytes.length;
  }

  /** Bytes of the body before the current line. */
  get lineStart(): number {
    return this.#lineStart;
  }

  /** Starts reading the current line from its first byte that is not blank. */
  openLine(): void {
    this.#position = this.#lineStart;
    this.#lineEnd = this.#endOfLine();
  }

  /** Whether the current line starts so. */
  startsWith(text: string): boolean {
    // Four times as fast as String.prototype.startsWith.
    return this.#bytes.slice(this.#lineStart, this.#lineStart + text.length) === text;
  }

  /** Done with the current line, which is `length` bytes long with its "\n". */
  passLine(length: number): void {
    this.#lineEnd = this.#lineStart + length - 1;
  }

  /**
   * Reads the value that is all of the current line from the byte `offset` on and is done with the line; undefined, and
   * nothing has happened, when there is more than a value or none.
   */
  passValue(offset: number): number | undefined {
    this.#position = this.#lineStart + offset;
    const value = this.#readDecimal();
    if (!Number.isNaN(value) && this.#bytes.charCodeAt(this.#position) === Byte.lineFeed) {
      this.#lineEnd = this.#position;
      return value;
    }
    const end = this.#endOfLine();
    if (end === this.#bytes.length) return undefined;
    const parsed = parseFloatText(this.#bytes.slice(this.#lineStart + offset, end));
    if (parsed !== undefined) this.#lineEnd = end;
    return parsed;
  }

  /** The current line as far as it is the same in every body: see `Known.text` of the line memory. */
  fixedText(): string {
    const end = this.#endOfLine();
    if (this.#bytes.charCodeAt(this.#lineStart) === Byte.hash)
      return this.#bytes.slice(this.#lineStart, end + 1);
    let start = end;
    while (start > this.#lineStart && !isBlank(this.#bytes.charCodeAt(start - 1))) start--;
    return this.#bytes.slice(this.#lineStart, start);
  }

  /** The current line up to the current place. */
  readSoFar(): string {
    return this.#bytes.slice(this.#lineStart, this.#position);
  }

  /** Whether text and bytes are the same in this body. */
  get isAscii(): boolean {
    this.#isAsciiBody ??= isAscii(this.#body);
    return this.#isAsciiBody;
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
    const value = this.#readDecimal();
    const code = this.#bytes.charCodeAt(this.#position);
    if (!Number.isNaN(value) && (code === Byte.lineFeed || isBlank(code))) return value;

    this.#position = start;
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
    if (this.isAscii) return bytes;
    const encoded = Buffer.from(bytes, "latin1");
    return isUtf8(encoded) ? encoded.toString("utf8") : undefined;
  }

  /** An error of the current line, worded as upstream's. */
  error(problem: string): ExpositionError {
    return new ExpositionError(`text format parsing error in line ${this.line}: ${problem}`, {
      line: this.line,
    });
  }

  #endOfLine(): number {
    const end = this.#bytes.indexOf("\n", this.#lineStart);
    return end < 0 ? this.#bytes.length : end;
  }

  /**
   * A number like `-12.5e+06`, as far as it goes, when it can be had without rounding twice: a float holds an integer of
   * 15 digits and a power of ten up to 10^22 exactly, and one multiplication or division of the two rounds right
   * (Clinger, "How to Read Floating Point Numbers Accurately", 1990). NaN when not, or when none starts here.
   */
  #readDecimal(): number {
    const bytes = this.#bytes;
    let at = this.#position;
    let code = bytes.charCodeAt(at);
    const isNegative = code === Byte.minus;
    if (isNegative) code = bytes.charCodeAt(++at);

    const start = at;
    let digits = 0;
    for (; isDigit(code); code = bytes.charCodeAt(++at)) digits = digits * 10 + (code - Byte.zero);
    let count = at - start;
    let exponent = 0;
    if (code === Byte.point) {
      const afterPoint = ++at;
      for (code = bytes.charCodeAt(at); isDigit(code); code = bytes.charCodeAt(++at)) {
        digits = digits * 10 + (code - Byte.zero);
      }
      exponent = afterPoint - at;
      count -= exponent;
    }
    if (count === 0 || count > EXACT_DIGITS) return Number.NaN;

    if ((code | 0x20) === Byte.lowerE) {
      code = bytes.charCodeAt(++at);
      const isDownward = code === Byte.minus;
      if (isDownward || code === Byte.plus) code = bytes.charCodeAt(++at);
      const exponentStart = at;
      let given = 0;
      for (; isDigit(code) && given <= EXACT_POWER; code = bytes.charCodeAt(++at)) {
        given = given * 10 + (code - Byte.zero);
      }
      if (at === exponentStart) return Number.NaN;
      exponent += isDownward ? -given : given;
    }
    const power = POWERS_OF_TEN[Math.abs(exponent)];
    if (power === undefined) return Number.NaN;
    this.#position = at;
    const size = exponent < 0 ? digits / power : digits * power;
    return isNegative ? -size : size;
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
