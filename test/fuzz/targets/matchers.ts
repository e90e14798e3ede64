import { loadMatcherParser, MatcherError } from "@pushfleet/groups";
import type { Chance } from "../../conformance/random.ts";
import { type Check, longestHead, require, requireSame, type Session, type Target } from "../target.ts";
import { tellingNames, tellingTexts } from "../words.ts";

const regexWords = [
  ".*",
  ".+",
  "(a+)+",
  "(a*)*b",
  "(?i)",
  "(?P<n>a)",
  "(?:",
  "[[:alpha:]]",
  "[^a-z]",
  "\\\\pL",
  "\\\\d",
  "\\\\x{10FFFF}",
  "{1,1000}",
  "{0}",
  "{2,1}",
  "|",
  "$",
  "^",
  "\\\\b",
  "\\\\Q",
] as const;
const words = [
  "{",
  "}",
  "=",
  "!=",
  "=~",
  "!~",
  ",",
  '"',
  "'",
  "`",
  " ",
  "job",
  "a",
  "\\x41",
  "\\u00e9",
  "\\U0001F600",
  "\\303",
];

/** Label matchers with their regular expressions, tried on values that make backtracking ones take for ever. */
export const matchers: Target = {
  name: "matchers",
  refusals: [MatcherError],
  words: [...words, ...regexWords, ...tellingNames, ...tellingTexts],
  longest: longestHead,
  sessionLength: 5_000,
  seeds: () =>
    [
      '{job="a"}',
      '{job=~"etl-.*",instance!=""}',
      "a!~`(x|y)+`",
      "{'my.name'=\"\\303\\244\"}",
      "{}",
      '{job=~"(a|a)*b"}',
    ].map((text) => Buffer.from(text)),
  generate: randomMatchers,
  open: openSession,
};

/** Long enough for what takes time by a power of two of them; a pattern of RE2 may still take time by its size for each character. */
const values = ["", "a", "etl-1", "ä\n😀", "__proto__", "a".repeat(200), `${"ab".repeat(100)}!`] as const;

async function openSession(): Promise<Session> {
  const parse = await loadMatcherParser();
  return {
    take(input): Check {
      const read = parse(input.toString());
      const accepted = read.map(({ accepts }) => values.map((value) => accepts(value)));
      return () => {
        const again = parse(
          `{${read.map(({ name, operator, value }) => quoted(name) + operator + quoted(value)).join()}}`,
        );
        const described = (list: typeof read) =>
          JSON.stringify(list.map((one) => [one.name, one.operator, one.value]));
        requireSame(described(again), described(read), "matchers and how they are written");
        for (const [i, { operator, value }] of read.entries())
          if (operator === "=") require(accepted[i]?.[1] === (value === "a"), "equality is something else");
      };
    },
  };
}

/** As PromQL writes strings. */
function quoted(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;
}

function randomMatchers(chance: Chance): Buffer {
  const regex = () =>
    Array.from({ length: chance.int(1, 6) }, () => chance.pick([...regexWords, "a", "b"])).join("");
  const one = () =>
    `${chance.pick(["job", "a", '"my.name"'])}${chance.pick(["=", "!=", "=~", "!~", "=~"])}"${regex()}"`;
  return Buffer.from(`{${Array.from({ length: chance.int(1, 3) }, one).join(",")}}`);
}
