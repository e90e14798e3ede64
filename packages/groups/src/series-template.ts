import {
  detached,
  type Family,
  formatFloat,
  type HistogramData,
  type Label,
  labelsText,
  type MetricData,
  type SeriesHead,
  type SummaryData,
  seriesOpening,
} from "@pushfleet/exposition";
import { hasValue } from "./labels.ts";
import { identityName, impliedLabel, kindOf } from "./metric-types.ts";
import type { PushGrouping } from "./push-grouping.ts";

/**
 * How the metric of one head is printed in any group of a shape: text that stays, and between it runs of grouping labels.
 * Its labels have passed all checks of admission, and none is empty.
 */
export interface SeriesTemplate {
  readonly shape: string;
  /** Of the family: `h_count` may be a line of `h` in one body and a summary of its own in another. */
  readonly family: string;
  /** The metric's own labels, as pushed. */
  readonly labels: readonly Label[];
  /** The names of those that are not grouping labels, as one text. */
  readonly names: string;
  /** Their values, in the order of their names. */
  readonly values: readonly string[];
  /** Of the text up to the value on the line that identifies the metric; one more than `runs`. */
  readonly pieces: readonly string[];
  /** Each stands between two pieces. */
  readonly runs: readonly Run[];
  readonly openings: Openings;
}

/** What stands before the labels, by lines. */
interface Openings {
  readonly identity: string;
  /** Of a quantile or bucket; "" for a simple metric, which has one line. */
  readonly bound: string;
  /** The same. */
  readonly sum: string;
}

/** Grouping labels that are printed one after another, by their places in `PushGrouping.labels`. */
interface Run {
  readonly from: number;
  readonly to: number;
}

/** What stands between the labels and the value. */
const CLOSING = "} ";

/** The template of a metric of the family that has the head; undefined when its labels need a closer look with each push. */
export function seriesTemplate(
  family: Family,
  head: SeriesHead,
  grouping: PushGrouping,
): SeriesTemplate | undefined {
  const { shape } = grouping;
  if (shape === undefined || !head.labels.every(hasValue)) return undefined;
  const openings = openingsOf(family);
  const implied = impliedLabel(family.type);
  const pieces: string[] = [];
  const runs: Run[] = [];
  const names: string[] = [];
  const values: string[] = [];
  let piece = openings.identity;
  let comma = "";
  for (const [name, value] of grouping.merge(head.labels).printed) {
    if (name === implied) return undefined;
    const at = grouping.labels.findIndex((label) => label[0] === name && label[1] === value);
    const last = runs.at(-1);
    if (at === -1) {
      if (name === names.at(-1) || name === "" || name.startsWith("__")) return undefined;
      piece += comma + labelsText([[name, value]]);
      names.push(name);
      values.push(value);
    } else if (last?.to === at && piece === "") {
      runs[runs.length - 1] = { from: last.from, to: at + 1 };
    } else {
      pieces.push(detached(piece + comma));
      runs.push({ from: at, to: at + 1 });
      piece = "";
    }
    comma = ",";
  }
  pieces.push(detached(piece + CLOSING));
  return {
    shape,
    family: family.name,
    labels: head.labels,
    names: JSON.stringify(names),
    values,
    pieces,
    runs,
    openings,
  };
}

function openingsOf(family: Family): Openings {
  const { name, type } = family;
  const opening = (line: string) => detached(seriesOpening(line));
  const identity = opening(identityName(family));
  switch (kindOf(type)) {
    case "simple":
      return { identity, bound: "", sum: "" };
    case "summary":
      return { identity, bound: opening(name), sum: opening(`${name}_sum`) };
    case "histogram":
      return { identity, bound: opening(`${name}_bucket`), sum: opening(`${name}_sum`) };
  }
}

/** What `AdmittedMetric.identity` is of a metric with the template. */
export function identityText({ pieces, runs }: SeriesTemplate, grouping: PushGrouping): string {
  let text = pieces[0] ?? "";
  let next = 1;
  for (const { from, to } of runs) text += grouping.run(from, to) + (pieces[next++] ?? "");
  return text;
}

/** All lines of a metric with the template, as `metricText` writes them. */
export function linesText(template: SeriesTemplate, data: MetricData, grouping: PushGrouping): string {
  const identity = identityText(template, grouping);
  switch (data.kind) {
    case "simple":
      return `${identity}${formatFloat(data.value)}\n`;
    case "summary":
    case "histogram": {
      const { openings } = template;
      const labels = identity.slice(openings.identity.length, -CLOSING.length);
      const bounds = boundLines(`${openings.bound}${labels}`, data);
      return `${bounds}${openings.sum}${labels}${CLOSING}${formatFloat(data.sum)}\n${identity}${formatFloat(data.count)}\n`;
    }
    case "missing":
      return "";
  }
}

/** @param start The series up to the bound. */
function boundLines(start: string, data: SummaryData | HistogramData): string {
  let lines = "";
  if (data.kind === "summary") {
    const quantiles = `${start},quantile="`;
    for (const [quantile, value] of data.quantiles) {
      lines += `${quantiles}${formatFloat(quantile)}"${CLOSING}${formatFloat(value)}\n`;
    }
    return lines;
  }
  const buckets = `${start},le="`;
  let last: number | undefined;
  for (const { upperBound, cumulativeCount } of data.buckets) {
    lines += `${buckets}${formatFloat(upperBound)}"${CLOSING}${formatFloat(cumulativeCount)}\n`;
    last = upperBound;
  }
  return last === Infinity ? lines : `${lines}${buckets}+Inf"${CLOSING}${formatFloat(data.count)}\n`;
}
