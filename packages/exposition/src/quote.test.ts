import { describe, expect, test } from "vitest";
import { quoteBytes, quoteText } from "./quote.ts";

// The expectations are the output of Go's fmt.Printf("%q").
describe("quoting as Go's %q", () => {
  test.each([
    ["plain text", '"plain text"'],
    ['a"b\\', '"a\\"b\\\\"'],
    ["ü\0\n\x07\x7f", '"ü\\x00\\n\\a\\x7f"'],
    ["\u00a0\u200b\u{1f600}\u{e0001}", '"\\u00a0\\u200b\u{1f600}\\U000e0001"'],
    ["\u2028 é", '"\\u2028 é"'],
  ])("text %j", (text, quoted) => {
    expect(quoteText(text)).toBe(quoted);
  });

  test.each([
    ["\xff", '"\\xff"'],
    ["\xed\xa0\x80", '"\\xed\\xa0\\x80"'],
    ["\xf4\x90\x80\x80", '"\\xf4\\x90\\x80\\x80"'],
    ["a\xc3", '"a\\xc3"'],
    ["\xc3\xbc\xff", '"ü\\xff"'],
  ])("bytes %j", (bytes, quoted) => {
    expect(quoteBytes(bytes)).toBe(quoted);
  });
});
