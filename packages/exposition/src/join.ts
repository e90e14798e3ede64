import { setImmediate as nextTurn } from "node:timers/promises";
import type { Steps } from "./steps.ts";

/** Copied between two turns of the event loop: a millisecond or two, most of which the system needs to find the memory. */
const BYTES_IN_TURN = 512 * 1024;

/** The chunks as one, of `size` bytes in all. Others get their turn while it is large: 32 MiB at once took up to 100 ms. */
export async function joinChunks(chunks: readonly Uint8Array[], size: number): Promise<Uint8Array> {
  const steps = joinInSteps(chunks, size);
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done === true) return step.value;
    await nextTurn();
  }
}

/** As `joinChunks`. */
export function* joinInSteps(chunks: readonly Uint8Array[], size: number): Steps<Uint8Array> {
  const [only] = chunks;
  if (chunks.length === 1 && only !== undefined) return only;
  if (size <= BYTES_IN_TURN) return Buffer.concat(chunks, size);
  const joined = Buffer.allocUnsafeSlow(size);
  let at = 0;
  let turnEnd = BYTES_IN_TURN;
  for (const chunk of chunks) {
    joined.set(chunk, at);
    at += chunk.length;
    if (at < turnEnd) continue;
    turnEnd = at + BYTES_IN_TURN;
    yield;
  }
  return joined;
}
