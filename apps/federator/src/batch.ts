import { BatchWriter, encodeBatch, splitState, stateSize } from "@pushfleet/federation";
import type { RegionId, ShippedFamily, VersionedGroup } from "@pushfleet/store";

export type Shipped = VersionedGroup<ShippedFamily>;

/** What a batch takes before it is compressed, about, unless one family is larger. */
const bytesInBatch = 2 * 1024 * 1024;
/** Beyond it, a group travels in parts: peers take 64 MiB, of which a family may be half. */
const largestState = 16 * 1024 * 1024;

/** States on their way to peers, encoded once for all of them. */
export class Batch {
  readonly states: readonly Shipped[];
  readonly body: Uint8Array;
  readonly #from: RegionId;

  constructor(from: RegionId, states: readonly Shipped[], body: Uint8Array) {
    this.#from = from;
    this.states = states;
    this.body = body;
  }

  /** For a peer that does not take so much at once. Of at least two states. */
  async *halves(): AsyncGenerator<Batch> {
    const middle = Math.ceil(this.states.length / 2);
    for (const half of [this.states.slice(0, middle), this.states.slice(middle)]) {
      yield new Batch(this.#from, half, await encodeBatch(this.#from, half));
    }
  }
}

/** A batch that states are put into as they are read, so that there is little to do at a time. */
class OpenBatch {
  readonly #from: RegionId;
  readonly #writer: BatchWriter;
  readonly #states: Shipped[] = [];
  #size = 0;

  constructor(from: RegionId) {
    this.#from = from;
    this.#writer = new BatchWriter(from);
  }

  get isEmpty(): boolean {
    return this.#states.length === 0;
  }

  hasRoomFor(size: number): boolean {
    return this.isEmpty || this.#size + size <= bytesInBatch;
  }

  add(state: Shipped, size: number): void {
    this.#writer.add(state);
    this.#states.push(state);
    this.#size += size;
  }

  async close(): Promise<Batch> {
    return new Batch(this.#from, this.#states, await this.#writer.finish());
  }
}

/** Puts states into batches that are not too large, unless one family is; large groups in parts, each of which is a state. */
export class Batches {
  readonly #from: RegionId;
  #open: OpenBatch;

  constructor(from: RegionId) {
    this.#from = from;
    this.#open = new OpenBatch(from);
  }

  /** Adds the states, and tells the batches that are full. */
  async *add(states: readonly Shipped[]): AsyncGenerator<Batch> {
    for (const state of states.flatMap((each) => splitState(each, largestState))) {
      const size = stateSize(state);
      if (!this.#open.hasRoomFor(size)) yield this.rest();
      this.#open.add(state, size);
    }
  }

  get hasRest(): boolean {
    return !this.#open.isEmpty;
  }

  /** What is in no full batch; may be empty. What is added later is in another one. */
  rest(): Promise<Batch> {
    const batch = this.#open.close();
    this.#open = new OpenBatch(this.#from);
    return batch;
  }
}
