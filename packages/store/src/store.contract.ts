/**
 * What every GroupStore keeps (see store.ts), as tests. Each implementation runs it from a test file of its own.
 */
import { afterEach, beforeEach, describe } from "vitest";
import { describeChangeFeed } from "./contract/change-feed.ts";
import { describeConcurrency } from "./contract/concurrency.ts";
import { describeConsistency } from "./contract/consistency.ts";
import { createContext } from "./contract/context.ts";
import { describeExpiry } from "./contract/expiry.ts";
import { describeLimits } from "./contract/limits.ts";
import { describeMutations } from "./contract/mutations.ts";
import type { GroupStore } from "./store.ts";

/** An empty store, of its own for each test. */
export interface StoreUnderTest extends AsyncDisposable {
  readonly store: GroupStore;
  /** Another handle on the same data, as another replica has it; the same object where there is one process only. */
  another(): Promise<GroupStore>;
  /** Lets this much time pass on the store's clock: at least, where that clock is not ours to set. */
  passTime(ms: number): Promise<void>;
  /** Begins a new history of change numbers, as a restart, a failover or a flush does; the data may be lost with it. */
  forgetHistory(): Promise<void>;
  /** How many removals the store remembers at most, once `expire` has run. Best small (some dozens). */
  readonly tombstoneLimit: number;
}

export function describeStoreContract(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`${name} keeps the store contract`, () => {
    let subject: StoreUnderTest;
    beforeEach(async () => {
      subject = await open();
    });
    afterEach(async () => {
      await subject[Symbol.asyncDispose]();
    });

    const context = createContext(() => subject);
    describeMutations(context);
    describeConsistency(context);
    describeExpiry(context);
    describeChangeFeed(context);
    describeLimits(context);
    describeConcurrency(context);
  });
}
