import type { Limits, NameScheme } from "@pushfleet/exposition";
import { type AdmittedFamily, type PackedFamilies, type PathLabels, unpackFamilies } from "@pushfleet/groups";
import { ThreadEnded, WorkThread } from "../work-thread.ts";
import type { Bytes } from "./body-pieces.ts";
import { type PushFailure, thrownOf } from "./push-failure.ts";

/** A push to be read elsewhere. */
export interface LargePush {
  readonly pieces: readonly Bytes[];
  readonly contentEncoding: string | undefined;
  readonly isProtobuf: boolean;
  readonly names: NameScheme;
  readonly pathLabels: PathLabels;
  readonly limits: Limits;
}

/** What came of it. */
export type LargePushOutcome =
  | { readonly kind: "read"; readonly packed: PackedFamilies }
  | { readonly kind: "failed"; readonly failure: PushFailure };

/** Reading the push takes more memory than there is for that. */
export class PushTooComplex extends Error {
  override readonly name = "PushTooComplex";
}

/** Milliseconds after which the memory of the last large push is given back. */
const idleMs = 10_000;
const usualHeapMebibytes = 1024;

/**
 * Reads pushes in a thread of its own: large ones take seconds and hundreds of MiB of objects, and neither the work
 * nor the collection of that garbage may keep other requests waiting.
 */
export class LargePushThread {
  readonly #heapMebibytes: number;
  readonly #thread: WorkThread<LargePush, LargePushOutcome>;

  /** @param heapMebibytes What the thread may have for objects. */
  constructor(heapMebibytes = usualHeapMebibytes) {
    this.#heapMebibytes = heapMebibytes;
    this.#thread = new WorkThread({
      program: new URL("./large-push-worker.ts", import.meta.url),
      idleMs,
      resourceLimits: { maxOldGenerationSizeMb: heapMebibytes },
    });
  }

  /** Rejects ExpositionError, AdmissionError, LimitExceeded, PushTooComplex. The thread takes the bytes over. */
  async read(push: LargePush): Promise<readonly AdmittedFamily[]> {
    const outcome = await this.#run(push);
    if (outcome.kind === "failed") throw thrownOf(outcome.failure);
    return unpackFamilies(outcome.packed);
  }

  async #run(push: LargePush): Promise<LargePushOutcome> {
    try {
      const buffers = push.pieces.filter(isAlone).map(({ buffer }) => buffer);
      return await this.#thread.run(push, buffers);
    } catch (error) {
      if (!(error instanceof ThreadEnded) || !isOutOfMemory(error.cause)) throw error;
      throw new PushTooComplex(`the push takes more than ${this.#heapMebibytes} MiB of memory to read`, {
        cause: error,
      });
    }
  }
}

/** Whether nothing else is in its buffer. */
function isAlone({ byteLength, buffer }: Bytes): boolean {
  return byteLength === buffer.byteLength;
}

function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY";
}
