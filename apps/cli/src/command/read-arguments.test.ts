import { flag, list, value } from "@pushfleet/config/option";
import { durationAboveZero, text } from "@pushfleet/config/values";
import { expect, test } from "vitest";
import { UsageError } from "../usage-error.ts";
import type { Operands } from "./command.ts";
import { described } from "./option.ts";
import { readArguments } from "./read-arguments.ts";

const options = {
  job: described(value(text, "", { help: "" }), { isRequired: true }),
  url: described(list(text, ["default"], { help: "" }), { variable: "PUSHFLEET_URL" }),
  timeout: described(value(durationAboveZero, 10_000, { help: "" }), { variable: "PUSHFLEET_TIMEOUT" }),
  json: flag(false, { help: "" }),
  color: flag(true, { help: "" }),
} as const;

const none: Operands = { kind: "none" };
const command: Operands = { kind: "command" };
const word: Operands = { kind: "one", placeholder: "WORD", isOptional: false, words: ["list", "flush"] };
const file: Operands = { kind: "one", placeholder: "FILE", isOptional: true };

function read(line: string, operands: Operands = none, env: Readonly<Record<string, string>> = {}) {
  return readArguments({ options, operands }, line === "" ? [] : line.split(" "), env);
}

test("options come from flags, then variables, then defaults", () => {
  expect(read("--job a").options).toEqual({
    job: "a",
    url: ["default"],
    timeout: 10_000,
    json: false,
    color: true,
  });
  const env = { PUSHFLEET_URL: "b,c", PUSHFLEET_TIMEOUT: "3s" };
  expect(read("--job=a --json --no-color", none, env).options).toEqual({
    job: "a",
    url: ["b", "c"],
    timeout: 3_000,
    json: true,
    color: false,
  });
  expect(read("--job=a --url=d --url e --timeout=1m", none, env).options).toMatchObject({
    url: ["d", "e"],
    timeout: 60_000,
  });
});

test("a command takes everything from its name on", () => {
  expect(read("--job a ls -la --job=b -h", command).operands).toEqual(["ls", "-la", "--job=b", "-h"]);
  expect(read("--job a -- ls -- -la", command).operands).toEqual(["ls", "--", "-la"]);
  expect(read("--job a -- --odd-name", command).operands).toEqual(["--odd-name"]);
});

test("other operands stand anywhere, behind -- too", () => {
  expect(read("metrics.prom --job a", file).operands).toEqual(["metrics.prom"]);
  expect(read("--job a -- -file", file).operands).toEqual(["-file"]);
  expect(read("--job a", file).operands).toEqual([]);
  expect(read("--job a flush", word).operands).toEqual(["flush"]);
});

test("help needs nothing else to be right", () => {
  for (const line of ["--help", "-h", "list --help", "--timeout=x --help", "a b c -h"])
    expect(read(line, word, { PUSHFLEET_TIMEOUT: "x" }).help).toBeTrue();
  expect(read("--job a ls --help", command).help).toBeFalse();
});

test.each([
  ["", none, "--job is missing"],
  ["--job", none, "--job needs a value"],
  ["--job=a --jsn", none, "there is no option --jsn"],
  ["--job=a -x", none, "there is no option -x"],
  ["--job=a --timeout=x", none, "--timeout must be a duration"],
  ["--job=a --json=maybe", none, "--json must be true or false"],
  ["--job=a more", none, '"more" is too much'],
  ["--job=a one two", file, '"two" is too much'],
  ["--job=a", word, "WORD is missing"],
  ["--job=a send", word, 'must be one of list, flush, got "send"'],
  ["--job=a", command, "the command to run is missing"],
  ["--job=a --", command, "the command to run is missing"],
  ["--job=a -- ", command, "the command to run is missing"],
] as const)("%j is told what is wrong", (line, operands, message) => {
  expect(() => read(line, operands)).toThrow(UsageError);
  expect(() => read(line, operands)).toThrow(message);
});

test("a bad variable is named", () => {
  expect(() => read("--job=a", none, { PUSHFLEET_TIMEOUT: "soon" })).toThrow(
    "environment variable PUSHFLEET_TIMEOUT must be a duration",
  );
});
