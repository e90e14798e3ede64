import { duration, InvalidValue } from "@pushfleet/config";
import { type RegionId, regionId } from "@pushfleet/store";
import type { Request } from "express";
import { ApiError } from "./api-error.ts";

/** Characters in the words that a list is searched for. */
export const longestSearch = 1_000;

/** What `regionId` takes, in words. */
export const regionRule = "must be a region such as eu-west: 1 to 32 of a-z, 0-9 and -, a letter first";

/** The query of one request. All readers throw ApiError when a value cannot be used. */
export interface Parameters<Name extends string> {
  /** Absent and empty are the same. At most so many characters. */
  text(name: Name, range: { readonly max: number }): string | undefined;
  /** All values of a parameter that may be repeated. */
  texts(name: Name): readonly string[];
  flag(name: Name): boolean;
  /** Milliseconds; a number without a unit is seconds. */
  milliseconds(name: Name): number | undefined;
  count(name: Name, range: { readonly max: number; readonly default: number }): number;
  region(name: Name): RegionId | undefined;
  oneOf<const Choice extends string>(name: Name, choices: readonly Choice[]): Choice | undefined;
}

/**
 * Reads the query, which may have no other parameters, and there may be no body: a filter that is misspelt or in the wrong
 * place would show too much, such a `dry_run` delete it.
 */
export function readParameters<const Name extends string>(
  request: Request,
  names: readonly Name[],
): Parameters<Name> {
  refuseBody(request);
  const query = readQuery(request.url);
  for (const name of query.keys()) {
    if (!names.some((known) => known === name))
      throw invalid(name, `unknown parameter; there are ${names.join(", ") || "none"}`);
  }
  const given = (name: Name): string | undefined => {
    const values = query.getAll(name);
    if (values.length > 1) throw invalid(name, "may be given only once");
    return values[0];
  };
  return {
    text(name, { max }) {
      const value = given(name);
      if (value === undefined || value === "") return undefined;
      // Characters, not UTF-16 units, are what `maxLength` of openapi.yaml counts.
      if (value.length > max && [...value].length > max)
        throw invalid(name, `is longer than ${max} characters`);
      return value;
    },
    texts: (name) => query.getAll(name),
    flag(name) {
      const value = given(name);
      if (value === undefined || value === "false") return false;
      if (value !== "true") throw invalid(name, `must be true or false, got "${value}"`);
      return true;
    },
    milliseconds(name) {
      const value = given(name);
      if (value === undefined) return undefined;
      if (/^\d+(\.\d+)?$/.test(value)) return Number(value) * 1000;
      try {
        return duration(value);
      } catch (error) {
        if (!(error instanceof InvalidValue)) throw error;
        throw invalid(name, error.message);
      }
    },
    count(name, range) {
      const text = given(name);
      if (text === undefined) return range.default;
      const value = Number(text);
      if (!/^\d+$/.test(text) || value < 1 || value > range.max)
        throw invalid(name, `must be a whole number from 1 to ${range.max}, got "${text}"`);
      return value;
    },
    region(name) {
      const value = given(name);
      if (value === undefined) return undefined;
      const region = regionId(value);
      if (region === undefined) throw invalid(name, `${regionRule}, got "${value}"`);
      return region;
    },
    oneOf(name, choices) {
      const value = given(name);
      if (value === undefined) return undefined;
      const choice = choices.find((known) => known === value);
      if (choice === undefined) throw invalid(name, `must be one of ${choices.join(", ")}, got "${value}"`);
      return choice;
    },
  };
}

function refuseBody({ headers }: Request): void {
  const length = headers["content-length"] ?? "0";
  if (headers["transfer-encoding"] === undefined && /^0+$/.test(length)) return;
  throw new ApiError(
    "bad_data",
    "the request has a body, and nothing in it would be heeded; parameters belong in the URL (curl -G puts them there)",
  );
}

/** @param url May begin with a scheme and a host, as proxies ask. */
function readQuery(url: string): URLSearchParams {
  const start = url.indexOf("?");
  const text = start === -1 ? "" : url.slice(start + 1);
  for (const pair of text.split("&")) {
    try {
      decodeURIComponent(pair);
    } catch (cause) {
      throw new ApiError("bad_data", `${pair}: not UTF-8 in percent-encoding`, { cause });
    }
  }
  return new URLSearchParams(text);
}

export function invalid(name: string, reason: string): ApiError {
  return new ApiError("bad_data", `${name}: ${reason}`);
}
