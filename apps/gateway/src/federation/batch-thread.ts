import { type AdmittedPart, BatchError, type BatchErrorCode, type Refusal } from "@pushfleet/federation";
import type { Bytes } from "../push-reading/body-pieces.ts";
import { ThreadEnded, WorkThread } from "../work-thread.ts";
import { type PackedStates, unpackStates } from "./packed-batch.ts";

/** `batch` is a number that each batch has of its own. */
export type BatchTask =
  | { readonly kind: "begin"; readonly batch: number; readonly pieces: readonly Bytes[] }
  | { readonly kind: "next"; readonly batch: number }
  | { readonly kind: "drop"; readonly batch: number };

export type BatchOutcome =
  | { readonly kind: "part"; readonly packed: PackedStates; readonly refused: readonly Refusal[] }
  /** There is no more of the batch. */
  | { readonly kind: "end" }
  | { readonly kind: "refused"; readonly code: BatchErrorCode; readonly message: string }
  | { readonly kind: "defect"; readonly cause: unknown };

/** Milliseconds after which the memory of the last batch is given back. A new thread takes some hundred to start. */
const idleMs = 60_000;
/** For the objects of a batch of 64 MiB, which are some times that. */
const heapMebibytes = 1024;

/**
 * Reads and admits batches in a thread of its own, one part after the other, of several batches in turn: pushes to this process do
 * not wait for them, and the thread is at work only as fast as its parts are used.
 */
export class BatchThread {
  readonly #thread = new WorkThread<BatchTask, BatchOutcome>({
    program: new URL("./batch-worker.ts", import.meta.url),
    idleMs,
    resourceLimits: { maxOldGenerationSizeMb: heapMebibytes },
  });
  #batches = 0;

  /**
   * Rejects BatchError: before the first part, or when the next takes more memory than there may be. The pieces must not be used
   * any more.
   */
  async *admit(pieces: readonly Bytes[]): AsyncGenerator<AdmittedPart> {
    const batch = ++this.#batches;
    const buffers = pieces.filter(isAlone).map(({ buffer }) => buffer);
    let hasMore = true;
    try {
      let task: BatchTask = { kind: "begin", batch, pieces };
      for (
        let outcome = await this.#run(task, buffers);
        outcome.kind === "part";
        outcome = await this.#run(task)
      ) {
        yield { states: unpackStates(outcome.packed), refused: outcome.refused };
        task = { kind: "next", batch };
      }
      hasMore = false;
    } finally {
      // What nobody asks for would stay in the memory of the thread.
      if (hasMore) void this.#thread.run({ kind: "drop", batch }).catch(() => {});
    }
  }

  async #run(
    task: BatchTask,
    transfer: readonly ArrayBuffer[] = [],
  ): Promise<BatchOutcome & { readonly kind: "part" | "end" }> {
    const outcome = await this.#thread.run(task, transfer).catch((error: unknown) => {
      if (!isOutOfMemory(error)) throw error;
      throw new BatchError("too-large", `the batch takes more than ${heapMebibytes} MiB of memory to read`, {
        cause: error,
      });
    });
    if (outcome.kind === "refused") throw new BatchError(outcome.code, outcome.message);
    if (outcome.kind === "defect") throw new Error("a batch could not be read", { cause: outcome.cause });
    return outcome;
  }
}

/** Whether nothing else is in its buffer. */
function isAlone({ byteLength, buffer }: Bytes): boolean {
  return byteLength === buffer.byteLength;
}

function isOutOfMemory(error: unknown): boolean {
  if (!(error instanceof ThreadEnded)) return false;
  const { cause } = error;
  return cause instanceof Error && "code" in cause && cause.code === "ERR_WORKER_OUT_OF_MEMORY";
}
