import { type ChangeFeed, type Freshest, freshest, GroupIndex, View, visible } from "@pushfleet/view";
import type { Scope } from "./access/identity.ts";
import { EventStream, type Seats } from "./event-stream.ts";

/** What groups are read from: by scrapes, the API and whoever follows events. */
export interface Reading {
  readonly view: View;
  /** What to serve now: fresh, or for a while the last known state. Rejects StoreUnavailable when there is neither. */
  serve(): Promise<Freshest>;
  /** What the query API looks groups up by. */
  readonly groupIndex: GroupIndex;
  readonly events: EventStream;
}

/** The reading of each scope. Scopes of the same groups share one, with all that it keeps in memory. */
export interface Readings {
  readonly all: Reading;
  of(scope: Exclude<Scope, { kind: "none" }>): Reading;
  /** Ends all streams of events. */
  stopEvents(): Promise<void>;
}

export interface ReadingOptions {
  readonly feed: ChangeFeed;
  readonly maxStalenessMs: number;
  readonly seats: Seats;
  /** Milliseconds unused after which the reading of some groups is forgotten. The next request makes it anew. */
  readonly idleMs?: number;
}

/** How long a scrape waits for a store that keeps silent: well below Prometheus' usual timeout of 10 s. */
const patienceMs = 2_000;

export function createReadings({ feed, maxStalenessMs, seats, idleMs = 600_000 }: ReadingOptions): Readings {
  const readingOf = (source: ChangeFeed): Reading => {
    const view = new View(source);
    return {
      view,
      serve: () => freshest(view, { patienceMs, maxStalenessMs }),
      groupIndex: new GroupIndex(),
      events: new EventStream({ view, seats }),
    };
  };
  const all = readingOf(feed);
  const ofSome = new Map<string, { readonly reading: Reading; readonly idle: NodeJS.Timeout }>();

  const forgetIdle = (key: string): void => {
    const known = ofSome.get(key);
    if (known === undefined) return;
    if (known.reading.events.clientCount > 0) known.idle.refresh();
    else ofSome.delete(key);
  };
  return {
    all,
    of(scope) {
      if (scope.kind === "all") return all;
      const { key, includes } = scope;
      const known = ofSome.get(key);
      known?.idle.refresh();
      if (known !== undefined) return known.reading;
      const reading = readingOf(visible(feed, includes));
      ofSome.set(key, { reading, idle: setTimeout(() => forgetIdle(key), idleMs).unref() });
      return reading;
    },
    async stopEvents() {
      await Promise.all(
        [all, ...[...ofSome.values()].map(({ reading }) => reading)].map(({ events }) => events.stop()),
      );
    },
  };
}
