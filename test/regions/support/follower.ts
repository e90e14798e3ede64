import { setTimeout as delay } from "node:timers/promises";
import type { Region } from "./region.ts";
import { scrapeText } from "./scrapes.ts";
import { type Pushes, readSequences } from "./steady-load.ts";

/** Looks at the scrapes of regions several times a second, for when they show what was pushed elsewhere. */
export interface Follower extends AsyncDisposable {
  /** Ends it after one more look. */
  stop(): Promise<void>;
  /**
   * Milliseconds from the acknowledgement of each push until a scrape of each other region showed it, or a later one of its group;
   * too high by what lies between two looks at most. Infinity for what none has shown. Sorted.
   */
  lags(pushes: Pushes): Float64Array;
}

const pauseMs = 200;

interface Look {
  readonly endedAt: number;
  readonly sequences: ReadonlyMap<string, number>;
}

export function startFollower(regions: readonly Region[]): Follower {
  const stopping = new AbortController();
  const looks = new Map<string, Look[]>();
  const follow = async (region: Region): Promise<void> => {
    const own: Look[] = [];
    looks.set(region.id, own);
    for (let isLast = false; !isLast; ) {
      isLast = stopping.signal.aborted;
      const text = await scrapeText(region.gateways[1].url).catch(() => undefined);
      if (text !== undefined) own.push({ endedAt: performance.now(), sequences: readSequences(text) });
      if (!isLast) await delay(pauseMs, undefined, { signal: stopping.signal }).catch(() => {});
    }
  };
  const following = Promise.all(regions.map(follow));
  const stop = async () => {
    stopping.abort();
    await following;
  };
  return {
    stop,
    lags(pushes) {
      const lags: number[] = [];
      for (const [id, own] of looks) lags.push(...lagsIn(id, own, pushes));
      return Float64Array.from(lags).sort();
    },
    [Symbol.asyncDispose]: stop,
  };
}

function lagsIn(region: string, looks: readonly Look[], { acknowledged }: Pushes): number[] {
  const foreign = acknowledged.filter((push) => push.region !== region);
  const byGroup = Map.groupBy(foreign, ({ region: id, group }) => `${id}/${group}`);
  const lags: number[] = [];
  for (const [key, pushes] of byGroup) {
    let next = 0;
    for (const push of pushes.toSorted((a, b) => a.sequence - b.sequence)) {
      while (next < looks.length && (looks[next]?.sequences.get(key) ?? 0) < push.sequence) next += 1;
      const shownAt = looks[next]?.endedAt ?? Number.POSITIVE_INFINITY;
      lags.push(Math.max(0, shownAt - push.endedAt));
    }
  }
  return lags;
}
