import { setTimeout as delay } from "node:timers/promises";
import { StoreUnavailable } from "../store.ts";

export interface PatienceOptions {
  /** Milliseconds after which a mutation is not tried again. An attempt under way then may add its own time. */
  readonly timeoutMs: number;
  /** Bytes that those who wait may hold in memory together; beyond that, mutations fail at once. */
  readonly maxBytes: number;
  /** Resolves when the store can be written again; rejects otherwise, within seconds. */
  readonly probe: () => Promise<void>;
}

export interface Patience {
  /**
   * Does what it is given and, for as long as that rejects StoreUnavailable, again: once the store can be written, until
   * the time is over. `bytes` is what waiting holds in memory.
   */
  hold<T>(bytes: number, mutation: () => Promise<T>): Promise<T>;
  /** Those who wait give up. */
  stop(): void;
}

const probeEveryMs = 50;
/** What a waiting request takes beside its body. */
const bytesOfAnyWait = 4096;

/** Waiting for an unavailable store to come back: one for all asks whether it has. */
export function createPatience({ timeoutMs, maxBytes, probe }: PatienceOptions): Patience {
  let waitingBytes = 0;
  let isStopped = false;
  let recovery: Promise<void> | undefined;

  /** Goes on while somebody waits. */
  const recover = async (): Promise<void> => {
    while (waitingBytes > 0 && !isStopped) {
      await delay(probeEveryMs);
      try {
        await probe();
        return;
      } catch (error) {
        // Any other error is for those to see who try.
        if (!(error instanceof StoreUnavailable)) return;
      }
    }
  };

  const recovered = (): Promise<void> => {
    recovery ??= recover().finally(() => {
      recovery = undefined;
    });
    return recovery;
  };

  const wait = async (bytes: number, milliseconds: number): Promise<boolean> => {
    if (milliseconds <= 0 || isStopped || waitingBytes + bytes > maxBytes) return false;
    waitingBytes += bytes;
    const timer = new AbortController();
    try {
      const isOver = delay(milliseconds, true, { signal: timer.signal }).catch(() => true);
      return !(await Promise.race([recovered().then(() => isStopped), isOver]));
    } finally {
      timer.abort();
      waitingBytes -= bytes;
    }
  };

  const repeat = async <T>(bytes: number, mutation: () => Promise<T>, first: unknown): Promise<T> => {
    const deadline = performance.now() + timeoutMs;
    let failure = first;
    while (failure instanceof StoreUnavailable) {
      if (!(await wait(bytes + bytesOfAnyWait, deadline - performance.now()))) break;
      try {
        return await mutation();
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  };

  return {
    hold: (bytes, mutation) => mutation().catch((error: unknown) => repeat(bytes, mutation, error)),
    stop() {
      isStopped = true;
    },
  };
}
