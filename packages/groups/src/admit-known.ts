import type { ContentLimits, Family, Label, Metric, MetricData } from "@pushfleet/exposition";
import type { AdmittedFamily, AdmittedMetric } from "./admitted.ts";
import { linesOf } from "./metric-types.ts";
import type { PushGrouping } from "./push-grouping.ts";
import type { SeriesMemory } from "./series-memory.ts";
import { identityText, linesText, type SeriesTemplate } from "./series-template.ts";

/** A metric of the push whose labels need no checks of their own. */
interface KnownMetric {
  readonly template: SeriesTemplate;
  readonly data: MetricData;
}

/**
 * Admits a family all of whose metrics are known, as most are. Gives the same as the way of `admit` that looks at each
 * label, or undefined when that has to be gone: for a metric not met before or that may have too many labels, for bounds
 * that do not ascend, and for families that cannot be sorted without a look at the grouping labels or that repeat a series.
 */
export function admitKnown(
  family: Family,
  memory: SeriesMemory,
  grouping: PushGrouping,
  limits: ContentLimits,
): AdmittedFamily | undefined {
  const mostOwnLabels = limits["push.max-labels"] - grouping.labels.length;
  const known = family.metrics.map((metric) =>
    metric.labels.length > mostOwnLabels ? undefined : knownMetric(family, metric, memory, grouping),
  );
  if (!known.every((metric) => metric !== undefined)) return undefined;
  if (!areInOrder(known) && !areInOrder(sort(known))) return undefined;

  let text = "";
  let seriesCount = 0;
  for (const { template, data } of known) {
    text += linesText(template, data, grouping);
    seriesCount += linesOf(data);
  }
  const metrics = known.map(({ template }) => new TemplatedMetric(template, grouping));
  const { name, type, help } = family;
  return { name, type, help, text, metrics, unprinted: allPrinted, seriesCount };
}

const allPrinted: readonly string[] = [];

/**
 * A metric that was admitted by its template. Few readers want to know more than that it is there, and it lives for as
 * long as the store takes: what it says is put together on demand.
 */
export class TemplatedMetric implements AdmittedMetric {
  readonly #template: SeriesTemplate;
  readonly #grouping: PushGrouping;

  constructor(template: SeriesTemplate, grouping: PushGrouping) {
    this.#template = template;
    this.#grouping = grouping;
  }

  get labels(): readonly Label[] {
    return this.#grouping.merge(this.#template.labels).held;
  }

  get identity(): string {
    return identityText(this.#template, this.#grouping);
  }
}

function knownMetric(
  family: Family,
  { head, data }: Metric,
  memory: SeriesMemory,
  grouping: PushGrouping,
): KnownMetric | undefined {
  if (head === undefined || !hasAscendingBounds(data)) return undefined;
  const template = memory.template(family, head, grouping);
  return template && { template, data };
}

/** Which means that none is there twice. */
function hasAscendingBounds(data: MetricData): boolean {
  let previous = -Infinity;
  if (data.kind === "histogram") {
    for (const { upperBound } of data.buckets) {
      if (upperBound <= previous) return false;
      previous = upperBound;
    }
  } else if (data.kind === "summary") {
    for (const [quantile] of data.quantiles) {
      if (quantile <= previous) return false;
      previous = quantile;
    }
  }
  return true;
}

/** Whether each comes before the next on a scrape. That is known for all, then, and none is there twice. */
function areInOrder(known: readonly KnownMetric[]): boolean {
  for (let i = 1; i < known.length; i++) {
    const [left, right] = [known[i - 1], known[i]];
    if (left !== undefined && right !== undefined && compare(left, right) >= 0) return false;
  }
  return true;
}

/** Up to so many, sorting by insertion takes less time and no memory. */
const FEW_METRICS = 16;

/** Sorts in place. */
function sort(known: KnownMetric[]): KnownMetric[] {
  if (known.length > FEW_METRICS) return known.sort(compare);
  for (let i = 1; i < known.length; i++) insert(known, i);
  return known;
}

/** Moves the metric at this place to where it belongs among those before it, which are in order. */
function insert(known: KnownMetric[], place: number): void {
  const metric = known[place];
  for (let at = place; at > 0; at--) {
    const before = known[at - 1];
    if (before === undefined || metric === undefined || compare(before, metric) <= 0) return;
    known[at] = before;
    known[at - 1] = metric;
  }
}

/** As a scrape sorts: by values of the labels. 0 when the series are the same, or their labels differ in more than values. */
function compare({ template: a }: KnownMetric, { template: b }: KnownMetric): number {
  if (a.names !== b.names) return 0;
  for (let i = 0; i < b.values.length; i++) {
    const left = a.values[i] ?? "";
    const right = b.values[i] ?? "";
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}
