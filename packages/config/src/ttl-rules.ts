import * as z from "zod";
import { parsedBy } from "./parsed-by.ts";
import { duration } from "./values.ts";

/** Groups whose grouping labels fulfil `match` live for so long. */
export interface TtlRule<M> {
  readonly match: M;
  /** Milliseconds from each push on; 0 = for ever. */
  readonly ttlMs: number;
}

/** The list under `ttl.rules`. */
export function ttlRules<M>(parseMatchers: (text: string) => M) {
  const rule = z.strictObject({ match: z.string().transform(parsedBy(parseMatchers)), ttl: ttl() });
  return z.array(rule.transform(({ match, ttl: ttlMs }): TtlRule<M> => ({ match, ttlMs })));
}

/** A duration. `0` needs no unit, so YAML reads it as a number. */
function ttl() {
  return z.preprocess(
    (given) => (typeof given === "number" ? String(given) : given),
    z.string().transform(parsedBy(duration)),
  );
}
