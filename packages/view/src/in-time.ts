import { setTimeout as delay, setImmediate as nextTurn } from "node:timers/promises";
import { StoreUnavailable } from "@pushfleet/store";

/**
 * Rejects StoreUnavailable when the store has kept silent for so long; the answer may come yet, for nobody. What this process
 * itself takes to read an answer does not count.
 *
 * @param heardAt When a part of the answer last came, by `performance.now()`.
 */
export async function inTime<T>(answer: Promise<T>, milliseconds: number, heardAt = () => 0): Promise<T> {
  const begin = performance.now();
  const isDone = new AbortController();
  const { signal } = isDone;
  const silence = async (): Promise<never> => {
    while (true) {
      const left = Math.max(begin, heardAt()) + milliseconds - performance.now();
      if (left <= 0) throw new StoreUnavailable(`the store has not answered for ${milliseconds} ms`);
      await delay(left, undefined, { signal });
      // A process that was busy looks at its timers before it looks at what has arrived meanwhile.
      await nextTurn(undefined, { signal });
    }
  };
  const silent = silence();
  // When the answer was quicker.
  silent.catch(() => {});
  try {
    return await Promise.race([answer, silent]);
  } finally {
    isDone.abort();
    answer.catch(() => {});
  }
}
