/** How one option is written, read and explained. `T` is what the program gets. */
export interface Option<T> {
  /** A boolean takes no value on the command line (`--x`, `--no-x`); a list may be given several times. */
  readonly kind: "value" | "boolean" | "list";
  readonly default: T;
  readonly help: string;
  /** What stands for the value in the help text. */
  readonly placeholder?: string;
  /** True for the options that Pushgateway 1.11 has too, with its name, default and meaning. */
  readonly upstream: boolean;
  /** Reads one given text. Throws InvalidValue saying what is wrong with it and what would be right. */
  parse(text: string): T;
  /** The value as a person would write it, with secrets masked. */
  format(value: T): string;
}

/** Why a text is no value for its option; the caller adds which option and where it was given. */
export class InvalidValue extends Error {
  override readonly name = "InvalidValue";
}

interface Details<T> {
  readonly help: string;
  readonly placeholder?: string;
  readonly upstream?: boolean;
  readonly format?: (value: T) => string;
}

/** An option of any one text, checked and converted by `parse`. */
export function value<T>(parse: (text: string) => T, fallback: T, details: Details<T>): Option<T> {
  return {
    kind: "value",
    upstream: false,
    placeholder: "VALUE",
    format: (given) => (given === null ? "" : String(given)),
    ...details,
    default: fallback,
    parse,
  };
}

/** An option that may be given several times; in its environment variable the values stand separated by commas. */
export function list<T>(
  parse: (text: string) => T,
  fallback: readonly T[],
  details: Details<T>,
): Option<readonly T[]> {
  const { format = String, ...rest } = details;
  return {
    kind: "list",
    upstream: false,
    placeholder: "VALUE",
    ...rest,
    default: fallback,
    format: (items) => items.map((item) => format(item)).join(","),
    parse: (text) => [parse(text)],
  };
}

/** An option that is on or off. */
export function flag(fallback: boolean, details: Details<boolean>): Option<boolean> {
  return {
    kind: "boolean",
    upstream: false,
    format: String,
    ...details,
    default: fallback,
    parse: parseBoolean,
  };
}

/** One of a closed set of words. */
export function oneOf<const W extends string>(
  words: readonly W[],
  fallback: W,
  details: Details<W>,
): Option<W> {
  return value<W>(
    (text) => {
      const found = words.find((word) => word === text);
      if (found === undefined) throw new InvalidValue(`must be one of ${words.join(", ")}, got "${text}"`);
      return found;
    },
    fallback,
    { placeholder: words.join("|"), ...details },
  );
}

function parseBoolean(text: string): boolean {
  if (text === "true" || text === "1") return true;
  if (text === "false" || text === "0") return false;
  throw new InvalidValue(`must be true or false, got "${text}"`);
}
