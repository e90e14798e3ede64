import { labelText } from "../grouping.ts";
import { type Paint, printable } from "../terminal.ts";
import type { Comparison, Difference } from "./compare.ts";
import type { NotCopied } from "./copied-group.ts";
import type { Copied } from "./copy.ts";

/** How a migration went. */
export interface Outcome {
  readonly copied: Copied;
  /** Groups of the source that could not be read. */
  readonly unreadable: readonly NotCopied[];
  readonly comparison: Comparison;
  readonly isScraped: boolean;
}

export function isComplete({ copied, unreadable, comparison }: Outcome): boolean {
  return copied.refused.length + unreadable.length + comparison.differences.length === 0;
}

export function outcomeJson({ copied, unreadable, comparison, isScraped }: Outcome): string {
  const failed = [...copied.refused, ...unreadable].map(({ labels, reason }) => ({
    labels: Object.fromEntries(labels),
    reason,
  }));
  return `${JSON.stringify({ ...countsJson(copied), failed, source_scraped: isScraped, ...comparison })}\n`;
}

export function countsJson({ counts: { copy, there, newer } }: Copied) {
  return { copied: copy, there, newer };
}

const mostShown = 20;

export function outcomeText(outcome: Outcome, paint: Paint): string {
  const { copied, unreadable, comparison, isScraped } = outcome;
  const { families, series, differences } = comparison;
  const failed = [...copied.refused, ...unreadable];
  return [
    countsText(copied, "copied"),
    ...failed
      .slice(0, mostShown)
      .map(({ labels, reason }) =>
        paint("red", `not copied: ${printable(labelText(Object.fromEntries(labels)))}: ${printable(reason)}`),
      ),
    ...more(failed.length, "groups"),
    ...(isScraped ? [] : [paint("yellow", "the source fails to be scraped: exemplars are not copied")]),
    ...differences
      .slice(0, mostShown)
      .map((difference) => paint("red", printable(differenceText(difference)))),
    ...more(differences.length, "differences"),
    ...(differences.length === 0
      ? [
          paint(
            "green",
            `checked: ${counted(families, "family", "families")} with ${counted(series, "series")} are at the target as at the source`,
          ),
        ]
      : []),
  ]
    .map((line) => `${line}\n`)
    .join("");
}

/** `3 groups copied, 1 was there already, 2 are newer at the target`. */
export function countsText({ counts: { copy, there, newer } }: Copied, verb: string): string {
  return [
    `${counted(copy, "group", "groups")} ${verb}`,
    ...(there === 0 ? [] : [`${counted(there)} ${there === 1 ? "was" : "were"} there already`]),
    ...(newer === 0
      ? []
      : [
          `${counted(newer)} ${newer === 1 ? "is" : "are"} newer at the target and left as ${newer === 1 ? "it is" : "they are"}`,
        ]),
  ].join(", ");
}

function differenceText({ family, problem, series, source, target }: Difference): string {
  switch (problem) {
    case "type":
    case "help":
      return `${family}: its ${problem} is "${source}" at the source and "${target}" at the target`;
    case "missing":
      return `${family}: ${series} of its series are missing at the target, such as ${source}`;
    case "different":
      return `${family}: ${series} of its series differ, such as ${source}, which at the target is ${target}`;
  }
}

function more(count: number, what: string): readonly string[] {
  return count > mostShown ? [`and ${counted(count - mostShown)} more ${what}; --json has all`] : [];
}

function counted(count: number, one = "", many = one): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`.trim();
}
