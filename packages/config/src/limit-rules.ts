import * as z from "zod";
import { type LimitSettings, limitOptions } from "./limit-options.ts";
import { parsedBy } from "./parsed-by.ts";

/** For requests to groups whose grouping labels fulfil `match`, by one identity or by any, these limits are other ones. */
export interface LimitRule<M> {
  /** Null = any group. */
  readonly match: M | null;
  /** Null = by anyone; "" = without credentials. */
  readonly identity: string | null;
  readonly limits: Partial<LimitSettings>;
}

/** The list under `limits.rules`. A rule names limits as the options do, and says their values in the same notation. */
export function limitRules<M>(parseMatchers: (text: string) => M) {
  const rule = z
    .strictObject({
      match: z.string().transform(parsedBy(parseMatchers)).nullish(),
      identity: z.string().nullish(),
      ...settings(),
    })
    .transform(
      ({ match, identity, ...given }): LimitRule<M> => ({
        match: match ?? null,
        identity: identity ?? null,
        limits: said(given),
      }),
    );
  return z.array(rule);
}

type Setting = ReturnType<typeof setting>;

function settings(): Record<keyof LimitSettings, Setting> {
  const schemas = Object.entries(limitOptions).map(([name, { parse }]) => [name, setting(parse)] as const);
  // One for each entry of limitOptions.
  return Object.fromEntries(schemas) as Record<keyof LimitSettings, Setting>;
}

/** YAML reads most values as numbers. */
function setting(parse: (text: string) => number) {
  return z
    .preprocess(
      (given) => (typeof given === "number" ? String(given) : given),
      z.string().transform(parsedBy(parse)),
    )
    .optional();
}

function said(given: { readonly [K in keyof LimitSettings]?: number | undefined }): Partial<LimitSettings> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
