import { isDeepStrictEqual } from "node:util";
import {
  type ContentLimits,
  createTextParser,
  ExpositionError,
  type Family,
  LimitExceeded,
  noLimits,
  parseText,
} from "@pushfleet/exposition";
import { conflictCases } from "../../conformance/cases/conflicts.ts";
import { floatCases } from "../../conformance/cases/floats.ts";
import { textCases } from "../../conformance/cases/text.ts";
import { type Chance, randomSequence } from "../../conformance/random.ts";
import { createAdmissionCheck } from "../admission-check.ts";
import { bodiesOf } from "../bodies-of.ts";
import { type Check, require, type Session, type Target } from "../target.ts";
import { tellingNames, tellingTexts } from "../words.ts";

const grammar = [
  "# HELP ",
  "# TYPE ",
  "counter",
  "gauge",
  "histogram",
  "summary",
  "untyped",
  "gaugehistogram",
  "_count",
  "_sum",
  "_bucket",
  "{",
  "}",
  '="',
  '"',
  ",",
  " ",
  "\t",
  "\n",
  '{le="+Inf"} ',
  '{quantile="0.5"} ',
  " 1\n",
  " NaN\n",
  " -Inf\n",
  " 1e308\n",
  " 4.9e-324\n",
  " 1 1700000000000\n",
] as const;

/** Tight enough that inputs often go beyond. */
const tight: ContentLimits = {
  "push.max-families": 3,
  "push.max-series": 8,
  "push.max-labels": 3,
  "push.max-metric-name-length": 12,
  "push.max-help-length": 16,
  "push.max-label-name-length": 8,
  "push.max-label-value-length": 8,
};

/** Bodies in text, to a parser and an admission that remember what came before. */
export const text: Target = {
  name: "text",
  refusals: [ExpositionError, LimitExceeded],
  words: [...grammar, ...tellingNames, ...tellingTexts],
  sessionLength: 2_000,
  seeds: () => bodiesOf([...textCases, ...floatCases, ...conflictCases]),
  generate: (chance) => Buffer.from(chance.flip(0.5) ? wordsOf(chance) : randomBodies(chance)),
  open: openSession,
};

function openSession(): Session {
  const parse = createTextParser({ names: "utf8" });
  const variants = (["utf8", "legacy"] as const).flatMap((names) =>
    [noLimits, tight].map((limits) => ({ names, limits, parse: createTextParser({ names }) })),
  );
  const checkAdmission = createAdmissionCheck();
  const compareVariants = (input: Buffer): void => {
    for (const { names, limits, parse: remembering } of variants) {
      const got = outcomeOf(() => remembering(input, limits));
      const wanted = outcomeOf(() => parseText(input, { names }, limits));
      require(isDeepStrictEqual(got, wanted), `what a parser with a memory makes of it differs (${names})`);
    }
  };
  return {
    take(input): Check {
      const families = parse(input);
      return () => {
        compareVariants(input);
        checkAdmission(families);
      };
    },
    refused: (_error, input) => compareVariants(input),
  };
}

/** What was parsed, without what memories add; or the text of the refusal. */
function outcomeOf(parse: () => readonly Family[]): unknown {
  try {
    return parse().map((family) => ({
      ...family,
      metrics: family.metrics.map(({ head: _, ...metric }) => metric),
    }));
  } catch (error) {
    return String(error);
  }
}

function wordsOf(chance: Chance): string {
  const words = [...grammar, ...grammar, ...tellingNames, ...tellingTexts, "a", "m", "1", "2"] as const;
  return Array.from({ length: chance.int(1, 40) }, () => words[chance.int(0, words.length - 1)]).join("");
}

function randomBodies(chance: Chance): string {
  return randomSequence(chance)
    .map(({ body }) => (body === undefined ? "" : String(body)))
    .join("");
}
