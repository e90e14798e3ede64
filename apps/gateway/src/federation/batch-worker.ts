/**
 * The program of `BatchThread`: admits a batch part by part. Its priority is not lowered, unlike that of the thread for large
 * pushes: on a machine with much to do other regions would fall behind without an end.
 */
import { parentPort } from "node:worker_threads";
import { type AdmittedPart, admitBatch, BatchError, createReadmission } from "@pushfleet/federation";
import type { BatchOutcome, BatchTask } from "./batch-thread.ts";
import { buffersOf, packStates } from "./packed-batch.ts";

const readmit = createReadmission();
/** What is left of batches that are not at their end. */
const begun = new Map<number, Iterator<AdmittedPart>>();

const port = parentPort;
port?.on("message", (task: BatchTask) => {
  void outcomeOf(task).then((outcome) => {
    port.postMessage(outcome, outcome.kind === "part" ? buffersOf(outcome.packed) : []);
  });
});

async function outcomeOf(task: BatchTask): Promise<BatchOutcome> {
  try {
    switch (task.kind) {
      case "begin":
        begun.set(task.batch, await opened(task.pieces));
        return nextPart(task.batch);
      case "next":
        return nextPart(task.batch);
      case "drop":
        begun.delete(task.batch);
        return { kind: "end" };
    }
  } catch (error) {
    if (error instanceof BatchError) return { kind: "refused", code: error.code, message: error.message };
    return { kind: "defect", cause: error };
  }
}

async function opened(pieces: readonly Uint8Array[]): Promise<Iterator<AdmittedPart>> {
  const parts = await admitBatch(Buffer.concat(pieces), { readmit });
  return parts[Symbol.iterator]();
}

function nextPart(batch: number): BatchOutcome {
  const parts = begun.get(batch);
  // Another batch made an end to the thread that had it: nothing would be taken for its end.
  if (parts === undefined) throw new Error("the rest of the batch is lost with the thread that read it");
  const { value: part, done } = parts.next();
  if (done !== true) return { kind: "part", packed: packStates(part.states), refused: part.refused };
  begun.delete(batch);
  return { kind: "end" };
}
