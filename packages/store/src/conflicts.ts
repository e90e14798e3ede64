/**
 * The rules of the push consistency check that need no store: which families exclude each other, when two texts hold
 * one series, and how a conflict is put into words. They are those of client_golang's registry (checkSuffixCollisions,
 * checkMetricConsistency), which a Pushgateway runs over everything it holds; both stores look up only what these name.
 */
import type { MetricType } from "@pushfleet/exposition";
import {
  type AdmittedFamily,
  type AdmittedMetric,
  type AdmittedMetrics,
  sampleSuffixes,
} from "@pushfleet/groups";
import { InconsistentPush } from "./store.ts";

export interface NamedType {
  readonly name: string;
  readonly type: MetricType;
}

/** A name that must not be in use beside a given family, when it is held with one of these types. */
export interface SuffixRival {
  readonly name: string;
  readonly types: "any" | readonly MetricType[];
}

const none: readonly SuffixRival[] = [];
const withCountAndSum: readonly MetricType[] = ["summary", "histogram", "gaugehistogram"];
const withBuckets: readonly MetricType[] = ["histogram", "gaugehistogram"];

/**
 * The names whose sample lines could be mistaken for those of the family, or the other way round: `h_count`, `h_sum` and
 * (with buckets) `h_bucket` of a summary or histogram `h`; and for `x_count`, `x_sum`, `x_bucket` a summary or histogram
 * `x`. Gauge histograms are written like histograms in text 0.0.4, so they count as such.
 */
export function suffixRivals(name: string, type: MetricType): readonly SuffixRival[] {
  const owner = suffixOwner(name);
  const suffixes = sampleSuffixes(type);
  if (owner === undefined && suffixes.length === 0) return none;
  const owned = suffixes.map((suffix): SuffixRival => ({ name: name + suffix, types: "any" }));
  return owner === undefined ? owned : [owner, ...owned];
}

function suffixOwner(name: string): SuffixRival | undefined {
  if (name.endsWith("_count")) return { name: name.slice(0, -6), types: withCountAndSum };
  if (name.endsWith("_sum")) return { name: name.slice(0, -4), types: withCountAndSum };
  if (name.endsWith("_bucket")) return { name: name.slice(0, -7), types: withBuckets };
  return undefined;
}

/** Whether the rival's name, held with this type, collides. */
export function collides(rival: SuffixRival, heldType: MetricType): boolean {
  return rival.types === "any" || rival.types.includes(heldType);
}

/** `family` is pushed with another type than its name has in other groups. */
export function typeConflict(family: AdmittedFamily, typeElsewhere: MetricType): InconsistentPush {
  return new InconsistentPush(
    "type-conflict",
    `collected metric ${JSON.stringify(family.name)} ${inWords(firstOf(family.metrics))} is not a ${typeElsewhere.toUpperCase()}: ` +
      `it is pushed as a ${family.type}, but other groups hold it as a ${typeElsewhere}`,
  );
}

/** `family` collides with a family held under one of its `suffixRivals`. */
export function suffixCollision(family: NamedType, held: NamedType): InconsistentPush {
  const [name, rival] = [JSON.stringify(family.name), JSON.stringify(held.name)];
  if (held.name.length < family.name.length) {
    return new InconsistentPush(
      "suffix-collision",
      `collected metric named ${name} collides with previously collected ${held.type} named ${rival}`,
    );
  }
  const kind = held.name.endsWith("_bucket") ? "histogram" : "histogram or summary";
  return new InconsistentPush(
    "suffix-collision",
    `collected ${kind} named ${name} collides with previously collected metric named ${rival}`,
  );
}

/** A metric of the family is held already by another group, whose canonical key is `holder`. */
export function duplicateSeries(
  family: NamedType,
  metric: AdmittedMetric | undefined,
  holder: string,
): InconsistentPush {
  return new InconsistentPush(
    "duplicate-series",
    `collected metric ${JSON.stringify(family.name)} ${inWords(metric)} was collected before with the same name and label values, ` +
      `in the group ${holder}`,
  );
}

function firstOf(metrics: AdmittedMetrics): AdmittedMetric | undefined {
  for (const metric of metrics) return metric;
  return undefined;
}

/** As Go prints a protobuf metric, as far as it identifies the series. */
function inWords(metric: AdmittedMetric | undefined): string {
  const labels = (metric?.labels ?? []).map(
    ([name, value]) => `label:{name:${JSON.stringify(name)} value:${JSON.stringify(value)}} `,
  );
  return `{ ${labels.join("")}}`;
}

/** What a store has to keep of a family to find its series again. */
export interface HeldSeries {
  /** As in AdmittedFamily, both. */
  readonly text: string;
  readonly unprinted: readonly string[];
}

/** Above so many series it is cheaper to index the held text once than to search it for each of them. */
const worthAnIndex = 8;

/** The first of these metrics that a family of the same name and type holds, if any. Cost: O(held text + metrics). */
export function firstHeld(held: HeldSeries, metrics: AdmittedMetrics): AdmittedMetric | undefined {
  const isHeld = holderOf(held, metrics.length);
  for (const metric of metrics) if (isHeld(metric.identity)) return metric;
  return undefined;
}

/** Those of the metrics that it does not hold. Costs the same. */
export function notHeld(held: HeldSeries, metrics: AdmittedMetrics): readonly AdmittedMetric[] {
  const isHeld = holderOf(held, metrics.length);
  return Array.from(metrics).filter(({ identity }) => !isHeld(identity));
}

function holderOf(held: HeldSeries, lookups: number): (identity: string) => boolean {
  return lookups > worthAnIndex ? indexOf(held) : searchOf(held);
}

function searchOf({ text, unprinted }: HeldSeries): (identity: string) => boolean {
  return (identity) =>
    text.startsWith(identity) || text.includes(`\n${identity}`) || unprinted.includes(identity);
}

/** Of what stands before the value of each line (no timestamps are stored, so the value follows the last space). */
function indexOf(held: HeldSeries): (identity: string) => boolean {
  const identities = new Set(held.unprinted);
  for (const line of held.text.split("\n")) identities.add(line.slice(0, line.lastIndexOf(" ") + 1));
  return (identity) => identities.has(identity);
}
