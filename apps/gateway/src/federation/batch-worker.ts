/**
 * The program of `BatchThread`: admits a batch and hands its states over part by part. Its priority is not lowered, unlike that of
 * the thread for large pushes: on a machine with much to do other regions would fall behind without an end.
 */
import { parentPort } from "node:worker_threads";
import {
  type AdmittedBatch,
  admitBatch,
  BatchError,
  createReadmission,
  partsOf,
} from "@pushfleet/federation";
import type { BatchOutcome, BatchTask } from "./batch-thread.ts";
import { buffersOf, packStates } from "./packed-batch.ts";

const readmit = createReadmission();
/** What is left of batches of which something is still to be handed over. */
const begun = new Map<number, AdmittedBatch["states"][]>();

const port = parentPort;
port?.on("message", (task: BatchTask) => {
  void outcomeOf(task).then((outcome) => {
    port.postMessage(outcome, outcome.kind === "states" ? buffersOf(outcome.packed) : []);
  });
});

async function outcomeOf(task: BatchTask): Promise<BatchOutcome> {
  try {
    return task.kind === "admit" ? await admitted(task) : nextPart(task.batch);
  } catch (error) {
    if (error instanceof BatchError) return { kind: "refused", code: error.code, message: error.message };
    return { kind: "defect", cause: error };
  }
}

async function admitted({ batch, pieces }: BatchTask & { kind: "admit" }): Promise<BatchOutcome> {
  const { states, refused } = await admitBatch(Buffer.concat(pieces), { readmit });
  begun.set(batch, [...partsOf(states)]);
  return { ...nextPart(batch), refused };
}

function nextPart(batch: number): BatchOutcome & { kind: "states" } {
  const parts = begun.get(batch);
  // Another batch made an end to the thread that had it: an empty part would be taken for the last one.
  if (parts === undefined) throw new Error("the rest of the batch is lost with the thread that read it");
  const packed = packStates(parts.shift() ?? []);
  if (parts.length === 0) begun.delete(batch);
  return { kind: "states", packed, refused: [], more: parts.length > 0 };
}
