import { MatcherError } from "./matcher-error.ts";

interface QuotedString {
  readonly value: string;
  /** Offset of the first character after the closing quote. */
  readonly end: number;
}

const PLAIN = /^(?:[^\\\n'"]+|['"])/;
/** As Go has them: short ones, bytes in hexadecimal or octal, code points. Which quote may be escaped depends on the string. */
const ESCAPE =
  /^\\(?:(?<short>[abfnrtv\\'"])|x(?<hex>[0-9a-fA-F]{2})|(?<octal>[0-3][0-7]{2})|u(?<u4>[0-9a-fA-F]{4})|U(?<u8>[0-9a-fA-F]{8}))/;

const SHORT_ESCAPES = new Map([
  ["a", "\x07"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
  ["v", "\v"],
]);

/** Whether a string begins here. */
export function isQuote(character: string | undefined): boolean {
  return character === '"' || character === "'" || character === "`";
}

/**
 * Reads the string literal of PromQL that begins at `start`: in double or single quotes with Go's escapes, or in backticks
 * without any. Throws MatcherError when it does not end, has an escape that does not exist, or is not UTF-8.
 */
export function readString(text: string, start: number): QuotedString {
  return text[start] === "`" ? readRaw(text, start) : readEscaped(text, start);
}

function readRaw(text: string, start: number): QuotedString {
  const end = text.indexOf("`", start + 1);
  if (end === -1) throw unterminated(start);
  return { value: text.slice(start + 1, end), end: end + 1 };
}

function readEscaped(text: string, start: number): QuotedString {
  const quote = text[start];
  // Bytes, because several escapes together may be one character.
  const pieces: Buffer[] = [];
  let at = start + 1;
  while (text[at] !== quote) {
    if (at >= text.length || text[at] === "\n") throw unterminated(start);
    const pattern = text[at] === "\\" ? ESCAPE : PLAIN;
    const found = pattern.exec(text.slice(at));
    const piece =
      found === null ? undefined : found.groups === undefined ? found[0] : meaningOf(found.groups, quote);
    if (found === null || piece === undefined) {
      throw new MatcherError("bad-string", `unknown escape ${JSON.stringify(text.slice(at, at + 2))}`, {
        offset: at,
      });
    }
    pieces.push(Buffer.from(piece));
    at += found[0].length;
  }
  try {
    const value = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.concat(pieces));
    return { value, end: at + 1 };
  } catch (cause) {
    throw new MatcherError("bad-string", "the string is not valid UTF-8", { offset: start, cause });
  }
}

function meaningOf(
  { short, hex, octal, u4, u8 }: Readonly<Record<string, string | undefined>>,
  quote: string | undefined,
): string | Uint8Array | undefined {
  if (short === "'" || short === '"') return short === quote ? short : undefined;
  if (short !== undefined) return SHORT_ESCAPES.get(short) ?? short;
  if (hex !== undefined) return Uint8Array.of(Number.parseInt(hex, 16));
  if (octal !== undefined) return Uint8Array.of(Number.parseInt(octal, 8));
  const point = Number.parseInt(u4 ?? u8 ?? "", 16);
  const isCharacter = point <= 0x10ffff && !(point >= 0xd800 && point <= 0xdfff);
  return isCharacter ? String.fromCodePoint(point) : undefined;
}

function unterminated(offset: number): MatcherError {
  return new MatcherError("bad-string", "the string has no closing quote", { offset });
}
