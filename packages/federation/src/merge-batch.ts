import { setImmediate as letOthersIn } from "node:timers/promises";
import type { ArrivingFamily, Replication, VersionedGroup } from "@pushfleet/store";
import { createReadmission, type Readmission } from "./admit-again.ts";
import type { ChangesAnswer, Refusal } from "./answers.ts";
import { decodeBatch, maxBatchBytes, type ReceivedState } from "./read-batch.ts";
import { InvalidState } from "./read-state.ts";
import { partsOf } from "./state-parts.ts";

export interface MergeBatchOptions {
  /** Default: a new one. One for many batches remembers the groups it met. */
  readonly readmit?: Readmission;
  /** Of the batch when it is decompressed. */
  readonly maxBytes?: number;
}

/** A batch that was let in, but for the states that were refused by themselves. */
export interface AdmittedBatch {
  readonly states: readonly VersionedGroup<ArrivingFamily>[];
  readonly refused: readonly Refusal[];
}

/**
 * Takes a batch that a peer sent: POST /federation/v1/changes. States that cannot be admitted, and those that are too far ahead of
 * the clock, are refused by themselves and told in the answer; all others are in effect when this resolves.
 *
 * Rejects BatchError, and nothing is in effect; StoreUnavailable, and some of it may be: repeating is safe.
 */
export async function mergeBatch(
  replication: Replication,
  body: Uint8Array,
  options: MergeBatchOptions = {},
): Promise<ChangesAnswer> {
  return mergeAdmitted(replication, await admitBatch(body, options));
}

/** The first half of `mergeBatch`, for which the store is not needed. Rejects BatchError. */
export async function admitBatch(
  body: Uint8Array,
  { readmit = createReadmission(), maxBytes = maxBatchBytes }: MergeBatchOptions = {},
): Promise<AdmittedBatch> {
  const { states } = await decodeBatch(body, { maxBytes });
  const refused: Refusal[] = [];
  return { states: await admitAll(states, readmit, refused), refused };
}

/** The second half of `mergeBatch`. Rejects StoreUnavailable. */
export async function mergeAdmitted(
  replication: Replication,
  { states, refused: notAdmitted }: AdmittedBatch,
): Promise<ChangesAnswer> {
  const refused = [...notAdmitted];
  let merged = 0;
  let changed = 0;
  for (const part of partsOf(states)) {
    await letOthersIn();
    for (const [index, outcome] of (await replication.merge(part)).entries()) {
      if (outcome.kind === "merged") {
        merged++;
        if (outcome.changed) changed++;
      } else {
        const seconds = Math.round(outcome.aheadMs / 1000);
        const detail = `it has a version ${seconds} s ahead of this region's clock`;
        refused.push(refusal(part[index]?.id ?? "", "ahead", detail));
      }
    }
  }
  const { history, nowMicros } = await replication.standing();
  const { region } = replication;
  return { region, history, now_micros: nowMicros, outcomes: { merged, changed, refused } };
}

/** Pushes to this process wait for no more than one state, or this. */
const longestTurnMs = 5;

async function admitAll(
  states: readonly ReceivedState[],
  readmit: Readmission,
  refused: Refusal[],
): Promise<readonly VersionedGroup<ArrivingFamily>[]> {
  const admitted: VersionedGroup<ArrivingFamily>[] = [];
  let turnEnd = performance.now() + longestTurnMs;
  for (const state of states) {
    if (performance.now() > turnEnd) {
      await letOthersIn();
      turnEnd = performance.now() + longestTurnMs;
    }
    try {
      admitted.push(readmit(state));
    } catch (error) {
      if (!(error instanceof InvalidState)) throw error;
      refused.push(refusal(state.line.id, "invalid", error.message));
    }
  }
  return admitted;
}

/** Characters of what a peer wrote that are told back and logged. */
const longestTold = 200;

function refusal(id: string, reason: Refusal["reason"], detail: string): Refusal {
  return { id: id.slice(0, longestTold), reason, detail: detail.slice(0, longestTold) };
}
