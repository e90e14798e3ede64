import { beforeAll, expect, test } from "vitest";
import { ConfigFileError, type ConfigFileParser, loadConfigFileParser } from "./config-file.ts";
import { limitOptions } from "./limit-options.ts";

let parse: ConfigFileParser<string>;
beforeAll(async () => {
  parse = await loadConfigFileParser((text) => `<${text}>`);
});

function rules(text: string) {
  return parse(`limits:\n  rules:\n${text}`, "pushfleet.yml").limits.rules;
}

function problemOf(text: string): string {
  try {
    rules(text);
  } catch (error) {
    if (error instanceof ConfigFileError) return error.message;
    throw error;
  }
  throw new Error(`no problem with ${text}`);
}

test("a rule names limits as the options do, with values in the same notation", () => {
  const read = rules(`
    - match: '{job=~"ci-.*"}'
      identity: team-a
      push.max-body-size: 1MiB
      push.max-series: 5000
      push.max-rate-per-job: 0.5
    - identity: ""
      push.max-rate-per-identity: "20"
    - match: job="trusted"
`);
  expect(read).toEqual([
    {
      match: '<{job=~"ci-.*"}>',
      identity: "team-a",
      limits: { "push.max-body-size": 2 ** 20, "push.max-series": 5000, "push.max-rate-per-job": 0.5 },
    },
    { match: null, identity: "", limits: { "push.max-rate-per-identity": 20 } },
    { match: '<job="trusted">', identity: null, limits: {} },
  ]);
});

test.each(Object.keys(limitOptions))(
  "%s can be set by a rule, but not to nothing or endlessly much",
  (name) => {
    expect(rules(`    - ${name}: 7\n`)).toEqual([{ match: null, identity: null, limits: { [name]: 7 } }]);
    for (const value of ["0", "-1", ".inf", "", "unlimited", "[1]", "1e99"])
      expect(problemOf(`    - ${name}: ${value}\n`)).toStartWith(
        `pushfleet.yml:3: limits.rules[0].${name} must be `,
      );
  },
);

test.each(Object.entries(limitOptions))(
  "--%s takes no unlimited either, and its default is one of its values",
  (_, option) => {
    for (const text of ["0", "-1", "", "Infinity", "unlimited", "1e99"])
      expect(() => option.parse(text)).toThrow();
    expect(option.parse(option.format(option.default))).toBe(option.default);
  },
);

test.each([
  ["    - push.max-serie: 5\n", "pushfleet.yml:3: limits.rules[0].push.max-serie is not a setting"],
  ["    - max-series: 5\n", "pushfleet.yml:3: limits.rules[0].max-series is not a setting"],
  ["    - match: {}\n", "pushfleet.yml:3: limits.rules[0].match must be text, got {}"],
  ["    - push.max-series: 1.5\n", "pushfleet.yml:3: limits.rules[0].push.max-series must be a whole number"],
  [
    "    - push.max-labels: 10MiB\n",
    "pushfleet.yml:3: limits.rules[0].push.max-labels must be a whole number",
  ],
  [
    "    - push.max-help-length: 1TiB\n",
    "pushfleet.yml:3: limits.rules[0].push.max-help-length must be a size",
  ],
  ["    5\n", "pushfleet.yml:3: limits.rules must be a list, got 5"],
])("%j is refused with line and path", (text, message) => {
  expect(problemOf(text)).toStartWith(message);
});
