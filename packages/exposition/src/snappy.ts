import { ExpositionError } from "./family.ts";

/**
 * Reads the Snappy framing format (google/snappy: framing_format.txt), as Go's `snappy.NewReader` does, and the block
 * format inside it (format_description.txt). Only decompression: a gateway never sends Snappy.
 */

/** The most a chunk may hold once decompressed (framing format, section 4.2). */
const MAX_CHUNK = 65_536;
/** What a chunk of incompressible data can take: the longest chunk Go's reader accepts. */
const MAX_ENCODED_CHUNK = 76_490 + 4;
const HEADER_SIZE = 4;
const CHECKSUM_SIZE = 4;
const STREAM_IDENTIFIER = "sNaPpY";

const nothing = new Uint8Array(0);

/**
 * The decompressed chunks of a stream, in order, one at a time, empty for those without content: stop early and nothing
 * more is decompressed.
 * Throws ExpositionError, with Go's messages, for anything that is not a whole, undamaged stream.
 */
export function* snappyChunks(stream: Uint8Array): Generator<Uint8Array> {
  let position = 0;
  while (position < stream.length) {
    if (position + HEADER_SIZE > stream.length) throw corrupt();
    const type = byteAt(stream, position);
    const length = littleEndian(stream, position + 1, 3);
    if (position === 0 && type !== 0xff) throw corrupt();
    if (length > MAX_ENCODED_CHUNK) throw unsupported();
    const start = position + HEADER_SIZE;
    position = start + length;
    if (position > stream.length) throw corrupt();
    const body = stream.subarray(start, position);

    if (type === 0x00 || type === 0x01) {
      yield dataOf(body, { compressed: type === 0x00 });
      continue;
    }
    if (type === 0xff) checkStreamIdentifier(body);
    else if (type < 0x80) throw unsupported();
    // What is left, 0x80 to 0xfe, is padding and chunks that a reader has to skip; a body can be nothing but these.
    yield nothing;
  }
}

function dataOf(body: Uint8Array, { compressed }: { compressed: boolean }): Uint8Array {
  if (body.length < CHECKSUM_SIZE) throw corrupt();
  const checksum = littleEndian(body, 0, CHECKSUM_SIZE);
  const payload = body.subarray(CHECKSUM_SIZE);
  const data = compressed ? decodeBlock(payload, MAX_CHUNK) : payload;
  if (data.length > MAX_CHUNK || maskedCrc32c(data) !== checksum) throw corrupt();
  return data;
}

function checkStreamIdentifier(body: Uint8Array): void {
  if (Buffer.from(body).toString("latin1") !== STREAM_IDENTIFIER) throw corrupt();
}

/**
 * Decompresses one block. Nothing is allocated for a block that claims more than `maxBytes`.
 * Throws ExpositionError when it is damaged.
 */
export function decodeBlock(block: Uint8Array, maxBytes: number): Uint8Array {
  const { value: size, end } = readLength(block);
  if (size > maxBytes) throw corrupt();
  const output = new Uint8Array(size);
  let from = end;
  let to = 0;
  while (from < block.length) {
    const tag = byteAt(block, from++);
    if ((tag & 3) === 0) {
      // A literal: its length minus one is in the tag, or in the one to four bytes after it.
      const extra = Math.max(0, (tag >>> 2) - 59);
      const length = (extra === 0 ? tag >>> 2 : littleEndian(block, from, extra)) + 1;
      from += extra;
      if (length > block.length - from || length > size - to) throw corrupt();
      output.set(block.subarray(from, from + length), to);
      from += length;
      to += length;
    } else {
      // A copy of earlier output; its offset follows in 1, 2 or 4 bytes.
      const short = (tag & 3) === 1;
      const width = short ? 1 : (tag & 3) === 2 ? 2 : 4;
      const length = short ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1;
      const offset = littleEndian(block, from, width) + (short ? (tag >>> 5) << 8 : 0);
      from += width;
      if (offset === 0 || offset > to || length > size - to) throw corrupt();
      copyEarlier(output, { to, offset, length });
      to += length;
    }
  }
  if (to !== size) throw corrupt();
  return output;
}

/** The source may overlap the target: then the bytes just written are repeated, which is how runs are encoded. */
function copyEarlier(output: Uint8Array, copy: { to: number; offset: number; length: number }): void {
  const { to, offset, length } = copy;
  if (offset >= length) output.copyWithin(to, to - offset, to - offset + length);
  else for (let index = to; index < to + length; index++) output[index] = byteAt(output, index - offset);
}

/** The varint of at most 32 bits that starts a block. */
function readLength(block: Uint8Array): { value: number; end: number } {
  let value = 0;
  for (let index = 0; index < 5; index++) {
    const byte = byteAt(block, index);
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return { value, end: index + 1 };
  }
  throw corrupt();
}

function littleEndian(bytes: Uint8Array, start: number, width: number): number {
  let value = 0;
  for (let index = 0; index < width; index++) value += byteAt(bytes, start + index) * 2 ** (8 * index);
  return value;
}

function byteAt(bytes: Uint8Array, index: number): number {
  const byte = bytes[index];
  if (byte === undefined) throw corrupt();
  return byte;
}

/** CRC-32C of the sixteen values of half a byte: two steps a byte need no table of 256 made at start. */
const CRC32C_NIBBLES = Uint32Array.of(
  0x00000000,
  0x105ec76f,
  0x20bd8ede,
  0x30e349b1,
  0x417b1dbc,
  0x5125dad3,
  0x61c69362,
  0x7198540d,
  0x82f63b78,
  0x92a8fc17,
  0xa24bb5a6,
  0xb21572c9,
  0xc38d26c4,
  0xd3d3e1ab,
  0xe330a81a,
  0xf36e6f75,
);

/** The checksum of the framing format, section 3: CRC-32C (RFC 3720), rotated and shifted by a constant. */
export function maskedCrc32c(data: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of data) {
    crc ^= byte;
    crc = (crc >>> 4) ^ (CRC32C_NIBBLES[crc & 15] ?? 0);
    crc = (crc >>> 4) ^ (CRC32C_NIBBLES[crc & 15] ?? 0);
  }
  crc = ~crc >>> 0;
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

function corrupt(): ExpositionError {
  return new ExpositionError("snappy: corrupt input");
}

function unsupported(): ExpositionError {
  return new ExpositionError("snappy: unsupported input");
}
