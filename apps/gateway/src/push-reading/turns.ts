import type { Readable } from "node:stream";

/** What Node reads from a socket at a time. */
const bytesInRead = 64 * 1024;

/**
 * Lets what is read from some streams together take so many bytes in a turn of the event loop, and a little more. Left alone,
 * libuv reads up to 2 MiB from each socket before anybody else has their turn: with eight of them that is 40 ms.
 */
export class Turns {
  readonly #bytesInTurn: number;
  #taken = 0;
  /** In the order in which they are to go on. */
  readonly #waiting = new Set<Readable>();
  #isNextDue = false;

  constructor(bytesInTurn: number) {
    this.#bytesInTurn = bytesInTurn;
  }

  /** So much has been read from the stream. Pauses it until its next turn when that was too much. */
  take(stream: Readable, bytes: number): void {
    this.#taken += bytes;
    this.#endTurn();
    if (this.#taken < this.#bytesInTurn) return;
    stream.pause();
    this.#waiting.add(stream);
  }

  #endTurn(): void {
    if (this.#isNextDue) return;
    this.#isNextDue = true;
    setImmediate(() => {
      this.#isNextDue = false;
      this.#begin();
    });
  }

  #begin(): void {
    this.#taken = 0;
    let reads = this.#bytesInTurn / bytesInRead;
    for (const stream of this.#waiting) {
      if (reads-- <= 0) break;
      this.#waiting.delete(stream);
      stream.resume();
    }
    // Nothing may come of those that go on now.
    if (this.#waiting.size > 0) this.#endTurn();
  }
}
