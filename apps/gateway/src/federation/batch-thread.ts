import { type AdmittedBatch, BatchError, type BatchErrorCode, type Refusal } from "@pushfleet/federation";
import type { Bytes } from "../push-reading/body-pieces.ts";
import { ThreadEnded, WorkThread } from "../work-thread.ts";
import { type PackedStates, unpackStates } from "./packed-batch.ts";

/** `batch` is a number that each batch has of its own. */
export type BatchTask =
  | { readonly kind: "admit"; readonly batch: number; readonly pieces: readonly Bytes[] }
  | { readonly kind: "next"; readonly batch: number };

export type BatchOutcome =
  | {
      readonly kind: "states";
      readonly packed: PackedStates;
      readonly refused: readonly Refusal[];
      readonly more: boolean;
    }
  | { readonly kind: "refused"; readonly code: BatchErrorCode; readonly message: string }
  | { readonly kind: "defect"; readonly cause: unknown };

/** Milliseconds after which the memory of the last batch is given back. A new thread takes some hundred to start. */
const idleMs = 60_000;
/** For the objects of a batch of 64 MiB, which are some times that. */
const heapMebibytes = 1024;

/** Reads and admits batches in a thread of its own, one after the other: pushes to this process do not wait for them. */
export class BatchThread {
  readonly #thread = new WorkThread<BatchTask, BatchOutcome>({
    program: new URL("./batch-worker.ts", import.meta.url),
    idleMs,
    resourceLimits: { maxOldGenerationSizeMb: heapMebibytes },
  });
  #batches = 0;

  /** Rejects BatchError. The pieces must not be used any more. */
  async admit(pieces: readonly Bytes[]): Promise<AdmittedBatch> {
    const batch = ++this.#batches;
    const buffers = pieces.filter(isAlone).map(({ buffer }) => buffer);
    const first = await this.#run({ kind: "admit", batch, pieces }, buffers);
    const states = [...unpackStates(first.packed)];
    for (let { more } = first; more; ) {
      const part = await this.#run({ kind: "next", batch });
      states.push(...unpackStates(part.packed));
      more = part.more;
    }
    return { states, refused: first.refused };
  }

  async #run(
    task: BatchTask,
    transfer: readonly ArrayBuffer[] = [],
  ): Promise<BatchOutcome & { readonly kind: "states" }> {
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
