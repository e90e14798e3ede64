import { constants, gzipSync } from "node:zlib";
import { decompress, ExpositionError, LimitExceeded } from "@pushfleet/exposition";
import { compressionCases } from "../../conformance/cases/compression.ts";
import type { Chance } from "../../conformance/random.ts";
import { bodiesOf } from "../bodies-of.ts";
import { requireBound } from "../bound-check.ts";
import type { Target } from "../target.ts";

const maxBytes = 1_000_000;

/** Bodies as the gateway takes them. */
export const gzip: Target = {
  name: "gzip",
  refusals: [ExpositionError, LimitExceeded],
  words: ["\x1f\x8b\x08", "\x1f\x8b\x08\x1c", "\x00", "\x03\x00", "\x00\x00\xff\xff"],
  sessionLength: 10_000,
  seeds: () => bodiesOf(compressionCases),
  generate: randomMembers,
  open: () => ({
    async take(input) {
      const data = decompress(input, "GZip", maxBytes);
      return () => requireBound(input, "gzip", data);
    },
  }),
};

function randomMembers(chance: Chance): Buffer {
  return Buffer.concat(Array.from({ length: chance.int(1, 3) }, () => randomMember(chance)));
}

/** Short or long, of one byte repeated or of many, stored, by the fixed codes or by its own. */
function randomMember(chance: Chance): Buffer {
  const length = chance.flip(0.02)
    ? chance.pick([262_144, 262_145, 1_000_000, 3_000_000])
    : chance.int(0, 300);
  const piece = Buffer.from(Array.from({ length: chance.int(1, 40) }, () => chance.int(0, 255)));
  return gzipSync(Buffer.alloc(length, piece), {
    level: chance.int(0, 9),
    strategy: chance.pick([constants.Z_DEFAULT_STRATEGY, constants.Z_FIXED, constants.Z_HUFFMAN_ONLY]),
  });
}
