/**
 * Bytes somewhere in a larger buffer. Spans are what blocks cache; the buffer they point into is the piece of the
 * response they were last sent in, so a cache costs no memory beyond the latest response.
 */
export interface Span {
  buffer: Buffer;
  start: number;
  readonly length: number;
}

export function spanOf(bytes: Uint8Array): Span {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { buffer, start: 0, length: buffer.length };
}

/** Few enough system calls, small enough for the allocator to find room again: 64 kB to 256 kB measured alike. */
const PIECE_BYTES = 128 * 1024;

/** Collects spans into buffers of a size that is good to write to a socket. */
export class Pieces {
  readonly #full: Buffer[] = [];
  #piece = Buffer.alloc(0);
  #used = 0;

  /** Copies the bytes behind those already here and lets the span refer to the copy. */
  take(span: Span): void {
    if (span.length > this.#piece.length - this.#used) this.#turn(span.length);
    span.buffer.copy(this.#piece, this.#used, span.start, span.start + span.length);
    span.buffer = this.#piece;
    span.start = this.#used;
    this.#used += span.length;
  }

  /** All bytes taken, in order. Nothing may be taken afterwards. */
  finish(): readonly Buffer[] {
    if (this.#used > 0) this.#full.push(this.#piece.subarray(0, this.#used));
    return this.#full;
  }

  #turn(atLeast: number): void {
    if (this.#used > 0) this.#full.push(this.#piece.subarray(0, this.#used));
    this.#piece = Buffer.allocUnsafeSlow(Math.max(PIECE_BYTES, atLeast));
    this.#used = 0;
  }
}
