import { quoteText } from "./quote.ts";

/** Every limit there is, by the name of the option that sets it. */
export const limitNames = [
  "push.max-body-size",
  "push.max-families",
  "push.max-series",
  "push.max-labels",
  "push.max-metric-name-length",
  "push.max-help-length",
  "push.max-label-name-length",
  "push.max-label-value-length",
  "push.max-rate-per-job",
  "push.max-rate-per-identity",
  "group.max-series",
  "job.max-groups",
  "store.max-groups",
] as const;

export type LimitName = (typeof limitNames)[number];

/** The largest values that are allowed: sizes and lengths in bytes, rates in requests a second. */
export type Limits = Readonly<Record<LimitName, number>>;

/** The limits that a push keeps or not by what is in it. */
export type ContentLimits = Pick<
  Limits,
  | "push.max-families"
  | "push.max-series"
  | "push.max-labels"
  | "push.max-metric-name-length"
  | "push.max-help-length"
  | "push.max-label-name-length"
  | "push.max-label-value-length"
>;

/** For what need not be limited because it was let in already, or is ours. */
export const noLimits: ContentLimits = {
  "push.max-families": Number.POSITIVE_INFINITY,
  "push.max-series": Number.POSITIVE_INFINITY,
  "push.max-labels": Number.POSITIVE_INFINITY,
  "push.max-metric-name-length": Number.POSITIVE_INFINITY,
  "push.max-help-length": Number.POSITIVE_INFINITY,
  "push.max-label-name-length": Number.POSITIVE_INFINITY,
  "push.max-label-value-length": Number.POSITIVE_INFINITY,
};

/** What went beyond which limit. */
export interface Excess {
  /** What the limit is. */
  readonly value: number;
  /** Whose excess it is, as text for people: see `shown`. "" where that is clear. */
  readonly offender?: string;
  /** Milliseconds after which a repetition may be taken; absent when it depends on no time. */
  readonly retryAfterMs?: number;
}

/** A request was refused because of its size or because there are too many. The message names limit, value and offender. */
export class LimitExceeded extends Error {
  override readonly name = "LimitExceeded";
  readonly limit: LimitName;
  readonly excess: Excess;

  constructor(limit: LimitName, excess: Excess) {
    super(`${sentences[limit](excess.value, excess.offender ?? "")} (limit --${limit})`);
    this.limit = limit;
    this.excess = excess;
  }

  get retryAfterMs(): number | undefined {
    return this.excess.retryAfterMs;
  }
}

const sentences: Readonly<Record<LimitName, (value: number, offender: string) => string>> = {
  "push.max-body-size": (value) => `the body is larger than ${value} bytes`,
  "push.max-families": (value, family) =>
    `the push has more than ${value} families, and ${family} is one too many`,
  "push.max-series": (value, family) =>
    `the push has more than ${value} series, and one of ${family} is too many`,
  "push.max-labels": (value, family) => `a series of ${family} has more than ${value} labels`,
  "push.max-metric-name-length": (value, family) => `the metric name ${family} is longer than ${value} bytes`,
  "push.max-help-length": (value, family) => `the help of ${family} is longer than ${value} bytes`,
  "push.max-label-name-length": (value, label) => `the label name ${label} is longer than ${value} bytes`,
  "push.max-label-value-length": (value, label) =>
    `the value of label ${label} is longer than ${value} bytes`,
  "push.max-rate-per-job": (value, job) => `the job ${job} may be pushed and deleted ${value} times a second`,
  "push.max-rate-per-identity": (value, identity) =>
    `${identity} may push and delete ${value} times a second`,
  "group.max-series": (value, group) => `the group ${group} would have more than ${value} series`,
  "job.max-groups": (value, job) => `the job ${job} has ${value} groups already`,
  "store.max-groups": (value) => `there are ${value} groups already`,
};

/** Longer names are cut in messages. */
const MAX_SHOWN = 64;

/** A name in quotes, as messages show it. */
export function shown(name: string): string {
  if (name.length <= MAX_SHOWN) return quoteText(name);
  return `${quoteText(name.slice(0, MAX_SHOWN).toWellFormed())}…`;
}
