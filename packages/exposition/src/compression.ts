import { type Gunzip, gunzipSync } from "node:zlib";
import { ExpositionError } from "./family.ts";
import { LimitExceeded } from "./limits.ts";
import { snappyChunks } from "./snappy.ts";

/**
 * Undoes the Content-Encoding of a pushed body. As upstream: `gzip` (RFC 1952, several members are concatenated) and
 * `snappy` (the framing format, not a lone block), in any case; every other encoding is passed through undecoded.
 * What is large takes a tenth of a second and more.
 *
 * Decompression stops as soon as more than `maxBytes` (at least 1) came out; never more than that and one chunk of at most 64 KiB is
 * held meanwhile, and as much again for the moment in which the chunks are joined. A body that is passed through is not
 * measured.
 *
 * Throws ExpositionError, with Go's messages, for a damaged or truncated body, and LimitExceeded.
 */
export function decompress(
  body: Uint8Array,
  contentEncoding: string | undefined,
  maxBytes: number,
): Uint8Array {
  switch (encodingOf(contentEncoding)) {
    case "gzip":
      return inflate(body, maxBytes);
    case "snappy":
      return joinSnappy(body, maxBytes);
    case "none":
      return body;
  }
}

/** Inflating as many bytes takes some 0.2 ms. */
const SMALL = { compressedBytes: 16_384, bytes: 65_536 } as const;

/** `decompress` for what is small; undefined, after little time, when the body is not. Throws as `decompress` does. */
export function decompressSmall(
  body: Uint8Array,
  contentEncoding: string | undefined,
  maxBytes: number,
): Uint8Array | undefined {
  if (encodingOf(contentEncoding) === "none") return body.length > SMALL.bytes ? undefined : body;
  if (body.length > SMALL.compressedBytes) return undefined;
  try {
    return decompress(body, contentEncoding, Math.min(maxBytes, SMALL.bytes));
  } catch (error) {
    if (error instanceof LimitExceeded && maxBytes > SMALL.bytes) return undefined;
    throw error;
  }
}

function encodingOf(contentEncoding: string | undefined): "gzip" | "snappy" | "none" {
  const encoding = contentEncoding?.toLowerCase();
  return encoding === "gzip" || encoding === "snappy" ? encoding : "none";
}

function inflate(body: Uint8Array, maxBytes: number): Uint8Array {
  try {
    // With `info: true` Node returns this pair, which its types do not say.
    const inflated: unknown = gunzipSync(body, {
      chunkSize: CHUNK_BYTES,
      maxOutputLength: maxBytes,
      info: true,
    });
    return whole(body, inflated as Inflated);
  } catch (error) {
    throw inflateError(error, maxBytes);
  }
}

/** Inflated at a time. */
const CHUNK_BYTES = 65_536;

interface Inflated {
  readonly buffer: Uint8Array;
  readonly engine: Gunzip;
}

/** Node ignores zeros after the last member, and whatever follows them; Go reads a header there and fails. */
function whole(body: Uint8Array, { buffer, engine }: Inflated): Uint8Array {
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
    if (chunk.length === 0) continue;
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
