import { promisify } from "node:util";
import { type Gunzip, gunzip, gunzipSync } from "node:zlib";
import { ExpositionError } from "./family.ts";
import { LimitExceeded } from "./limits.ts";
import { snappyChunks } from "./snappy.ts";

/**
 * Undoes the Content-Encoding of a pushed body. As upstream: `gzip` (RFC 1952, several members are concatenated) and
 * `snappy` (the framing format, not a lone block), in any case; every other encoding is passed through undecoded.
 *
 * Decompression stops as soon as more than `maxBytes` (at least 1) came out; never more than that and one chunk of at most 64 KiB is
 * held meanwhile, and as much again for the moment in which the chunks are joined. A body that is passed through is not
 * measured.
 *
 * Throws ExpositionError, with Go's messages, for a damaged or truncated body, and LimitExceeded.
 */
export async function decompress(
  body: Uint8Array,
  contentEncoding: string | undefined,
  maxBytes: number,
): Promise<Uint8Array> {
  switch ((contentEncoding ?? "").toLowerCase()) {
    case "gzip":
      return inflate(body, maxBytes);
    case "snappy":
      return joinSnappy(body, maxBytes);
    default:
      return body;
  }
}

/**
 * Inflating a common push takes 4 µs; handing it to the thread pool costs 60 µs more. So small bodies are inflated on
 * the spot, and the pool takes those that are large or turn out so: the event loop never waits for more than this much.
 */
const AT_ONCE = { compressedBytes: 16_384, bytes: 262_144 } as const;

async function inflate(body: Uint8Array, maxBytes: number): Promise<Uint8Array> {
  try {
    const small = body.length <= AT_ONCE.compressedBytes ? inflateAtOnce(body, maxBytes) : undefined;
    return small ?? whole(body, await promisify(gunzip)(body, { maxOutputLength: maxBytes, info: true }));
  } catch (error) {
    throw inflateError(error, maxBytes);
  }
}

/** Undefined when it turns out to be too much for that. */
function inflateAtOnce(body: Uint8Array, maxBytes: number): Uint8Array | undefined {
  try {
    const maxOutputLength = Math.min(maxBytes, AT_ONCE.bytes);
    return whole(body, gunzipSync(body, { maxOutputLength, info: true }));
  } catch (error) {
    if (codeOf(error) === "ERR_BUFFER_TOO_LARGE" && maxBytes > AT_ONCE.bytes) return undefined;
    throw error;
  }
}

/** Node ignores zeros after the last member, and whatever follows them; Go reads a header there and fails. */
function whole(body: Uint8Array, result: unknown): Uint8Array {
  // With `info: true` Node returns this pair, which its types do not say.
  const { buffer, engine } = result as { buffer: Uint8Array; engine: Gunzip };
  if (engine.bytesWritten !== body.length) throw new ExpositionError("gzip: invalid header");
  return buffer;
}

function inflateError(error: unknown, maxBytes: number): unknown {
  switch (codeOf(error)) {
    case "ERR_BUFFER_TOO_LARGE":
      return tooLarge(maxBytes);
    case "Z_BUF_ERROR":
      return new ExpositionError("unexpected EOF", { cause: error });
    case "Z_DATA_ERROR":
      return new ExpositionError(damage(String(error)), { cause: error });
    default:
      return error;
  }
}

/** Go's words for zlib's. */
function damage(zlibMessage: string): string {
  if (/data check|length check/.test(zlibMessage)) return "gzip: invalid checksum";
  if (/header|compression method|window size/.test(zlibMessage)) return "gzip: invalid header";
  return "flate: corrupt input";
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

function joinSnappy(body: Uint8Array, maxBytes: number): Uint8Array {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (const chunk of snappyChunks(body)) {
    size += chunk.length;
    if (size > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  const [only] = chunks;
  return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, size);
}

function tooLarge(maxBytes: number): LimitExceeded {
  return new LimitExceeded("push.max-body-size", { value: maxBytes });
}
