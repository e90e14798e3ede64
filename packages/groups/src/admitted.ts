import type { Label, MetricType } from "@pushfleet/exposition";

/** What identifies a group, for people and for the store. Made by `groupOf` only. */
export interface Group {
  /** 22 URL-safe characters derived from `key`: the name of the group wherever a short one is needed. */
  readonly id: GroupId;
  /** Sorted by name, `job` among them, no empty values: `{job="a"}` and `{job="a",instance=""}` are one group. */
  readonly labels: readonly Label[];
  /** Canonical text of the labels, e.g. `{instance="db-1",job="backup"}`: sorts and compares as the group does. */
  readonly key: string;
}

export type GroupId = string & { readonly __brand: "GroupId" };

/** A pushed family that passed admission, in the form that is stored and scraped. */
export interface AdmittedFamily {
  readonly name: string;
  readonly type: MetricType;
  /** Unescaped; "" when there is none. */
  readonly help: string;
  /**
   * The sample lines as a scrape prints them (text 0.0.4, UTF-8 names quoted): grouping labels merged in, labels
   * sorted, no HELP or TYPE line, each line ended by "\n".
   */
  readonly text: string;
  /** `text` in UTF-8, where that is what there is: then only who cannot do with bytes should ask for the text, which takes long to make. */
  readonly bytes?: Uint8Array;
  /**
   * `MetricFamily` message bytes, present only when text cannot say it all (native histograms, exemplars, created
   * timestamps): the grouping labels are merged in here too.
   */
  readonly proto?: Uint8Array;
  readonly metrics: AdmittedMetrics;
  /**
   * Identities of the metrics that no line of `text` starts with, because labels with empty values were printed. Nearly always
   * empty.
   */
  readonly unprinted: readonly string[];
  /** Lines of `text`, each of which is a series to Prometheus. */
  readonly seriesCount: number;
}

/** An array, or where there are very many something that makes them while they are gone through. */
export interface AdmittedMetrics extends Iterable<AdmittedMetric> {
  readonly length: number;
}

/** One label set of an admitted family: what the cross-group duplicate check needs to know of it. */
export interface AdmittedMetric {
  /** All its labels, sorted by name, no empty values, without `le` and `quantile`. */
  readonly labels: readonly Label[];
  /**
   * The text up to and including the space before the value of the line that stands for this label set in
   * `AdmittedFamily.text`: its own line for a simple metric, the `_count` line of a summary or histogram. Two metrics of
   * one family name and type are the same series exactly when their identities are equal.
   * Where labels with empty values were printed (`a=""`), the identity lacks them, so it is not a prefix of a printed
   * line; `instance=""` alone is always in it when the metric has no instance.
   */
  readonly identity: string;
}
