import type { Rates } from "../api/types.ts";

const counters = ["pushes", "refused", "failed", "scrapes"] as const;
export type Counter = (typeof counters)[number];

/** Rates of all gateways together, a point for each interval. */
export interface RateSeries {
  /** Beginnings of the intervals, in seconds since 1970, without gaps. */
  readonly times: readonly number[];
  /** Per second. */
  readonly perSecond: Readonly<Record<Counter, readonly number[]>>;
}

/**
 * Sums the gateways' lists by time. They may begin and end at different times and have different intervals: the shortest
 * one is the sum's. It begins where all of the longest have begun, and ends where the first of them ends, because later
 * ones would be without that one's requests, unless it is behind by more than `patienceSeconds`, as is one that has died.
 */
export function sumRates(lists: readonly Rates[], patienceSeconds = 30): RateSeries {
  const spans = lists.map((rates) => ({ rates, ...spanOf(rates) })).filter(({ start, end }) => end > start);
  if (spans.length === 0)
    return { times: [], perSecond: { pushes: [], refused: [], failed: [], scrapes: [] } };
  const step = Math.min(...spans.map(({ rates }) => rates.interval_seconds));
  // The longest are those that have forgotten what was before: it would be without the one that has forgotten most.
  const longest = Math.max(...spans.map(({ start, end }) => end - start));
  const start = Math.max(
    ...spans.filter((span) => span.end - span.start === longest).map((span) => span.start),
  );
  const latest = Math.max(...spans.map(({ end }) => end));
  const end = Math.min(...spans.map((span) => span.end).filter((ends) => latest - ends <= patienceSeconds));
  const times = Array.from(
    { length: Math.max(0, Math.floor((end - start) / step)) },
    (_, index) => start + index * step,
  );
  const sums = (counter: Counter) =>
    times.map((time) =>
      spans.reduce((sum, { rates, start }) => sum + rateAt(rates, counter, time - start), 0),
    );
  return {
    times,
    perSecond: {
      pushes: sums("pushes"),
      refused: sums("refused"),
      failed: sums("failed"),
      scrapes: sums("scrapes"),
    },
  };
}

/** In seconds since 1970, of the longest of its lists. */
function spanOf(rates: Rates): { readonly start: number; readonly end: number } {
  const end = Date.parse(rates.until) / 1000;
  const length = Math.max(...counters.map((counter) => rates[counter].length));
  return { start: end - length * rates.interval_seconds, end };
}

/** 0 outside of what the list tells. */
function rateAt(rates: Rates, counter: Counter, secondsIn: number): number {
  const list = rates[counter];
  const longest = Math.max(...counters.map((each) => rates[each].length));
  // All lists end at the same time, so a shorter one begins later.
  const index = Math.floor(secondsIn / rates.interval_seconds) - (longest - list.length);
  return (list[index] ?? 0) / rates.interval_seconds;
}

/** `12.5/s now, at most 40/s`: a chart's line in words. */
export function describeRates(values: readonly number[], format: (rate: number) => string): string {
  const now = values.at(-1);
  if (now === undefined) return "nothing yet";
  return `${format(now)}/s now, at most ${format(Math.max(...values))}/s`;
}
