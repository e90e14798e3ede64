import { decompress, ExpositionError, LimitExceeded } from "@pushfleet/exposition";
import { decodeBlock, maskedCrc32c } from "../../../packages/exposition/src/snappy.ts";
import { compressionCases } from "../../conformance/cases/compression.ts";
import type { Chance } from "../../conformance/random.ts";
import { snappyFrames, snappyTwice } from "../../conformance/snappy.ts";
import { bodiesOf } from "../bodies-of.ts";
import { requireBound } from "../bound-check.ts";
import { plainDecodeBlock } from "../plain-snappy.ts";
import { type Check, require, type Target } from "../target.ts";

const maxBytes = 65_536;
const words = [
  "\x00",
  "\xf0",
  "\xf4",
  "\xf8\xff",
  "\xfc\xff\xff\xff\xff",
  "\x01\x00",
  "\xfe\xff\xff",
  "\xff\xff\xff\xff\x0f",
  "\xff\x06\x00\x00sNaPpY",
];

/** Compressed blocks, as they stand in frames, compared with a decoder that is as plain as can be. */
export const snappyBlocks: Target = {
  name: "snappy-blocks",
  refusals: [ExpositionError],
  words,
  sessionLength: 10_000,
  seeds: () => [],
  generate: (chance) => randomBlock(chance).block,
  open: () => ({
    take(input): Check {
      const data = decodeBlock(input, maxBytes);
      return () => {
        const wanted = plainDecodeBlock(input, maxBytes);
        require(wanted !== undefined && Buffer.compare(data, wanted) === 0, "a block is decoded otherwise");
      };
    },
    refused: (_error, input) =>
      require(plainDecodeBlock(input, maxBytes) === undefined, "a whole block is refused"),
  }),
};

/** Bodies as the gateway takes them. */
export const snappyFramed: Target = {
  name: "snappy-frames",
  refusals: [ExpositionError, LimitExceeded],
  words,
  sessionLength: 10_000,
  seeds: () => [...bodiesOf(compressionCases), snappyFrames(Buffer.from("m 1\n")), snappyTwice("m 1\n")],
  generate: randomFrames,
  repair: withChecksums,
  open: () => ({
    async take(input) {
      const data = decompress(input, "snappy", maxBytes);
      return () => requireBound(input, "snappy", data);
    },
  }),
};

/** Literals and copies of all widths, some of them overlapping. */
function randomBlock(chance: Chance): { readonly block: Buffer; readonly content: Buffer } {
  const content: number[] = [];
  const parts: Buffer[] = [];
  for (let elements = chance.int(0, 12); elements > 0; elements--) {
    if (content.length === 0 || chance.flip(0.4)) {
      const literal = Array.from({ length: chance.pick([1, 5, 59, 60, 61, 70, 300]) }, () =>
        chance.int(97, 99),
      );
      content.push(...literal);
      parts.push(literalTag(literal.length, chance), Buffer.from(literal));
    } else {
      const offset = chance.int(1, Math.min(content.length, 2_047));
      const length = chance.int(4, 11);
      for (let i = 0; i < length; i++) content.push(content[content.length - offset] ?? 0);
      parts.push(copyTag(offset, length, chance));
    }
  }
  const size: number[] = [];
  let rest = content.length;
  for (; rest >= 0x80; rest >>= 7) size.push((rest & 0x7f) | 0x80);
  return { block: Buffer.concat([Buffer.from([...size, rest]), ...parts]), content: Buffer.from(content) };
}

function literalTag(length: number, chance: Chance): Buffer {
  if (length <= 60 && chance.flip(0.8)) return Buffer.of((length - 1) << 2);
  const extra = chance.int(length > 256 ? 2 : 1, 4);
  const tag = Buffer.alloc(1 + extra);
  tag[0] = (59 + extra) << 2;
  tag.writeUIntLE(length - 1, 1, extra);
  return tag;
}

function copyTag(offset: number, length: number, chance: Chance): Buffer {
  const width = chance.pick([1, 2, 4]);
  if (width === 1) return Buffer.of(((offset >> 8) << 5) | ((length - 4) << 2) | 1, offset & 0xff);
  const tag = Buffer.alloc(1 + width);
  tag[0] = ((length - 1) << 2) | (width === 2 ? 2 : 3);
  tag.writeUIntLE(offset, 1, width);
  return tag;
}

const identifier = Buffer.from("\xff\x06\x00\x00sNaPpY", "latin1");

function randomFrames(chance: Chance): Buffer {
  const frames: Buffer[] = [identifier];
  for (let chunks = chance.int(0, 4); chunks > 0; chunks--) {
    const { block, content } = randomBlock(chance);
    const type = chance.pick([0, 0, 1, 0x80, 0xfe, 0xff]);
    frames.push(frame(type, type === 0 ? block : type === 0xff ? identifier.subarray(4) : content));
  }
  return withChecksums(Buffer.concat(frames));
}

/** With room for a checksum where data follows it. */
function frame(type: number, data: Buffer): Buffer {
  const body = type <= 1 ? Buffer.concat([Buffer.alloc(4), data]) : data;
  const head = Buffer.alloc(4);
  head[0] = type;
  head.writeUIntLE(body.length, 1, 3);
  return Buffer.concat([head, body]);
}

/** The same stream, where every chunk of data that can be decoded has the checksum of what is in it. */
function withChecksums(stream: Buffer): Buffer {
  const repaired = Buffer.from(stream);
  for (let at = 0; at + 8 <= repaired.length; ) {
    const length = repaired.readUIntLE(at + 1, 3);
    const data = repaired.subarray(at + 8, at + 4 + length);
    const content =
      repaired[at] === 0 ? plainDecodeBlock(data, maxBytes) : repaired[at] === 1 ? data : undefined;
    if (content !== undefined && length >= 4) repaired.writeUInt32LE(maskedCrc32c(content), at + 4);
    at += 4 + length;
  }
  return repaired;
}
