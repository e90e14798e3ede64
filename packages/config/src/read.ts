import { parseArgs } from "node:util";
import { InvalidValue, type Option } from "./option.ts";

/** The command line or an environment variable cannot be used. The message is one line for whoever typed it. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export interface Invocation<C> {
  readonly config: C;
  readonly help: boolean;
  readonly version: boolean;
}

type Options = Readonly<Record<string, Option<unknown>>>;
type Values<O> = { readonly [K in keyof O]: O[K] extends Option<infer T> ? T : never };

/**
 * Reads settings from flags, then PUSHFLEET_* variables, then defaults. Throws UsageError for the first thing that is
 * wrong: an unknown flag, a stray argument, a bad value, each named with where it was given.
 */
export function readOptions<const O extends Options>(
  options: O,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Invocation<Values<O>> {
  const given = parseFlags(options, args);
  const config = new Map<string, unknown>();
  for (const [name, option] of Object.entries(options)) {
    const flags = given.get(name);
    const variable = env[variableName(name)];
    if (flags !== undefined) {
      config.set(name, parseAll(option, flags, `--${name}`));
    } else if (variable !== undefined && variable !== "") {
      const texts = option.kind === "list" ? variable.split(",") : [variable];
      config.set(name, parseAll(option, texts, `environment variable ${variableName(name)}`));
    } else {
      config.set(name, option.default);
    }
  }
  return {
    // Every key of O was set above with what its own option parsed.
    config: Object.fromEntries(config) as Values<O>,
    help: given.has("help"),
    version: given.has("version"),
  };
}

/** `web.listen-address` → `PUSHFLEET_WEB_LISTEN_ADDRESS`. */
export function variableName(flag: string): string {
  return `PUSHFLEET_${flag.toUpperCase().replace(/[.-]/g, "_")}`;
}

/** The texts given for each flag, in order; booleans as "true" and "false". */
function parseFlags(options: Options, args: readonly string[]): Map<string, string[]> {
  const given = new Map<string, string[]>();
  const tokens = tokenize(options, args);
  for (const token of tokens) {
    if (token.kind === "positional") throw new UsageError(`unexpected argument "${token.value}"; try --help`);
    if (token.kind !== "option") continue;
    if (token.name === "h" || token.name === "help" || token.name === "version") {
      given.set(token.name === "h" ? "help" : token.name, []);
      continue;
    }
    const negated = negatedBoolean(options, token.name);
    const name = negated ?? token.name;
    const option = Object.hasOwn(options, name) ? options[name] : undefined;
    if (option === undefined) throw new UsageError(`unknown flag ${token.rawName}; try --help`);
    if (option.kind !== "boolean" && token.value === undefined) {
      throw new UsageError(`flag --${name} needs a value; try --help`);
    }
    const text = negated === undefined ? (token.value ?? "true") : "false";
    given.set(name, [...(given.get(name) ?? []), text]);
  }
  return given;
}

function tokenize(options: Options, args: readonly string[]) {
  const known = Object.entries(options).map(
    ([name, option]) => [name, { type: option.kind === "boolean" ? "boolean" : "string" }] as const,
  );
  return parseArgs({
    args: [...args],
    options: {
      ...Object.fromEntries(known),
      help: { type: "boolean", short: "h" },
      version: { type: "boolean" },
    },
    strict: false,
    allowPositionals: true,
    tokens: true,
  }).tokens;
}

function negatedBoolean(options: Options, name: string): string | undefined {
  if (!name.startsWith("no-")) return undefined;
  const positive = name.slice("no-".length);
  return Object.hasOwn(options, positive) && options[positive]?.kind === "boolean" ? positive : undefined;
}

function parseAll(option: Option<unknown>, texts: readonly string[], where: string): unknown {
  try {
    const parsed = texts.map((text) => option.parse(text));
    return option.kind === "list" ? parsed.flat() : parsed.at(-1);
  } catch (error) {
    if (error instanceof InvalidValue) throw new UsageError(`${where} ${error.message}`, { cause: error });
    throw error;
  }
}
