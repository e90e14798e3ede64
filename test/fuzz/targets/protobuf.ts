import { isDeepStrictEqual } from "node:util";
import {
  type ContentLimits,
  decodeProtobuf,
  ExpositionError,
  encodeMetrics,
  type Family,
  familyPrefix,
  LimitExceeded,
  noLimits,
} from "@pushfleet/exposition";
import { protobufCases } from "../../conformance/cases/protobuf.ts";
import { createAdmissionCheck } from "../admission-check.ts";
import { bodiesOf } from "../bodies-of.ts";
import { type Check, require, type Session, type Target } from "../target.ts";
import { randomFamilies, wireSoup } from "../wire-soup.ts";
import { tellingNames, tellingTexts } from "../words.ts";

const wire = [
  "\x0a\x01m",
  "\x18\x01",
  "\x22\x00",
  "\x0b",
  "\x0c",
  "\x12\x09",
  "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01",
  "\x3a\x02\x1a\x00",
];

const tight: ContentLimits = {
  ...noLimits,
  "push.max-families": 2,
  "push.max-series": 6,
  "push.max-labels": 1,
  "push.max-label-value-length": 2,
};

/** Bodies of delimited messages. */
export const protobuf: Target = {
  name: "protobuf",
  refusals: [ExpositionError, LimitExceeded],
  words: [...wire, ...tellingNames, ...tellingTexts],
  sessionLength: 2_000,
  seeds: () => bodiesOf(protobufCases),
  generate: (chance) => (chance.flip(0.6) ? randomFamilies(chance) : wireSoup(chance)),
  open: openSession,
};

function openSession(): Session {
  const checkAdmission = createAdmissionCheck();
  return {
    take(input): Check {
      const families = decodeProtobuf(input);
      return () => {
        const again = decodeProtobuf(Buffer.concat(families.flatMap(encoded)));
        require(isDeepStrictEqual(again, families), "what is written of it reads otherwise");
        requireSameWithin(input, families);
        checkAdmission(families);
      };
    },
  };
}

function encoded(family: Family): readonly Uint8Array[] {
  const metrics = encodeMetrics(family.type, family.metrics);
  return [familyPrefix(family, metrics.length), metrics];
}

/** Limits refuse or change nothing. */
function requireSameWithin(input: Buffer, families: readonly Family[]): void {
  let limited: readonly Family[];
  try {
    limited = decodeProtobuf(input, tight);
  } catch (error) {
    if (error instanceof LimitExceeded) return;
    throw error;
  }
  require(isDeepStrictEqual(limited, families), "limits that are kept change what is read");
}
