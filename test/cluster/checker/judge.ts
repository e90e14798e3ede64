import type { History, Push, Reading, Scrape } from "./history.ts";

/** Something that must never be, with the scrape that shows it. */
export type Violation =
  /** Shows less than a push that was acknowledged before the scrape started. */
  | {
      readonly kind: "stale";
      readonly group: number;
      readonly shown: number;
      readonly acknowledged: Push;
      readonly scrape: Scrape;
    }
  /** Shows less than another scrape had shown that ended before this one started. */
  | {
      readonly kind: "went back";
      readonly group: number;
      readonly shown: number;
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
  /** A final scrape lacks an acknowledged push. */
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
      ...staleReads(history, fresh, acknowledged),
      ...readsThatWentBack(history, fresh),
      ...lostPushes(history, acknowledged),
    ],
    failedPushes: history.pushes.filter(({ outcome }) => outcome.kind !== "acknowledged").sort(byStart),
    failedScrapes: all.filter(({ outcome }) => outcome.kind !== "read").sort(byStart),
    admittedStale: reads.filter(({ reading }) => reading.admitsStale).map(({ scrape }) => scrape),
    acknowledgedPushes: acknowledged.length,
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
  const pushOf = new Map(pushes.map((push) => [push.value, push]));
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

function* staleReads(
  { groups }: History,
  reads: readonly Read[],
  acknowledged: readonly Push[],
): Iterable<Violation> {
  const byEnd = acknowledged.toSorted((a, b) => a.endedAt - b.endedAt);
  const due = new Array<Push | undefined>(groups).fill(undefined);
  let next = 0;
  for (const { scrape, reading } of reads) {
    for (let push = byEnd[next]; push && push.endedAt < scrape.startedAt; push = byEnd[++next])
      due[push.group] = push;
    for (const push of due) {
      if (push === undefined) continue;
      const shown = shownIn(reading, push.group);
      if (shown < push.value) yield { kind: "stale", group: push.group, shown, acknowledged: push, scrape };
    }
  }
}

function* readsThatWentBack({ groups }: History, reads: readonly Read[]): Iterable<Violation> {
  const byEnd = reads.toSorted((a, b) => a.scrape.endedAt - b.scrape.endedAt);
  const seen = new Float64Array(groups);
  let next = 0;
  for (const { scrape, reading } of reads) {
    for (let past = byEnd[next]; past && past.scrape.endedAt < scrape.startedAt; past = byEnd[++next])
      for (let group = 0; group < groups; group++)
        seen[group] = Math.max(seen[group] ?? 0, past.reading.highest[group] ?? 0);
    for (let group = 0; group < groups; group++) {
      const shown = shownIn(reading, group);
      const before = seen[group] ?? 0;
      if (shown < before) yield { kind: "went back", group, shown, before, scrape };
    }
  }
}

function* lostPushes({ groups, finalScrapes }: History, acknowledged: readonly Push[]): Iterable<Violation> {
  const last = new Array<Push | undefined>(groups).fill(undefined);
  for (const push of acknowledged) if (push.value > (last[push.group]?.value ?? 0)) last[push.group] = push;
  for (const scrape of finalScrapes) {
    if (scrape.outcome.kind !== "read") {
      yield { kind: "no final answer", scrape };
      continue;
    }
    for (const push of last) {
      if (push === undefined) continue;
      const shown = shownIn(scrape.outcome.reading, push.group);
      if (shown < push.value) yield { kind: "lost", group: push.group, shown, acknowledged: push, scrape };
    }
  }
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

function longest(all: readonly Timed[]): number {
  return all.reduce((most, { startedAt, endedAt }) => Math.max(most, endedAt - startedAt), 0);
}

function byStart(a: Timed, b: Timed): number {
  return a.startedAt - b.startedAt;
}
