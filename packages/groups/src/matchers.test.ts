import { beforeAll, expect, test } from "vitest";
import { MatcherError } from "./matcher-error.ts";
import { loadMatcherParser, type MatcherParser, matchesAll } from "./matchers.ts";

let parse: MatcherParser;
beforeAll(async () => {
  parse = await loadMatcherParser();
});

const matches = (text: string, labels: Readonly<Record<string, string>>) =>
  matchesAll(parse(text), Object.entries(labels));

function problemOf(text: string): MatcherError {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof MatcherError) return error;
    throw error;
  }
  throw new Error(`no problem with ${text}`);
}

test.each([
  ['{job="a"}', [["job", "=", "a"]]],
  ['job="a"', [["job", "=", "a"]]],
  ["{}", []],
  [
    ' { job =~ "a" , instance!="",} ',
    [
      ["job", "=~", "a"],
      ["instance", "!=", ""],
    ],
  ],
  [
    'job!~"a",job!="b"',
    [
      ["job", "!~", "a"],
      ["job", "!=", "b"],
    ],
  ],
  ['{"Größe {x}"=\'a"b\'}', [["Größe {x}", "=", 'a"b']]],
  ["{a=`\\d\n\"'`}", [["a", "=", "\\d\n\"'"]]],
  [String.raw`{a="\a\b\f\n\r\t\v\\\""}`, [["a", "=", '\x07\b\f\n\r\t\v\\"']]],
  [String.raw`{a='\''}`, [["a", "=", "'"]]],
  [String.raw`{a="\x41\303\251\xc3\xa9\u00e9\U0001F600"}`, [["a", "=", "Aééé😀"]]],
])("%j is read", (text, wanted) => {
  expect(parse(text).map(({ name, operator, value }) => [name, operator, value])).toEqual(wanted);
});

test.each([
  ['job="etl"', { job: "etl" }, true],
  ['job="etl"', { job: "etl-2" }, false],
  ['job!="etl"', { job: "etl-2" }, true],
  ['job=~"etl-.*"', { job: "etl-2" }, true],
  ['job=~"etl"', { job: "etl-2" }, false],
  ['job=~"a|etl-2"', { job: "etl-2" }, true],
  ['job=~"a|etl"', { job: "etl-2" }, false],
  ['job!~"etl-.*"', { job: "etl-2" }, false],
  ['job=~"a.b"', { job: "a\nb" }, true],
  ['job=~"a"', { job: "a\n" }, false],
  ['job=~"^a$"', { job: "a" }, true],
  ['job=~"a.b"', { job: "a😀b" }, true],
  ['job=~"(?i)ETL"', { job: "etl" }, true],
  [String.raw`job=~"\\d+"`, { job: "12" }, true],
  ['job="a",instance="b"', { instance: "b", job: "a" }, true],
  ['job="a",instance="b"', { instance: "c", job: "a" }, false],
  ["{}", { job: "a" }, true],
])("%j and %j", (text, labels, expected) => {
  expect(matches(text, labels)).toBe(expected);
});

test.each([
  ['instance=""', true],
  ['instance!=""', false],
  ['instance=~".*"', true],
  ['instance=~".+"', false],
  ['instance!~".+"', true],
])("a label that is not there is an empty one: %j", (text, expected) => {
  expect(matches(text, { job: "a" })).toBe(expected);
});

test.each([
  ["", "syntax", "expected a label matcher, got the end (at character 1)"],
  ["  ", "syntax", "expected a label matcher, got the end (at character 3)"],
  ['{job="a"', "syntax", 'expected "," or "}", got the end (at character 9)'],
  ['{job="a",', "syntax", "expected a label name, got the end (at character 10)"],
  ["{,}", "syntax", 'expected a label name, got ",}" (at character 2)'],
  ['{job="a"} or x', "syntax", 'expected nothing after the matchers, got "or x" (at character 11)'],
  ['job="a" x="b"', "syntax", 'expected ",", got "x=\\"b\\"" (at character 9)'],
  ['job="a"}', "syntax", 'expected ",", got "}" (at character 8)'],
  ['{job=="a"}', "syntax", 'expected a value in quotes, got "=\\"a\\"}" (at character 6)'],
  ["{job=a}", "syntax", 'expected a value in quotes, got "a}" (at character 6)'],
  ['{job~"a"}', "syntax", 'expected =, !=, =~ or !~ after the label name, got "~\\"a\\"}" (at character 5)'],
  ["etl", "syntax", "expected =, !=, =~ or !~ after the label name, got the end (at character 4)"],
  ['{1a="b"}', "syntax", 'expected a label name, got "1a=\\"b\\"}" (at character 2)'],
  ['{job="a}', "bad-string", "the string has no closing quote (at character 6)"],
  ["{job=`a}", "bad-string", "the string has no closing quote (at character 6)"],
  ['{job="a\n"}', "bad-string", "the string has no closing quote (at character 6)"],
  [String.raw`{job="\d"}`, "bad-string", String.raw`unknown escape "\\d" (at character 7)`],
  [String.raw`{job="\'"}`, "bad-string", String.raw`unknown escape "\\'" (at character 7)`],
  [String.raw`{job="\ud800"}`, "bad-string", String.raw`unknown escape "\\u" (at character 7)`],
  [String.raw`{job="\777"}`, "bad-string", String.raw`unknown escape "\\7" (at character 7)`],
  [String.raw`{job="\xff"}`, "bad-string", "the string is not valid UTF-8 (at character 6)"],
  ['{a="b",job=~"("}', "bad-regex", "error parsing regexp: missing closing ): `(` (at character 13)"],
  [
    '{job!~"a**"}',
    "bad-regex",
    "error parsing regexp: invalid nested repetition operator: `**` (at character 7)",
  ],
  [
    '{job=~"(?=a)"}',
    "bad-regex",
    "error parsing regexp: invalid or unsupported Perl syntax: `(?=` (at character 7)",
  ],
  ['{job=~"x)|(y"}', "bad-regex", "error parsing regexp: unexpected ): `x)|(y` (at character 7)"],
])("%j is refused with what is wrong and where", (text, code, message) => {
  expect(problemOf(text)).toMatchObject({ code, message });
});

test("an expression that makes other engines backtrack for ever is quick", () => {
  const [matcher] = parse('job=~"(a+)+b"');
  const value = "a".repeat(100_000);
  expect(matcher?.accepts(value)).toBeFalse();
  expect(matcher?.accepts(`${value}b`)).toBeTrue();
});

test("a regular expression that is huge once its repetitions are written out is refused before it is compiled", () => {
  const accepted = ["[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "a".repeat(5_000), ".{1,255}"];
  for (const pattern of accepted) expect(parse(`{a=~"${pattern}"}`), pattern).toHaveLength(1);
  for (const pattern of ["x{1000}".repeat(600), "((a{10}){10}){10}", "(a+)+".repeat(1_001), "(a?){0,1000}"])
    expect(problemOf(`{a=~"${pattern}"}`), pattern).toMatchObject({
      code: "bad-regex",
      message: expect.stringContaining("expression too large"),
    });
});
