import type { ArrivingFamily, VersionedGroup } from "@pushfleet/store";
import { createReadmission, type Readmission } from "./admit-again.ts";
import { type Refusal, refusal } from "./answers.ts";
import { decodeBatch, maxBatchBytes, type ReceivedState } from "./read-batch.ts";
import { InvalidState } from "./read-state.ts";

export interface AdmitBatchOptions {
  /** Default: a new one. One for many batches remembers the groups it met. */
  readonly readmit?: Readmission;
  /** Of the batch when it is decompressed. */
  readonly maxBytes?: number;
}

/** Some states of a batch that were let in, and those between them that were refused by themselves. */
export interface AdmittedPart {
  readonly states: readonly VersionedGroup<ArrivingFamily>[];
  readonly refused: readonly Refusal[];
}

/** A millisecond or two of work, for who admits a part and for who merges it. */
const mostInPart = { states: 20, bytes: 500_000 };
/** What a family takes beside its content, about. */
const familyBytes = 200;

/**
 * Reads a batch that a peer sent. Its states come in their order, in parts, each of which is admitted when it is asked for: so
 * others have their turn in between, and no more than a part is held in its large form. Rejects BatchError before there are any.
 */
export async function admitBatch(
  body: Uint8Array,
  { readmit = createReadmission(), maxBytes = maxBatchBytes }: AdmitBatchOptions = {},
): Promise<Iterable<AdmittedPart>> {
  const { states } = await decodeBatch(body, { maxBytes });
  return admittedParts(states, readmit);
}

function* admittedParts(states: Iterable<ReceivedState>, readmit: Readmission): Generator<AdmittedPart> {
  for (const part of partsOf(states)) {
    const admitted: VersionedGroup<ArrivingFamily>[] = [];
    const refused: Refusal[] = [];
    for (const state of part) {
      try {
        admitted.push(readmit(state));
      } catch (error) {
        if (!(error instanceof InvalidState)) throw error;
        refused.push(refusal(state.line.id, "invalid", error.message));
      }
    }
    yield { states: admitted, refused };
  }
}

/** A state that is larger than a part is one of its own. */
function* partsOf(states: Iterable<ReceivedState>): Generator<readonly ReceivedState[]> {
  let part: ReceivedState[] = [];
  let bytes = 0;
  for (const state of states) {
    const size = sizeOf(state);
    if (part.length === mostInPart.states || (part.length > 0 && bytes + size > mostInPart.bytes)) {
      yield part;
      [part, bytes] = [[], 0];
    }
    part.push(state);
    bytes += size;
  }
  if (part.length > 0) yield part;
}

function sizeOf({ contents }: ReceivedState): number {
  return contents.reduce((size, content) => size + familyBytes + content.length, 0);
}
