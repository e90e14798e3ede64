/**
 * The snappy framing format (framing_format.txt) with chunks left uncompressed, which every reader has to take; enough
 * to test a decoder of frames. Chunks of the pre-made body in the cases are compressed.
 */
export function snappyFrames(body: Uint8Array, chunkSize = 65_536): Buffer {
  const parts: Buffer[] = [STREAM_IDENTIFIER];
  for (let at = 0; at < body.length; at += chunkSize)
    parts.push(chunk(UNCOMPRESSED, body.subarray(at, at + chunkSize)));
  return Buffer.concat(parts);
}

/** One compressed chunk that holds a single literal and one copy of it: `text` twice. */
export function snappyTwice(text: string): Buffer {
  const literal = Buffer.from(text);
  if (literal.length > 60) throw new RangeError("the literal is too long for a one-byte tag");
  const block = Buffer.concat([
    // Preamble: the length decompressed; below 128 it is one byte.
    Buffer.of(literal.length * 2, (literal.length - 1) << 2),
    literal,
    // A copy with a two-byte offset: its length and how far back it starts.
    Buffer.of(((literal.length - 1) << 2) | 2, literal.length, 0),
  ]);
  return Buffer.concat([STREAM_IDENTIFIER, chunk(COMPRESSED, block, Buffer.concat([literal, literal]))]);
}

/** A stream of frames that exist already. */
export function snappyStream(frames: readonly Uint8Array[]): Buffer {
  return Buffer.concat([STREAM_IDENTIFIER, ...frames]);
}

/** The block, which holds `content`, as one frame of a stream. */
export function snappyFrame(block: Uint8Array, content: Uint8Array): Buffer {
  return chunk(COMPRESSED, block, content);
}

const STREAM_IDENTIFIER = Buffer.from("\xff\x06\x00\x00sNaPpY", "latin1");
const COMPRESSED = 0;
const UNCOMPRESSED = 1;

/** `content` is what the checksum is of, where the data is not it. */
function chunk(type: number, data: Uint8Array, content = data): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt8(type, 0);
  header.writeUIntLE(data.length + 4, 1, 3);
  header.writeUInt32LE(maskedCrc32c(content), 4);
  return Buffer.concat([header, data]);
}

function maskedCrc32c(data: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  crc = ~crc >>> 0;
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
