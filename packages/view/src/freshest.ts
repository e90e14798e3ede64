import { StoreUnavailable } from "@pushfleet/store";
import { inTime } from "./in-time.ts";
import type { LastSnapshot, View } from "./view.ts";

export interface FreshestOptions {
  /** Milliseconds a reader waits for a store that keeps silent, before the last known state has to do. */
  readonly patienceMs: number;
  /** Milliseconds since the last sync after which its state is not served any more. */
  readonly maxStalenessMs: number;
}

/** What to serve now. */
export interface Freshest extends LastSnapshot {
  /** The store confirmed it after the call began: `ageMs` is 0. */
  readonly isFresh: boolean;
}

/**
 * The state of the store now, or, while the store is unavailable, the last one known. Rejects StoreUnavailable when that
 * is too old or there is none.
 */
export async function freshest(view: View, options: FreshestOptions): Promise<Freshest> {
  let failure: StoreUnavailable;
  try {
    return {
      snapshot: await inTime(view.sync(), options.patienceMs, () => view.heardAt),
      ageMs: 0,
      isFresh: true,
    };
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
    failure = error;
  }
  const last = await view.last();
  if (last === null) throw failure;
  if (last.ageMs > options.maxStalenessMs) {
    const age = Math.round(last.ageMs / 1000);
    throw new StoreUnavailable(`${failure.message}; what was known is ${age} s old`, { cause: failure });
  }
  return { ...last, isFresh: false };
}
