import { describe, expect, it } from "vitest";
import { quoteByte, quoteBytes, quoteText } from "./quote.ts";

describe("text is quoted as Go's %q does", () => {
  // As printed by Go 1.26.
  it.each([
    ["", '""'],
    ["plain text", '"plain text"'],
    ['a"b\\c', '"a\\"b\\\\c"'],
    ["\x07\b\f\n\r\t\v", '"\\a\\b\\f\\n\\r\\t\\v"'],
    ["\x00\x1f\x7f", '"\\x00\\x1f\\x7f"'],
    ["é花😱'", '"é花😱\'"'],
    ["\u0080\u00a0\u00ad\u200b\ufeff", '"\\u0080\\u00a0\\u00ad\\u200b\\ufeff"'],
    ["\u{e0001}\u{10ffff}", '"\\U000e0001\\U0010ffff"'],
  ])("%j", (text, quoted) => {
    expect(quoteText(text)).toBe(quoted);
  });
});

describe("bytes are quoted as Go's %q does", () => {
  it.each([
    ["\xc3\xa9", '"é"'],
    ["a\xffb", '"a\\xffb"'],
    ["\xc3", '"\\xc3"'],
    ["\xed\xa0\x80", '"\\xed\\xa0\\x80"'],
    ["\xf0\x9f\x98", '"\\xf0\\x9f\\x98"'],
    ["\xef\xbf\xbd", '"\ufffd"'],
  ])("%j", (bytes, quoted) => {
    expect(quoteBytes(bytes)).toBe(quoted);
  });
});

describe("a byte is quoted as the character of that number", () => {
  it.each([
    [0x62, "'b'"],
    [0x27, "'\\''"],
    [0x22, "'\"'"],
    [0x0a, "'\\n'"],
    [0x00, "'\\x00'"],
    [0xe9, "'é'"],
    [0x80, "'\\u0080'"],
  ])("%i", (code, quoted) => {
    expect(quoteByte(code)).toBe(quoted);
  });
});
