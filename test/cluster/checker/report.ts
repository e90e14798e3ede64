import type { Push, Scrape } from "./history.ts";
import type { Verdict, Violation } from "./judge.ts";

/** How many of each kind are told in full. */
const examples = 5;

/** A verdict for people, in a few lines. */
export function describeVerdict(verdict: Verdict): string {
  const { violations, failedPushes, failedScrapes, admittedStale } = verdict;
  return [
    `${verdict.acknowledgedPushes} pushes acknowledged, ${verdict.acknowledgedDeletions} of them deletions, longest ${seconds(verdict.longestPushMs)}`,
    `${verdict.reads} scrapes with ${verdict.groupReads} fresh group reads, longest ${seconds(verdict.longestScrapeMs)}`,
    `${admittedStale.length} scrapes admit to be stale`,
    ...listed("failed pushes", failedPushes, tellPush),
    ...listed("failed scrapes", failedScrapes, tellScrape),
    ...listed("violations", violations, tellViolation),
  ].join("\n");
}

function listed<T>(name: string, items: readonly T[], tell: (item: T) => string): string[] {
  const shown = items.slice(0, examples).map((item) => `  ${tell(item)}`);
  const rest = items.length > examples ? [`  and ${items.length - examples} more`] : [];
  return [`${items.length} ${name}`, ...shown, ...rest];
}

function tellViolation(violation: Violation): string {
  const { kind, scrape } = violation;
  switch (kind) {
    case "stale":
    case "lost":
      return `${kind}: group ${violation.group} shows ${violation.shown} in ${tellScrape(scrape)} after ${tellPush(violation.acknowledged)}`;
    case "went back":
      return `${kind}: group ${violation.group} shows ${violation.shown} in ${tellScrape(scrape)}, ${violation.before} before`;
    case "torn":
      return `${kind}: group ${violation.group} shows ${violation.series} series, ${violation.lowest} to ${violation.highest}, in ${tellScrape(scrape)}`;
    case "never pushed":
      return `${kind}: group ${violation.group} shows ${violation.shown} in ${tellScrape(scrape)}`;
    case "no final answer":
      return `${kind}: ${tellScrape(scrape)}`;
  }
}

function tellPush({ group, value, isDeletion, outcome, ...times }: Push): string {
  return `${isDeletion ? "deletion" : "push"} ${value} of group ${group} ${span(times)} ${tellOutcome(outcome)}`;
}

function tellScrape({ target, outcome, ...times }: Scrape): string {
  return `scrape of ${target} ${span(times)} ${tellOutcome(outcome)}`;
}

function tellOutcome(outcome: Push["outcome"] | Scrape["outcome"]): string {
  switch (outcome.kind) {
    case "acknowledged":
    case "read":
      return outcome.kind;
    case "refused":
      return `refused with ${outcome.status}`;
    case "failed":
      return `failed: ${outcome.reason}`;
  }
}

function span({ startedAt, endedAt }: { startedAt: number; endedAt: number }): string {
  return `(${seconds(startedAt)} to ${seconds(endedAt)})`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(3)} s`;
}
