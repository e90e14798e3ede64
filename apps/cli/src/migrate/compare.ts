import type { Client } from "@pushfleet/client";
import {
  type Family,
  type HistogramData,
  type Label,
  type Metric,
  type MetricData,
  seriesText,
} from "@pushfleet/exposition";
import { failureTime, pushTime } from "../family-answer.ts";
import type { CopiedGroup } from "./copied-group.ts";
import { type Exposition, scrapeExposition } from "./exposition.ts";

/** What both sides were compared by, and how they differ. */
export interface Comparison {
  readonly families: number;
  readonly series: number;
  /** In order of the families. */
  readonly differences: readonly Difference[];
}

/** How one family is at the target. */
export interface Difference {
  readonly family: string;
  readonly problem: "type" | "help" | "missing" | "different";
  /** Series that it is about; 0 for type and help. */
  readonly series: number;
  /** What the source has, and the target: of series the first. */
  readonly source: string;
  readonly target: string;
}

/** What the target exposes, to be compared. @throws ClientError */
export function scrapeTarget(client: Client, timeoutMs: number): Promise<Exposition> {
  // Here empty labels are none.
  return scrapeExposition(client, { timeoutMs, labels: withoutEmpty });
}

interface CompareOptions {
  /** Whether the target has groups that were not copied: of a family's help texts, any of its groups may be the one shown. */
  readonly isShared: boolean;
}

/** Compares what the groups are at the source with what the target exposes. */
export function compare(
  groups: readonly CopiedGroup[],
  exposition: Exposition,
  { isShared }: CompareOptions,
): Comparison {
  const expected = Map.groupBy(
    groups.flatMap((group) => [...group.families, ...timesOf(group)]),
    ({ name }) => name,
  );
  const compared = [...expected].map(([name, families]) => compareFamily(name, families, exposition));
  return {
    families: expected.size,
    series: compared.reduce((sum, { series }) => sum + series, 0),
    differences: compared
      .flatMap(({ differences }) => differences)
      .filter(({ problem }) => problem !== "help" || !isShared)
      .toSorted((a, b) => (a.family < b.family ? -1 : 1)),
  };
}

function withoutEmpty(labels: readonly Label[]): readonly Label[] {
  return labels.filter(([, value]) => value !== "");
}

/** What a gateway adds to each group. Its help is the gateway's own. */
function timesOf({ labels, times }: CopiedGroup): readonly Family[] {
  return [[pushTime, times.pushedSeconds] as const, [failureTime, times.failedSeconds] as const].map(
    ([name, value]) => ({
      name,
      help: "",
      type: "gauge",
      metrics: [{ labels, data: { kind: "simple", value } }],
    }),
  );
}

function compareFamily(name: string, families: readonly Family[], exposition: Exposition) {
  const there = exposition.families.get(name);
  const metrics = families.flatMap((family) => family.metrics);
  const isTime = name === pushTime || name === failureTime;
  const differences: Difference[] = [];
  const tell = (problem: Difference["problem"], series: number, source: string, target: string) =>
    differences.push({ family: name, problem, series, source, target });
  const type = families[0]?.type;
  if (there !== undefined && type !== undefined && there.type !== type) tell("type", 0, type, there.type);
  const helps = new Set(families.map(({ help }) => help));
  if (there !== undefined && !isTime && !helps.has(there.help))
    tell("help", 0, [...helps].join(" | "), there.help);

  const pairs = metrics.map((metric) => [metric, exposition.find(name, metric.labels)] as const);
  const missing = pairs.filter(([, found]) => found === undefined);
  const different = pairs.filter(
    ([metric, found]) => found !== undefined && !isSame(metric, found, { isTime }),
  );
  const [[lost] = [], [first, found] = []] = [missing[0], different[0]];
  if (lost !== undefined) tell("missing", missing.length, shown(name, lost), "");
  if (first !== undefined && found !== undefined)
    tell("different", different.length, shown(name, first), shown(name, found));
  return { series: metrics.length, differences };
}

function shown(name: string, { labels, data }: Metric): string {
  return `${seriesText(name, labels)} ${dataText(data)}`;
}

/** Pushfleet keeps times in microseconds. A later failure is the target's own. */
const timePrecisionSeconds = 1e-6;

function isSame(source: Metric, target: Metric, { isTime }: { readonly isTime: boolean }): boolean {
  if (isTime && source.data.kind === "simple" && target.data.kind === "simple")
    return Math.abs(source.data.value - target.data.value) <= timePrecisionSeconds;
  return dataText(source.data) === dataText(target.data);
}

/** The same for the same data, however it was written: a bucket for +Inf goes without saying, and -0 is 0. */
function dataText(data: MetricData): string {
  const plain =
    data.kind === "histogram"
      ? withPlainBuckets(data)
      : data.kind === "summary"
        ? { ...data, quantiles: data.quantiles.toSorted(([a], [b]) => a - b) }
        : data;
  return data.kind === "simple" && Object.keys(data).length === 2 ? String(data.value) : inOrder(plain);
}

function withPlainBuckets(data: HistogramData) {
  return {
    ...data,
    buckets: data.buckets
      .filter(({ upperBound, exemplar }) => upperBound !== Number.POSITIVE_INFINITY || exemplar !== undefined)
      .toSorted((a, b) => a.upperBound - b.upperBound),
  };
}

/** As JSON, but with keys in order and with NaN and the infinities as themselves. */
function inOrder(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inOrder).join(",")}]`;
  if (typeof value !== "object" || value === null)
    return typeof value === "string" ? JSON.stringify(value) : String(value);
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  return `{${entries
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, one]) => `${key}:${inOrder(one)}`)
    .join(",")}}`;
}
