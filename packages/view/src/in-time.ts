import { setTimeout as delay } from "node:timers/promises";
import { StoreUnavailable } from "@pushfleet/store";

/** Rejects StoreUnavailable when the store's answer takes longer; the answer may come yet, for nobody. */
export async function inTime<T>(answer: Promise<T>, milliseconds: number): Promise<T> {
  const timer = new AbortController();
  const { signal } = timer;
  const late = delay(milliseconds, undefined, { signal }).then(() => {
    throw new StoreUnavailable(`the store has not answered for ${milliseconds} ms`);
  });
  // When the other was quicker.
  late.catch(() => {});
  try {
    return await Promise.race([answer, late]);
  } finally {
    timer.abort();
    answer.catch(() => {});
  }
}
