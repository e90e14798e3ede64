import { parseArgs } from "node:util";
import { InvalidValue } from "@pushfleet/config/option";
import { UsageError } from "../usage-error.ts";
import type { Operands } from "./command.ts";
import type { CommandOption, CommandOptions, OptionValues } from "./option.ts";

interface ReadArguments<O> {
  readonly help: boolean;
  readonly options: OptionValues<O>;
  readonly operands: readonly string[];
}

/**
 * Reads what stands behind the name of a command: options from flags, then variables, then defaults, and operands.
 *
 * @throws UsageError for the first thing that is wrong, unless help is asked for
 */
export function readArguments<const O extends CommandOptions>(
  { options, operands: expected }: { readonly options: O; readonly operands: Operands },
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): ReadArguments<O> {
  const { given, operands } = separate(options, args, expected);
  const help = given.has("help");
  const values = Object.entries(options).map(([name, option]) => [
    name,
    help ? option.default : optionValue({ name, option, texts: given.get(name), env }),
  ]);
  if (!help) checkOperands(expected, operands);
  // Every key of O has what its own option parsed.
  return { help, operands, options: Object.fromEntries(values) as OptionValues<O> };
}

interface GivenOption {
  readonly name: string;
  readonly option: CommandOption<unknown>;
  readonly texts: readonly string[] | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

function optionValue({ name, option, texts, env }: GivenOption): unknown {
  if (texts !== undefined) return parseAll(option, texts, `--${name}`);
  const variable = option.variable === undefined ? "" : (env[option.variable] ?? "");
  if (variable !== "") {
    const parts = option.kind === "list" ? variable.split(",") : [variable];
    return parseAll(option, parts, `environment variable ${option.variable}`);
  }
  if (option.isRequired === true) throw new UsageError(`--${name} is missing`);
  return option.default;
}

function separate(options: CommandOptions, args: readonly string[], expected: Operands) {
  const { tokens } = parseArgs({
    args: [...args],
    options: {
      ...Object.fromEntries(
        Object.entries(options).map(([name, option]) => [
          name,
          { type: option.kind === "boolean" ? ("boolean" as const) : ("string" as const) },
        ]),
      ),
      help: { type: "boolean", short: "h" },
    },
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const given = new Map<string, string[]>();
  const operands: string[] = [];
  for (const token of tokens) {
    if (token.kind === "option-terminator") {
      if (expected.kind === "command") return { given, operands: args.slice(token.index + 1) };
    } else if (token.kind === "positional") {
      if (expected.kind === "command") return { given, operands: args.slice(token.index) };
      operands.push(token.value);
    } else {
      const [name, text] = optionOf(options, token);
      given.set(name, [...(given.get(name) ?? []), text]);
    }
  }
  return { given, operands };
}

function optionOf(
  options: CommandOptions,
  {
    name,
    rawName,
    value,
  }: { readonly name: string; readonly rawName: string; readonly value?: string | undefined },
): readonly [name: string, text: string] {
  if (name === "help" || name === "h") return ["help", ""];
  const positive = name.startsWith("no-") ? name.slice("no-".length) : undefined;
  if (positive !== undefined && isBoolean(options, positive)) return [positive, "false"];
  if (!Object.hasOwn(options, name)) throw new UsageError(`there is no option ${rawName}`);
  if (isBoolean(options, name)) return [name, value ?? "true"];
  if (value === undefined) throw new UsageError(`${rawName} needs a value`);
  return [name, value];
}

function isBoolean(options: CommandOptions, name: string): boolean {
  return Object.hasOwn(options, name) && options[name]?.kind === "boolean";
}

function checkOperands(expected: Operands, operands: readonly string[]): void {
  const [first, second] = operands;
  switch (expected.kind) {
    case "none":
      if (first !== undefined) throw new UsageError(`"${first}" is too much`);
      return;
    case "one":
      if (second !== undefined) throw new UsageError(`"${second}" is too much`);
      if (first === undefined) {
        if (!expected.isOptional) throw new UsageError(`${expected.placeholder} is missing`);
      } else if (expected.words?.includes(first) === false) {
        throw new UsageError(`must be one of ${expected.words.join(", ")}, got "${first}"`);
      }
      return;
    case "command":
      if (first === undefined || first === "") throw new UsageError("the command to run is missing");
  }
}

function parseAll(option: CommandOption<unknown>, texts: readonly string[], where: string): unknown {
  try {
    const parsed = texts.map((text) => option.parse(text));
    return option.kind === "list" ? parsed.flat() : parsed.at(-1);
  } catch (error) {
    if (error instanceof InvalidValue) throw new UsageError(`${where} ${error.message}`, { cause: error });
    throw error;
  }
}
