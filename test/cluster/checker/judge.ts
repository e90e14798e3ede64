import type { History, Push, Reading, Scrape } from "./history.ts";

/** Something that must never be, with the scrape that shows it: 0 for a group that is not there. */
export type Violation =
  /** Shows what was before a push, or a deletion, that was acknowledged before the scrape started. */
  | {
      readonly kind: "stale";
      readonly group: number;
      readonly shown: number;
      readonly acknowledged: Push;
      readonly scrape: Scrape;
    }
  /** Shows what was before something that another scrape had shown, which ended before this one started. */
  | {
      readonly kind: "went back";
      readonly group: number;
      readonly shown: number;
      /** The push that the other scrape showed, or the deletion. */
      readonly before: number;
      readonly scrape: Scrape;
    }
  /** Shows series of several pushes, or not all series of one. */
  | {
      readonly kind: "torn";
      readonly group: number;
      readonly lowest: number;
      readonly highest: number;
      readonly series: number;
      readonly scrape: Scrape;
    }
  /** Shows a value that nobody had begun to push to this group by then. */
  | { readonly kind: "never pushed"; readonly group: number; readonly shown: number; readonly scrape: Scrape }
  /** A final scrape was not answered, so nobody knows what is left. */
  | { readonly kind: "no final answer"; readonly scrape: Scrape }
  /** A final scrape shows what was before an acknowledged push or deletion. */
  | {
      readonly kind: "lost";
      readonly group: number;
      readonly shown: number;
      readonly acknowledged: Push;
      readonly scrape: Scrape;
    };

/** What a history amounts to. Lists are in the order of time. */
export interface Verdict {
  readonly violations: readonly Violation[];
  /** Not violations by themselves: whether they may happen depends on the fault. */
  readonly failedPushes: readonly Push[];
  readonly failedScrapes: readonly Scrape[];
  /** Scrapes that said themselves that they are old. They are excused from being fresh, not from being whole. */
  readonly admittedStale: readonly Scrape[];
  readonly acknowledgedPushes: number;
  /** How many of them were deletions. */
  readonly acknowledgedDeletions: number;
  readonly reads: number;
  /** Groups seen, summed over all reads that had to be fresh. */
  readonly groupReads: number;
  readonly longestPushMs: number;
  readonly longestScrapeMs: number;
}

interface Read {
  readonly scrape: Scrape;
  readonly reading: Reading;
}

/**
 * Judges a history. Takes time and memory in proportion to it (but for sorting by time what is nearly in order), so
 * that long runs can be judged whole. Moments that are equal count as concurrent: what is reported is certain.
 */
export function judge(history: History): Verdict {
  const all = [...history.scrapes, ...history.finalScrapes];
  const reads = all.flatMap(readOf).sort((a, b) => a.scrape.startedAt - b.scrape.startedAt);
  const fresh = reads.filter(({ reading }) => !reading.admitsStale);
  const acknowledged = history.pushes.filter(({ outcome }) => outcome.kind === "acknowledged");
  return {
    violations: [
      ...unsoundReads(history, reads),
      ...readsOfThePast(history, fresh, acknowledged),
      ...lostPushes(history, acknowledged),
    ],
    failedPushes: history.pushes.filter(({ outcome }) => outcome.kind !== "acknowledged").sort(byStart),
    failedScrapes: all.filter(({ outcome }) => outcome.kind !== "read").sort(byStart),
    admittedStale: reads.filter(({ reading }) => reading.admitsStale).map(({ scrape }) => scrape),
    acknowledgedPushes: acknowledged.length,
    acknowledgedDeletions: acknowledged.filter(({ isDeletion }) => isDeletion).length,
    reads: reads.length,
    groupReads: fresh.reduce((sum, { reading }) => sum + presentGroups(reading), 0),
    longestPushMs: longest(history.pushes),
    longestScrapeMs: longest(all),
  };
}

function* unsoundReads(
  { groups, seriesPerGroup, pushes }: History,
  reads: readonly Read[],
): Iterable<Violation> {
  const pushOf = new Map(pushes.filter(({ isDeletion }) => !isDeletion).map((push) => [push.value, push]));
  for (const { scrape, reading } of reads) {
    for (let group = 0; group < groups; group++) {
      const series = reading.seriesCounts[group] ?? 0;
      if (series === 0) continue;
      const lowest = shownIn(reading, group);
      const highest = reading.highest[group] ?? 0;
      if (lowest !== highest || series !== seriesPerGroup)
        yield { kind: "torn", group, lowest, highest, series, scrape };
      for (const shown of new Set([lowest, highest])) {
        const push = pushOf.get(shown);
        if (push?.group !== group || push.startedAt > scrape.endedAt)
          yield { kind: "never pushed", group, shown, scrape };
      }
    }
  }
}

