import { createContext, useContext, useSyncExternalStore } from "react";
import type { StoreClock } from "./store-clock.ts";

const ClockContext = createContext<StoreClock | undefined>(undefined);

export const ClockProvider = ClockContext.Provider;

/** The store's time in milliseconds since 1970; the component is drawn anew every second. */
export function useStoreNow(): number {
  const { subscribe, now } = useClock();
  return useSyncExternalStore(subscribe, now);
}

/** Seconds since the store confirmed what the page shows; 0 while it answers. */
export function useViewAge(): number {
  const { subscribe, viewAgeSeconds } = useClock();
  return useSyncExternalStore(subscribe, viewAgeSeconds);
}

function useClock(): StoreClock {
  const clock = useContext(ClockContext);
  if (clock === undefined) throw new Error("useClock is called outside of a ClockProvider");
  return clock;
}
