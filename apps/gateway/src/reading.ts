import type { RegionId } from "@pushfleet/store";
import {
  type ChangeFeed,
  type Freshest,
  freshest,
  fromRegion,
  GroupIndex,
  View,
  visible,
} from "@pushfleet/view";
import type { Scope } from "./access/identity.ts";
import { EventStream, type Seats } from "./event-stream.ts";
import { noteRegions } from "./noted-regions.ts";

/** What groups are read from: by scrapes, the API and whoever follows events. */
export interface Reading {
  readonly view: View;
  /** What to serve now: fresh, or for a while the last known state. Rejects StoreUnavailable when there is neither. */
  serve(): Promise<Freshest>;
  /**
   * Resolves when there is something to serve, whether or not the store answers. Asks the store, and waits for it, only where nothing
   * is known that may be served; otherwise it sees to it, in the background, that what is known is seconds old at most. So it can be
   * asked again and again, whatever changes meanwhile. Rejects StoreUnavailable when there is nothing.
   */
  prepare(): Promise<void>;
  /** What the query API looks groups up by. */
  readonly groupIndex: GroupIndex;
  readonly events: EventStream;
}

/**
 * The reading of each scope, of all regions or of one. Scopes of the same groups share one, with all that it keeps in memory.
 */
export interface Readings {
  readonly all: Reading;
  /** What a scrape shows that says of no region, to who may see all groups; may be `all`. */
  readonly scraped: Reading;
  of(scope: SomeScope, region?: RegionId): Reading;
  /**
   * As `of`, of a region that somebody asked for. Of one that nothing is stored of, it is the same for all such regions, so
   * that nobody can have memory taken by names. Rejects StoreUnavailable when that cannot be told.
   */
  ofAnyRegion(scope: SomeScope, region: RegionId): Promise<Reading>;
  /** Ends all streams of events. */
  stopEvents(): Promise<void>;
}

type SomeScope = Exclude<Scope, { kind: "none" }>;

export interface ReadingOptions {
  readonly feed: ChangeFeed;
  readonly maxStalenessMs: number;
  readonly seats: Seats;
  /** Of the store; absent = none. */
  readonly region?: RegionId | undefined;
  /** Where this is a region, a scrape that says of none shows that one. */
  readonly scrapedRegion?: RegionId | undefined;
  /** "" = none. */
  readonly originLabel?: string;
  /** Milliseconds unused after which the reading of some groups is forgotten. The next request makes it anew. */
  readonly idleMs?: number;
}

/** How long a scrape waits for a store that keeps silent: well below Prometheus' usual timeout of 10 s. */
const patienceMs = 2_000;
/** What an outage of the store leaves is as young as that, though nobody scraped. */
const preparedMs = 30_000;

export function createReadings(options: ReadingOptions): Readings {
  const {
    feed,
    maxStalenessMs,
    seats,
    region: own,
    scrapedRegion,
    originLabel = "",
    idleMs = 600_000,
  } = options;
  const regional = own === undefined ? {} : { region: own, originLabel };
  const readingOf = (source: ChangeFeed): Reading => {
    const view = new View(source, regional);
    const serve = () => freshest(view, { patienceMs, maxStalenessMs });
    return {
      view,
      serve,
      async prepare() {
        const { ageMs } = view;
        if (ageMs === undefined || ageMs > maxStalenessMs) await serve();
        // The view itself tells that it failed.
        else if (ageMs > Math.min(preparedMs, maxStalenessMs / 2)) void view.refresh().catch(() => {});
      },
      groupIndex: new GroupIndex(),
      events: new EventStream({ view, seats }),
    };
  };
  const noted = own === undefined ? undefined : noteRegions(feed);
  const all = readingOf(noted?.feed ?? feed);
  const scraped = scrapedRegion === undefined ? all : readingOf(fromRegion(feed, scrapedRegion));
  const ofSome = new Map<string, { readonly reading: Reading; readonly idle: NodeJS.Timeout }>();
  const forgetIdle = (key: string): void => {
    const known = ofSome.get(key);
    if (known === undefined) return;
    if (known.reading.events.clientCount > 0) known.idle.refresh();
    else ofSome.delete(key);
  };
  const kept = (key: string, make: () => ChangeFeed): Reading => {
    const known = ofSome.get(key);
    known?.idle.refresh();
    if (known !== undefined) return known.reading;
    const reading = readingOf(make());
    ofSome.set(key, { reading, idle: setTimeout(() => forgetIdle(key), idleMs).unref() });
    return reading;
  };
  const of: Readings["of"] = (scope, region) => {
    if (scope.kind === "all" && region === undefined) return all;
    if (scope.kind === "all" && region === scrapedRegion) return scraped;
    return kept(JSON.stringify([region, scope.kind === "some" ? scope.key : null]), () => {
      const ofRegion = region === undefined ? feed : fromRegion(feed, region);
      return scope.kind === "some" ? visible(ofRegion, scope.includes) : ofRegion;
    });
  };

  return {
    all,
    scraped,
    of,
    async ofAnyRegion(scope, region) {
      // What was first brought from there just now counts.
      if (noted?.regions.has(region) === false) await all.serve();
      if (noted?.regions.has(region) === true) return of(scope, region);
      return kept("", () => visible(feed, () => false));
    },
    async stopEvents() {
      const some = [...ofSome.values()].map(({ reading }) => reading);
      await Promise.all([all, scraped, ...some].map(({ events }) => events.stop()));
    },
  };
}
