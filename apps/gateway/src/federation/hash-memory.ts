import type { readHashes } from "@pushfleet/federation";

/** What regions compare. */
export type Hashes = Awaited<ReturnType<typeof readHashes>>;

/** All peers compare at about the same time, and one asks again for what differs. */
const keptMs = 5_000;

/**
 * The hashes of all groups, which take a look at each of them: read for as many as ask within a few seconds, one reading at a time,
 * and kept no longer than that.
 */
export class HashMemory {
  readonly #read: () => Promise<Hashes>;
  readonly #keptMs: number;
  #known: Promise<Hashes> | undefined;

  /** @param read Rejects StoreUnavailable, and so does `current` then. */
  constructor(read: () => Promise<Hashes>, ms: number = keptMs) {
    this.#read = read;
    this.#keptMs = ms;
  }

  /** As they were at most so many milliseconds ago, or while they were being read. */
  current(): Promise<Hashes> {
    this.#known ??= this.#readOnce();
    return this.#known;
  }

  async #readOnce(): Promise<Hashes> {
    try {
      const hashes = await this.#read();
      setTimeout(() => this.#forget(), this.#keptMs).unref();
      return hashes;
    } catch (error) {
      this.#forget();
      throw error;
    }
  }

  #forget(): void {
    this.#known = undefined;
  }
}
