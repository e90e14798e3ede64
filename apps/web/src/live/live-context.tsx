import { createContext, useContext, useEffect, useEffectEvent, useSyncExternalStore } from "react";
import type { ChangeBatch, ChangeFeed, LiveState } from "./change-feed.ts";

const LiveContext = createContext<ChangeFeed | undefined>(undefined);

export const LiveProvider = LiveContext.Provider;

export function useChangeFeed(): ChangeFeed {
  const feed = useContext(LiveContext);
  if (feed === undefined) throw new Error("useChangeFeed is called outside of a LiveProvider");
  return feed;
}

export function useLiveState(): LiveState {
  const { subscribeState, state } = useChangeFeed();
  return useSyncExternalStore(subscribeState, state);
}

/** Calls `react` for each batch of changes while the component is there. */
export function useChanges(react: (batch: ChangeBatch) => void): void {
  const { subscribe } = useChangeFeed();
  const onBatch = useEffectEvent(react);
  useEffect(() => subscribe((batch) => onBatch(batch)), [subscribe]);
}