function* readsOfThePast(
  history: History,
  reads: readonly Read[],
  acknowledged: readonly Push[],
): Iterable<Violation> {
  const pushesByEnd = acknowledged.toSorted((a, b) => a.endedAt - b.endedAt);
  const readsByEnd = reads.toSorted((a, b) => a.scrape.endedAt - b.scrape.endedAt);
  const due = new Array<Push | undefined>(history.groups).fill(undefined);
  /** How far each group has come for certain. */
  const known = new Float64Array(history.groups);
  const reach = (group: number, place: number) => {
    known[group] = Math.max(known[group] ?? 0, place);
  };
  const placeShown = createPlaceFinder(history);
  const placesOf = new Map<Read, Float64Array>();
  let nextPush = 0;
  let nextRead = 0;
  for (const read of reads) {
    const { scrape, reading } = read;
    for (let push = pushesByEnd[nextPush]; push && isOver(push, scrape); push = pushesByEnd[++nextPush]) {
      due[push.group] = push;
      reach(push.group, push.value);
    }
    // What was over before this one started had started before it, so its places have been found.
    for (
      let past = readsByEnd[nextRead];
      past && isOver(past.scrape, scrape);
      past = readsByEnd[++nextRead]
    ) {
      placesOf.get(past)?.forEach((place, group) => void reach(group, place));
      placesOf.delete(past);
    }
    const places = known.map((floor, group) => placeShown(read, group, floor));
    placesOf.set(read, places);
    for (const [group, before] of known.entries()) {
      const place = places[group] ?? 0;
      if (place >= before) continue;
      const shown = shownIn(reading, group);
      const push = due[group];
      if (push !== undefined && place < push.value)
        yield { kind: "stale", group, shown, acknowledged: push, scrape };
      else yield { kind: "went back", group, shown, before, scrape };
    }
  }
}

function* lostPushes(history: History, acknowledged: readonly Push[]): Iterable<Violation> {
  const last = new Array<Push | undefined>(history.groups).fill(undefined);
  for (const push of acknowledged) if (push.value > (last[push.group]?.value ?? 0)) last[push.group] = push;
  const placeShown = createPlaceFinder(history);
  for (const scrape of history.finalScrapes) {
    if (scrape.outcome.kind !== "read") {
      yield { kind: "no final answer", scrape };
      continue;
    }
    const { reading } = scrape.outcome;
    for (const push of last) {
      if (push === undefined || placeShown({ scrape, reading }, push.group, push.value) >= push.value)
        continue;
      const shown = shownIn(reading, push.group);
      yield { kind: "lost", group: push.group, shown, acknowledged: push, scrape };
    }
  }
}

/**
 * Finds where in the order of a group's pushes a read stands that must not stand before `floor`: a value tells its place,
 * an absence may be that of any deletion begun by then, so it is given the first that will do. A place before the floor
 * says that there is none. To be asked with floors that never fall within a group.
 */
function createPlaceFinder({ groups, pushes }: History) {
  const deletions = Array.from({ length: groups }, (): Push[] => []);
  for (const push of pushes) if (push.isDeletion) deletions[push.group]?.push(push);
  for (const ofGroup of deletions) ofGroup.sort((a, b) => a.value - b.value);
  const next = new Uint32Array(groups);
  return ({ scrape, reading }: Read, group: number, floor: number): number => {
    // Without any push a group is absent too.
    if (reading.seriesCounts[group] !== 0 || floor === 0) return shownIn(reading, group);
    const ofGroup = deletions[group] ?? [];
    let index = next[group] ?? 0;
    while ((ofGroup[index]?.value ?? floor) < floor) index += 1;
    next[group] = index;
    const deletion = ofGroup[index];
    return deletion !== undefined && deletion.startedAt <= scrape.endedAt ? deletion.value : 0;
  };
}

function readOf(scrape: Scrape): Read[] {
  return scrape.outcome.kind === "read" ? [{ scrape, reading: scrape.outcome.reading }] : [];
}

function shownIn(reading: Reading, group: number): number {
  return reading.lowest[group] ?? 0;
}

function presentGroups(reading: Reading): number {
  return reading.seriesCounts.reduce((sum, series) => sum + (series > 0 ? 1 : 0), 0);
}

interface Timed {
  readonly startedAt: number;
  readonly endedAt: number;
}

function isOver(earlier: Timed, later: Timed): boolean {
  return earlier.endedAt < later.startedAt;
}

function longest(all: readonly Timed[]): number {
  return all.reduce((most, { startedAt, endedAt }) => Math.max(most, endedAt - startedAt), 0);
}

function byStart(a: Timed, b: Timed): number {
  return a.startedAt - b.startedAt;
}
