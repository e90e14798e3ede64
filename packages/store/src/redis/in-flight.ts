/** Counts what has begun and not ended. */
export interface InFlight {
  begin(): void;
  end(): void;
  /** Resolves when all that has begun has ended, at once if nothing is under way. */
  none(): Promise<void>;
}

/**
 * A count, and not a set of promises: a set that is added to and deleted from all the time makes itself a new table again
 * and again, each dead table refers to the next one, and through that chain every promise with all it holds survives until
 * the next full garbage collection.
 */
export function createInFlight(): InFlight {
  let count = 0;
  let none: PromiseWithResolvers<void> | undefined;
  return {
    begin() {
      count++;
    },
    end() {
      if (--count > 0) return;
      none?.resolve();
      none = undefined;
    },
    none() {
      if (count === 0) return Promise.resolve();
      none ??= Promise.withResolvers();
      return none.promise;
    },
  };
}
