/**
 * Bytes somewhere in a larger buffer: the piece of a response they were last sent in. What is cached this way takes no
 * memory beside the latest response, and no small buffers for the allocator to keep apart.
 */
export interface Span {
  buffer: Buffer;
  start: number;
  readonly length: number;
}

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

const SMALL_BYTES = 1024;

/** The buffers in order, with runs of small ones made one: each costs the same to write, whatever its size. */
export function joinSmall(buffers: readonly Buffer[]): readonly Buffer[] {
  const joined: Buffer[] = [];
  let small: Buffer[] = [];
  const flush = () => {
    if (small.length > 0) joined.push(small.length === 1 && small[0] ? small[0] : Buffer.concat(small));
    small = [];
  };
  for (const buffer of buffers) {
    if (buffer.length < SMALL_BYTES) {
      small.push(buffer);
    } else {
      flush();
      joined.push(buffer);
    }
  }
  flush();
  return joined;
}
