import { duration, InvalidValue } from "@pushfleet/config";
import type { Request } from "express";
import { ApiError } from "./api-error.ts";

/** The query of one request. All readers throw ApiError when a value cannot be used. */
export interface Parameters<Name extends string> {
  /** Absent and empty are the same. */
  text(name: Name): string | undefined;
  /** All values of a parameter that may be repeated. */
  texts(name: Name): readonly string[];
  flag(name: Name): boolean;
  /** Milliseconds; a number without a unit is seconds. */
  milliseconds(name: Name): number | undefined;
  count(name: Name, range: { readonly max: number; readonly default: number }): number;
  oneOf<const Choice extends string>(name: Name, choices: readonly Choice[]): Choice | undefined;
}

/**
 * Reads the query, which may have no other parameters: a misspelt filter would show too much, a misspelt `dry_run` delete it.
 */
export function readParameters<const Name extends string>(
  request: Request,
  names: readonly Name[],
): Parameters<Name> {
  const query = new URLSearchParams(request.url.slice(request.path.length));
  for (const given of query.keys()) {
    if (!names.some((name) => name === given))
      throw new ApiError("bad_data", `${given}: unknown parameter; there are ${names.join(", ")}`);
  }
  const text = (name: Name): string | undefined => {
    const values = query.getAll(name);
    if (values.length > 1) throw invalid(name, "may be given only once");
    return values[0] === "" ? undefined : values[0];
  };
  return {
    text,
    texts: (name) => query.getAll(name),
    flag(name) {
      const given = text(name);
      if (given === undefined || given === "false") return false;
      if (given !== "true") throw invalid(name, `must be true or false, got "${given}"`);
      return true;
    },
    milliseconds(name) {
      const given = text(name);
      if (given === undefined) return undefined;
      if (/^\d+(\.\d+)?$/.test(given)) return Number(given) * 1000;
      try {
        return duration(given);
      } catch (error) {
        if (!(error instanceof InvalidValue)) throw error;
        throw invalid(name, error.message);
      }
    },
    count(name, range) {
      const given = text(name);
      if (given === undefined) return range.default;
      const value = Number(given);
      if (!/^\d+$/.test(given) || value < 1 || value > range.max)
        throw invalid(name, `must be a whole number from 1 to ${range.max}, got "${given}"`);
      return value;
    },
    oneOf(name, choices) {
      const given = text(name);
      if (given === undefined) return undefined;
      const choice = choices.find((known) => known === given);
      if (choice === undefined) throw invalid(name, `must be one of ${choices.join(", ")}, got "${given}"`);
      return choice;
    },
  };
}

export function invalid(name: string, reason: string): ApiError {
  return new ApiError("bad_data", `${name}: ${reason}`);
}
