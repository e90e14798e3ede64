import { beforeAll, expect, test } from "vitest";
import { ConfigFileError, type ConfigFileParser, loadConfigFileParser } from "./config-file.ts";
import { InvalidValue } from "./option.ts";

let parse: ConfigFileParser<string>;
beforeAll(async () => {
  parse = await loadConfigFileParser((text) => {
    if (text.includes("(")) throw new InvalidValue("has no closing )");
    return `<${text}>`;
  });
});

function problemOf(text: string): string {
  try {
    parse(text, "pushfleet.yml");
  } catch (error) {
    if (error instanceof ConfigFileError) return error.message;
    throw error;
  }
  throw new Error(`no problem with ${text}`);
}

const example = `# Rules.
ttl:
  rules:
    - match: '{job=~"ci-.*"}'
      ttl: 1h
    - match: job="forever"
      ttl: 0
    - {match: 'job="quoted"', ttl: "1d12h"}
`;

test("rules are read in order, durations as milliseconds, matchers as the program makes them", () => {
  expect(parse(example, "pushfleet.yml").ttl.rules).toEqual([
    { match: '<{job=~"ci-.*"}>', ttlMs: 3_600_000 },
    { match: '<job="forever">', ttlMs: 0 },
    { match: '<job="quoted">', ttlMs: 129_600_000 },
  ]);
});

test.each(["", "# nothing\n", "{}", "ttl:\n", "ttl:\n  rules:\n", "ttl: {rules: []}"])(
  "%j is a file without rules",
  (text) => {
    expect(parse(text, "pushfleet.yml").ttl.rules).toBeEmpty();
  },
);

test.each([
  [
    example.replace("ttl: 0", "ttl: 15"),
    'pushfleet.yml:7: ttl.rules[1].ttl must be a duration such as 15s, 5m or 1h30m, got "15"',
  ],
  [
    example.replace("ttl: 1h", "ttl: -1h"),
    'pushfleet.yml:5: ttl.rules[0].ttl must be a duration such as 15s, 5m or 1h30m, got "-1h"',
  ],
  [
    example.replace("ttl: 1h", "ttl: 300y"),
    'pushfleet.yml:5: ttl.rules[0].ttl is too long a duration: "300y"',
  ],
  [example.replace("ttl: 1h", "ttl: [1h]"), 'pushfleet.yml:5: ttl.rules[0].ttl must be text, got ["1h"]'],
  [example.replace("      ttl: 1h\n", ""), "pushfleet.yml:4: ttl.rules[0].ttl is missing"],
  [
    example.replace("ttl: 1h", "ttl: 1h\n      tll: 2h"),
    "pushfleet.yml:6: ttl.rules[0].tll is not a setting",
  ],
  [example.replace("ci-.*", "("), "pushfleet.yml:4: ttl.rules[0].match has no closing )"],
  [example.replace(`'{job=~"ci-.*"}'`, "{}"), "pushfleet.yml:4: ttl.rules[0].match must be text, got {}"],
  [`${example}bounds: {}\n`, "pushfleet.yml:9: bounds is not a setting"],
  ["ttl:\n  rules: 5\n", "pushfleet.yml:2: ttl.rules must be a list, got 5"],
  ["ttl:\n  - a\n", 'pushfleet.yml:2: ttl must be a mapping, got ["a"]'],
  ["text", 'pushfleet.yml:1: the file must be a mapping, got "text"'],
  ["ttl:\n  rules: [\n", "pushfleet.yml:3: Flow sequence in block collection must be sufficiently indented"],
  ["ttl: {}\nttl: {}\n", "pushfleet.yml:2: Map keys must be unique"],
  ["ttl: {}\n---\nttl: {}\n", "pushfleet.yml:2: Source contains multiple documents"],
  ["a: 1\nttl: !!js/function x\n", "pushfleet.yml:2: Unresolved tag"],
  ["ttl: *nowhere\n", "pushfleet.yml: Unresolved alias"],
  ["__proto__: {}\n", "pushfleet.yml:1: __proto__ is not a setting"],
  ["<<: [1]\n", "pushfleet.yml:1: << is not a setting"],
  ["ttl: &a [*a]\n", "pushfleet.yml:1: ttl must be a mapping, got something that holds itself"],
  ["- ".repeat(40), "pushfleet.yml: is nested too deeply"],
  [`ttl: ${"{".repeat(400)}${"}".repeat(400)}`, "pushfleet.yml: is nested too deeply"],
])("%j is refused with line and path", (text, message) => {
  expect(problemOf(text)).toStartWith(message);
  expect(problemOf(text)).not.toInclude("\n");
});

test("of several mistakes the first in the file is named", () => {
  expect(problemOf(`zzz: 1\n${example.replace("ttl: 0", "ttl: x")}`)).toStartWith("pushfleet.yml:1: zzz ");
  expect(problemOf(`${example.replace("ttl: 0", "ttl: x")}zzz: 1\n`)).toStartWith("pushfleet.yml:7: ");
});

test("aliases work, and a mistake behind one has the line of the alias or of what it stands for", () => {
  const text = (ttl: string) =>
    `ttl:\n  rules:\n    - match: a\n      ttl: &short ${ttl}\n    - match: b\n      ttl: *short\n`;
  expect(parse(text("5m"), "f").ttl.rules.map(({ ttlMs }) => ttlMs)).toEqual([300_000, 300_000]);
  expect(problemOf(text("5"))).toStartWith("pushfleet.yml:4: ttl.rules[0].ttl must be a duration");
});

test("brackets in texts are no nesting", () => {
  const rule = `    - match: '{job=~"${"[[]".repeat(50)}"}' # ${"{[".repeat(50)}\n      ttl: 1h\n`;
  expect(parse(`ttl:\n  rules:\n${rule.repeat(3)}`, "f").ttl.rules).toHaveLength(3);
});
