/** One well-formed UTF-8 sequence (RFC 3629 §4), or else a single byte. */
const UTF8_SEQUENCE =
  /[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}|[\s\S]/g;

/** What Go's unicode.IsPrint lets through: letters, marks, numbers, punctuation, symbols and the ASCII space. */
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

/** What needs no escape at all, as is most often the case. */
const PLAIN = /^[ !#-[\]-~]*$/;

const SHORT_ESCAPES = new Map([
  ["\x07", "\\a"],
  ["\b", "\\b"],
  ["\f", "\\f"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
  ["\v", "\\v"],
  ["\\", "\\\\"],
]);

/**
 * Go's `%q` of a byte string (one character a byte), as upstream's error texts have it: valid UTF-8 is shown as the
 * characters it encodes, anything else as `\xff`.
 */
export function quoteBytes(bytes: string): string {
  return PLAIN.test(bytes) ? `"${bytes}"` : `"${bytes.replace(UTF8_SEQUENCE, quoteSequence)}"`;
}

/** Go's `%q` of text. */
export function quoteText(text: string): string {
  return quoteBytes(Buffer.from(text, "utf8").toString("latin1"));
}

/** Go's `%q` of one byte, which Go takes for the character of that number. */
export function quoteByte(code: number): string {
  return `'${code === 0x27 ? "\\'" : escapeCharacter(String.fromCharCode(code))}'`;
}

function quoteSequence(sequence: string): string {
  if (sequence === '"') return '\\"';
  const code = sequence.charCodeAt(0);
  if (sequence.length === 1 && code >= 0x80) return `\\x${code.toString(16)}`;
  return escapeCharacter(Buffer.from(sequence, "latin1").toString("utf8"));
}

function escapeCharacter(character: string): string {
  const short = SHORT_ESCAPES.get(character);
  if (short !== undefined) return short;
  if (PRINTABLE.test(character)) return character;
  const point = character.codePointAt(0) ?? 0;
  if (point < 0x80) return `\\x${point.toString(16).padStart(2, "0")}`;
  return point > 0xffff
    ? `\\U${point.toString(16).padStart(8, "0")}`
    : `\\u${point.toString(16).padStart(4, "0")}`;
}
