import type { readHashes } from "@pushfleet/federation";

/** What regions compare. */
export type Hashes = Awaited<ReturnType<typeof readHashes>> & {
  /** Of the store, from before they were read: what it lost later may be among them. */
  readonly history: string;
};

/** What a comparison asks: first for all of them, then for those that differ. */
export type HashQuestion = "first" | "next";

interface Reading {
  readonly hashes: Promise<Hashes>;
  /** Whether comparisons may begin with it. */
  isFresh: boolean;
  forgetting?: NodeJS.Timeout;
}

/** All peers compare at about the same time. */
const freshMs = 5_000;
/** Between two questions a peer looks at each of its own groups, and sends some. */
const keptMs = 15_000;

/**
 * The hashes of all groups, which take a look at each of them: read for as many as begin a comparison within a few seconds, one
 * reading at a time, and kept until nobody has asked for a while, so that a whole comparison has one reading.
 */
export class HashMemory {
  readonly #read: () => Promise<Hashes>;
  #reading: Reading | undefined;

  /** @param read Rejects StoreUnavailable, and so does `hashesFor` then. */
  constructor(read: () => Promise<Hashes>) {
    this.#read = read;
  }

  /** For a first question as they were some seconds ago at most, or while they were being read. */
  async hashesFor(question: HashQuestion): Promise<Hashes> {
    if (this.#reading === undefined || (question === "first" && !this.#reading.isFresh)) {
      this.#reading = this.#begin();
    }
    const reading = this.#reading;
    const hashes = await reading.hashes;
    clearTimeout(reading.forgetting);
    reading.forgetting = setTimeout(() => this.#forget(reading), keptMs).unref();
    return hashes;
  }

  #begin(): Reading {
    const reading: Reading = { hashes: this.#read(), isFresh: true };
    reading.hashes.then(
      () => {
        setTimeout(() => {
          reading.isFresh = false;
        }, freshMs).unref();
      },
      () => this.#forget(reading), // who asked is told
    );
    return reading;
  }

  #forget(reading: Reading): void {
    if (this.#reading === reading) this.#reading = undefined;
  }
}
