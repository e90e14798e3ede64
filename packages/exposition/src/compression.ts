import { setImmediate as nextTurn } from "node:timers/promises";
import { createGunzip, type Gunzip, gunzipSync } from "node:zlib";
import { ExpositionError } from "./family.ts";
import { joinChunks } from "./join.ts";
import { LimitExceeded } from "./limits.ts";
import { snappyChunks } from "./snappy.ts";

/**
 * Undoes the Content-Encoding of a pushed body. As upstream: `gzip` (RFC 1952, several members are concatenated) and
 * `snappy` (the framing format, not a lone block), in any case; every other encoding is passed through undecoded.
 * Takes as long as it takes, elsewhere or in pieces: nobody else waits for more than some milliseconds.
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
  switch (encodingOf(contentEncoding)) {
    case "gzip":
      return inflate(body, maxBytes);
    case "snappy":
      return joinSnappy(body, maxBytes);
    case "none":
      return body;
  }
}

/**
 * Inflating a common push takes 4 µs; handing it to the thread pool costs 60 µs more. So small bodies are inflated on
 * the spot.
 */
const AT_ONCE = { compressedBytes: 16_384, bytes: 65_536 } as const;

/**
 * `decompress` for what is small, now; undefined, after little time, when the body is not. Throws as `decompress` does.
 */
export function decompressSmall(
  body: Uint8Array,
  contentEncoding: string | undefined,
  maxBytes: number,
): Uint8Array | undefined {
  const encoding = encodingOf(contentEncoding);
  if (encoding === "none") return body.length > AT_ONCE.bytes ? undefined : body;
  if (body.length > AT_ONCE.compressedBytes) return undefined;
  const most = Math.min(maxBytes, AT_ONCE.bytes);
  try {
    return encoding === "gzip" ? inflateAtOnce(body, most) : joinSnappyAtOnce(body, most);
  } catch (error) {
    if (error instanceof LimitExceeded && maxBytes > AT_ONCE.bytes) return undefined;
    throw error;
  }
}

function encodingOf(contentEncoding: string | undefined): "gzip" | "snappy" | "none" {
  const encoding = contentEncoding?.toLowerCase();
  return encoding === "gzip" || encoding === "snappy" ? encoding : "none";
}

/** Inflated at a time, so that each takes the thread pool a tenth of a millisecond. */
const CHUNK_BYTES = 65_536;

async function inflate(body: Uint8Array, maxBytes: number): Promise<Uint8Array> {
  const engine = createGunzip({ chunkSize: CHUNK_BYTES });
  engine.end(body);
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of engine as AsyncIterable<Uint8Array>) {
      size += chunk.length;
      if (size > maxBytes) throw tooLarge(maxBytes);
      chunks.push(chunk);
    }
  } catch (error) {
    throw inflateError(error, maxBytes);
  }
  return whole(body, { buffer: await joinChunks(chunks, size), engine });
}

function inflateAtOnce(body: Uint8Array, maxBytes: number): Uint8Array {
  try {
    // With `info: true` Node returns this pair, which its types do not say.
    const inflated: unknown = gunzipSync(body, { maxOutputLength: maxBytes, info: true });
    return whole(body, inflated as Inflated);
  } catch (error) {
    throw inflateError(error, maxBytes);
  }
}

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

/** Milliseconds of decompressing after which others get their turn. */
const TURN_MS = 3;

async function joinSnappy(body: Uint8Array, maxBytes: number): Promise<Uint8Array> {
  const joined = new Chunks(maxBytes);
  let begunAt = performance.now();
  for (const chunk of snappyChunks(body)) {
    joined.add(chunk);
    if (performance.now() - begunAt < TURN_MS) continue;
    await nextTurn();
    begunAt = performance.now();
  }
  return joinChunks(joined.chunks, joined.size);
}

function joinSnappyAtOnce(body: Uint8Array, maxBytes: number): Uint8Array {
  const joined = new Chunks(maxBytes);
  for (const chunk of snappyChunks(body)) joined.add(chunk);
  const [only] = joined.chunks;
  return joined.chunks.length === 1 && only !== undefined ? only : Buffer.concat(joined.chunks, joined.size);
}

class Chunks {
  readonly #maxBytes: number;
  readonly #chunks: Uint8Array[] = [];
  #size = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get chunks(): readonly Uint8Array[] {
    return this.#chunks;
  }

  get size(): number {
    return this.#size;
  }

  add(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#size += chunk.length;
    if (this.#size > this.#maxBytes) throw tooLarge(this.#maxBytes);
    this.#chunks.push(chunk);
  }
}

function tooLarge(maxBytes: number): LimitExceeded {
  return new LimitExceeded("push.max-body-size", { value: maxBytes });
}
