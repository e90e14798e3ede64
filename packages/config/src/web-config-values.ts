import { validateHeaderValue } from "node:http";
import * as z from "zod";

/** The scalars of a web configuration file, each of which is a text when it comes here. */

/** A setting that may be left out. Upstream takes what is empty for left out. */
export function optional<S extends z.ZodType>(schema: S) {
  return z.preprocess((given) => (given === null || given === "" ? undefined : given), schema.optional());
}

/** The entries of a mapping with names of the user's own choice. */
function entries<S extends z.ZodType>(values: S) {
  // A Map, because a name may be `__proto__`, which a record would pass over.
  return z.preprocess(
    (given) =>
      typeof given === "object" && given !== null && !Array.isArray(given)
        ? new Map(Object.entries(given))
        : given,
    z.map(z.string(), values),
  );
}

/** What a name stands for. `what` begins the message for any other name. */
export function named<T>(known: ReadonlyMap<string, T>, what = "must be one of") {
  return z.string().transform((name, context): T => {
    const value = known.get(name);
    if (value !== undefined) return value;
    context.addIssue({ code: "custom", message: `${what} ${[...known.keys()].join(", ")}` });
    return z.NEVER;
  });
}

/** The words of YAML 1.1, which upstream reads. */
export function truth() {
  return z.string().transform((text, context): boolean => {
    if (/^(y|yes|true|on)$/i.test(text)) return true;
    if (/^(n|no|false|off)$/i.test(text)) return false;
    context.addIssue({ code: "custom", message: "must be true or false" });
    return z.NEVER;
  });
}

const nanoseconds: ReadonlyMap<string, number> = new Map([
  ["ns", 1],
  ["us", 1e3],
  ["µs", 1e3],
  ["μs", 1e3],
  ["ms", 1e6],
  ["s", 1e9],
  ["m", 60e9],
  ["h", 3600e9],
]);

/** A duration as Go's time.ParseDuration reads it, such as `300ms` or `1.5h`, zero or more; in milliseconds. */
export function goDuration() {
  return z.string().transform((text, context): number => {
    const parts = [...text.matchAll(/(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g)];
    const read = parts.map(([part]) => part).join("");
    if (text !== "0" && (read === "" || read !== text)) {
      context.addIssue({ code: "custom", message: "must be a duration such as 300ms, 1s or 1m30s" });
      return z.NEVER;
    }
    const total = parts.reduce(
      (sum, [, count, unit = ""]) => sum + Number(count) * (nanoseconds.get(unit) ?? 0),
      0,
    );
    return total / 1e6;
  });
}

/** A whole number, zero or more. */
export function wholeNumber() {
  return z
    .string()
    .regex(/^\d{1,9}$/, "must be a whole number, 0 or more")
    .transform(Number);
}

/** The headers that may be set, each with the values it may have; any, where there are none. */
const allowedHeaders: ReadonlyMap<string, readonly string[]> = new Map([
  ["Content-Security-Policy", []],
  ["Strict-Transport-Security", []],
  ["X-Content-Type-Options", ["nosniff"]],
  ["X-Frame-Options", ["deny", "sameorigin"]],
  ["X-XSS-Protection", []],
]);

/** Headers by name, those without a value left out. */
export function headers() {
  return entries(z.string().nullable()).transform((given, context) => {
    const set = new Map<string, string>();
    for (const [name, value] of given) {
      const message = headerProblem(name, value ?? "");
      if (message !== undefined) context.addIssue({ code: "custom", path: [name], message });
      else if (value !== null && value !== "") set.set(name, value);
    }
    return set;
  });
}

function headerProblem(name: string, value: string): string | undefined {
  const values = allowedHeaders.get(name);
  if (values === undefined) {
    return `is not a header that can be set; those are ${[...allowedHeaders.keys()].join(", ")}`;
  }
  if (value !== "" && values.length > 0 && !values.includes(value))
    return `must be ${values.map((one) => `"${one}"`).join(" or ")}`;
  try {
    validateHeaderValue(name, value);
    return undefined;
  } catch {
    return "has a character that no header may have";
  }
}

const bcryptHash = /^\$2[aby]\$(?:0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{53}$/;

/** The bcrypt hashes of passwords by user. */
export function users() {
  return entries(z.string()).superRefine((given, context) => {
    for (const [user, hash] of given) {
      const problem = user.includes(":")
        ? "is a name with a colon, with which nobody can log in"
        : bcryptHash.test(hash)
          ? undefined
          : "is not a bcrypt hash, as made by: htpasswd -nBC 10 USER";
      if (problem !== undefined) context.addIssue({ code: "custom", path: [user], message: problem });
    }
  });
}
