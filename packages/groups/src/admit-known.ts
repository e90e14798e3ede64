import { type Family, formatFloat } from "@pushfleet/exposition";
import type { AdmittedFamily, AdmittedMetric } from "./admitted.ts";
import {
  type PushGrouping,
  type SeriesMemory,
  type SeriesTemplate,
  TemplatedMetric,
} from "./series-memory.ts";

/** A metric of the push that needs no checks of its own. */
interface KnownMetric {
  readonly template: SeriesTemplate;
  readonly value: number;
}

/**
 * Admits a family all of whose series are known, as most are. Gives the same as the way of `admit` that looks at each
 * label, or undefined when that has to be gone: for a series not met before, anything that is not a plain value, and
 * families that cannot be sorted without a look at the grouping labels or that might repeat a series.
 */
export function admitKnown(
  { name, type, help, metrics }: Family,
  memory: SeriesMemory,
  grouping: PushGrouping,
): AdmittedFamily | undefined {
  if (type !== "counter" && type !== "gauge" && type !== "untyped") return undefined;
  const known: KnownMetric[] = [];
  for (const { head, data } of metrics) {
    if (head === undefined || data.kind !== "simple") return undefined;
    const template = memory.template(head, grouping);
    if (template === undefined) return undefined;
    if (!insert(known, { template, value: data.value })) return undefined;
  }

  let text = "";
  const admitted: AdmittedMetric[] = [];
  for (const { template, value } of known) {
    const metric = new TemplatedMetric(template, grouping);
    admitted.push(metric);
    text += `${metric.identity}${formatFloat(value)}\n`;
  }
  return { name, type, help, text, metrics: admitted };
}

/** From this many metrics on, putting each in its place takes too long when they come out of order. */
const MANY_METRICS = 64;

/** Puts the metric in its place in the order of a scrape; false when that is not to be had cheaply. */
function insert(sorted: KnownMetric[], metric: KnownMetric): boolean {
  let at = sorted.length;
  for (; at > 0; at--) {
    const order = compare(sorted[at - 1]?.template, metric.template);
    if (order === 0) return false;
    if (order < 0) break;
  }
  if (at === sorted.length) sorted.push(metric);
  else if (sorted.length < MANY_METRICS) sorted.splice(at, 0, metric);
  else return false;
  return true;
}

/** As a scrape sorts: by values of the labels. 0 when the series are the same, or their labels differ in more than values. */
function compare(a: SeriesTemplate | undefined, b: SeriesTemplate): number {
  if (a === undefined || a.names !== b.names) return 0;
  for (let i = 0; i < b.values.length; i++) {
    const left = a.values[i] ?? "";
    const right = b.values[i] ?? "";
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}
