import { encodeBatch, splitState, stateSize } from "@pushfleet/federation";
import type { RegionId, ShippedFamily, VersionedGroup } from "@pushfleet/store";

export type Shipped = VersionedGroup<ShippedFamily>;

/** What a batch takes before it is compressed, about, unless one family is larger. */
export const bytesInBatch = 2 * 1024 * 1024;
/** Beyond it, a group travels in parts: peers take 64 MiB, of which a family may be half. */
const largestState = 16 * 1024 * 1024;

/** States on their way to peers, encoded once for all of them. */
export class Batch {
  readonly states: readonly Shipped[];
  readonly body: Uint8Array;
  readonly #from: RegionId;

  private constructor(from: RegionId, states: readonly Shipped[], body: Uint8Array) {
    this.#from = from;
    this.states = states;
    this.body = body;
  }

  static async encode(from: RegionId, states: readonly Shipped[]): Promise<Batch> {
    return new Batch(from, states, await encodeBatch(from, states));
  }

  /** For a peer that does not take so much at once. Of at least two states. */
  async *halves(): AsyncGenerator<Batch> {
    const middle = Math.ceil(this.states.length / 2);
    yield Batch.encode(this.#from, this.states.slice(0, middle));
    yield Batch.encode(this.#from, this.states.slice(middle));
  }
}

/** The states in batches that are not too large, unless one family is; large groups in parts, each of which is a state. */
export function* batchesOf(states: readonly Shipped[]): Generator<readonly Shipped[]> {
  let batch: Shipped[] = [];
  let size = 0;
  for (const state of states.flatMap((each) => splitState(each, largestState))) {
    const added = stateSize(state);
    if (batch.length > 0 && size + added > bytesInBatch) {
      yield batch;
      batch = [];
      size = 0;
    }
    batch.push(state);
    size += added;
  }
  if (batch.length > 0) yield batch;
}
