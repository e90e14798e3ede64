import type { Label } from "@pushfleet/exposition";
import { MatcherError } from "./matcher-error.ts";
import { isQuote, readString } from "./promql-string.ts";
import { writtenOutLength } from "./regex-size.ts";

/** One condition on one label, as Prometheus has it. */
export interface LabelMatcher {
  readonly name: string;
  readonly operator: MatchOperator;
  readonly value: string;
  /** Whether a label of this value fulfils it; "" stands for a label that is not there. Takes time linear in the value. */
  accepts(value: string): boolean;
}

export type MatchOperator = "=" | "!=" | "=~" | "!~";

/** Throws MatcherError. */
export type MatcherParser = (text: string) => readonly LabelMatcher[];

/** Returns a test for whole values. Throws whatever the engine does when the pattern is not RE2's. */
type CompileRegex = (pattern: string) => (value: string) => boolean;

/** True when the labels fulfil all matchers; no matchers are fulfilled by any labels. */
export function matchesAll(matchers: readonly LabelMatcher[], labels: readonly Label[]): boolean {
  for (const { name, accepts } of matchers) if (!accepts(labelValue(labels, name))) return false;
  return true;
}

function labelValue(labels: readonly Label[], name: string): string {
  for (const label of labels) if (label[0] === name) return label[1];
  return "";
}

/**
 * Loads what it takes to read label matchers such as `{job=~"etl-.*", instance!=""}`, which is several megabytes that a
 * gateway without rules can do without.
 *
 * The braces may be missing. Names may be quoted, and are then any UTF-8; strings are those of PromQL. Regular expressions
 * are RE2's, match whole values, `.` also matches a line feed, and none of them ever backtracks.
 */
export async function loadMatcherParser(): Promise<MatcherParser> {
  const { RE2JS } = await import("re2js");
  const compile: CompileRegex = (pattern) => {
    if (writtenOutLength(pattern) > largestRegex) {
      throw new RangeError(
        `error parsing regexp: expression too large: with its repetitions written out it may have ${largestRegex} characters`,
      );
    }
    const regex = RE2JS.compile(pattern, RE2JS.DOTALL);
    return remembered((value) => regex.testExact(value));
  };
  return (text) => parse(text, compile);
}

/**
 * RE2 takes linear time, but that of the pattern too: some kilobytes of `x{1000}` take seconds and a gigabyte to compile, and
 * anybody who may read may ask for them.
 */
const largestRegex = 5_000;

/** Jobs, hosts and the like repeat from group to group, and to look an answer up takes a tenth of finding it. */
function remembered(test: (value: string) => boolean): (value: string) => boolean {
  const answers = new Map<string, boolean>();
  return (value) => {
    const known = answers.get(value);
    if (known !== undefined) return known;
    const answer = test(value);
    if (value.length > longestRemembered) return answer;
    if (answers.size === mostRemembered) answers.clear();
    answers.set(value, answer);
    return answer;
  };
}

const mostRemembered = 1_000;
/** Characters. */
const longestRemembered = 128;

function parse(text: string, compile: CompileRegex): readonly LabelMatcher[] {
  const matchers: LabelMatcher[] = [];
  let at = skipBlanks(text, 0);
  const braced = text[at] === "{";
  if (braced) at = skipBlanks(text, at + 1);
  const isEnd = () => (braced ? text[at] === "}" : at === text.length);
  // Without braces nothing at all is more likely a mistake than "everything".
  if (!braced && isEnd()) throw expected("a label matcher", text, at);
  while (!isEnd()) {
    const { matcher, end } = readMatcher(text, at, compile);
    matchers.push(matcher);
    at = skipBlanks(text, end);
    if (text[at] === ",") at = skipBlanks(text, at + 1);
    else if (!isEnd()) throw expected(braced ? '"," or "}"' : '","', text, at);
  }
  if (braced) at = skipBlanks(text, at + 1);
  if (at < text.length) throw expected("nothing after the matchers", text, at);
  return matchers;
}

function readMatcher(
  text: string,
  start: number,
  compile: CompileRegex,
): { readonly matcher: LabelMatcher; readonly end: number } {
  const name = readName(text, start);
  const operatorAt = skipBlanks(text, name.end);
  const operator = readOperator(text, operatorAt);
  const valueAt = skipBlanks(text, operatorAt + operator.length);
  if (!isQuote(text[valueAt])) throw expected("a value in quotes", text, valueAt);
  const { value, end } = readString(text, valueAt);
  try {
    return { matcher: { name: name.value, operator, value, accepts: test(operator, value, compile) }, end };
  } catch (cause) {
    throw new MatcherError("bad-regex", reasonOf(cause), { offset: valueAt, cause });
  }
}

function test(operator: MatchOperator, wanted: string, compile: CompileRegex): (value: string) => boolean {
  switch (operator) {
    case "=":
      return (value) => value === wanted;
    case "!=":
      return (value) => value !== wanted;
    case "=~":
      return compile(wanted);
    case "!~": {
      const matches = compile(wanted);
      return (value) => !matches(value);
    }
    default:
      return operator satisfies never;
  }
}

function readName(text: string, at: number): { readonly value: string; readonly end: number } {
  if (isQuote(text[at])) return readString(text, at);
  const [value] = tokenAt(text, at, /^[a-zA-Z_][a-zA-Z0-9_]*/) ?? [];
  if (value === undefined) throw expected("a label name", text, at);
  return { value, end: at + value.length };
}

function readOperator(text: string, at: number): MatchOperator {
  const [operator] = tokenAt(text, at, /^(?:=~|!~|!=|=)/) ?? [];
  if (operator === undefined) throw expected("=, !=, =~ or !~ after the label name", text, at);
  return operator as MatchOperator; // all that the pattern matches
}

function skipBlanks(text: string, at: number): number {
  return at + (tokenAt(text, at, /^[ \t\r\n]+/)?.[0].length ?? 0);
}

/** @param pattern Begins with `^`. */
function tokenAt(text: string, at: number, pattern: RegExp): RegExpExecArray | null {
  return pattern.exec(text.slice(at));
}

function expected(what: string, text: string, offset: number): MatcherError {
  const found = text.slice(offset, offset + 10);
  const got = found === "" ? "the end" : JSON.stringify(found);
  return new MatcherError("syntax", `expected ${what}, got ${got}`, { offset });
}

/** The engine's words, without the flag that it puts before the pattern. */
function reasonOf(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  return message.replace("`(?s)", "`");
}
