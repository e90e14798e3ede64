export type Bytes = Uint8Array<ArrayBuffer>;

/** Bytes of a buffer that small chunks are put together in, and from which on a chunk is not small. */
const gatheredBytes = 64 * 1024;
const largeChunk = 8 * 1024;

/**
 * The bytes of a body as they come. Large chunks are kept as they are. Small ones are gathered: a client may send every byte as a
 * chunk of its own, and each would take a hundred times its size.
 */
export class BodyPieces {
  readonly #pieces: Bytes[] = [];
  /** The last piece, when small chunks are gathered in it, and how much of it is full. */
  #gathering: Buffer<ArrayBuffer> | undefined;
  #gathered = 0;

  add(chunk: Bytes): void {
    // Nearly all bodies are one chunk.
    if (chunk.length >= largeChunk || this.#pieces.length === 0) {
      this.#endGathering();
      this.#pieces.push(chunk);
      return;
    }
    if (this.#gathering === undefined || this.#gathered + chunk.length > gatheredBytes) {
      this.#endGathering();
      this.#gathering = Buffer.allocUnsafeSlow(gatheredBytes);
      this.#pieces.push(this.#gathering);
    }
    this.#gathering.set(chunk, this.#gathered);
    this.#gathered += chunk.length;
  }

  clear(): void {
    this.#pieces.length = 0;
    this.#gathering = undefined;
  }

  /** All of it, at least one piece, and nothing is kept. */
  take(): readonly Bytes[] {
    this.#endGathering();
    const pieces = this.#pieces.length === 0 ? [new Uint8Array()] : [...this.#pieces];
    this.clear();
    return pieces;
  }

  #endGathering(): void {
    if (this.#gathering === undefined) return;
    this.#pieces[this.#pieces.length - 1] = this.#gathering.subarray(0, this.#gathered);
    this.#gathering = undefined;
    this.#gathered = 0;
  }
}
