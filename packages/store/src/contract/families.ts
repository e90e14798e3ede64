/** Small admitted families for tests, made without the parser. */
import type { Label, MetricType } from "@pushfleet/exposition";
import { type AdmittedFamily, type AdmittedMetric, type Group, groupOf } from "@pushfleet/groups";

/** Labels of one series besides those of its group. */
export type SeriesLabels = Readonly<Record<string, string>>;

export function group(labels: Readonly<Record<string, string>>): Group {
  return groupOf(Object.entries(labels));
}

export function gauge(
  owner: Group,
  name: string,
  value: number,
  series: readonly SeriesLabels[] = [{}],
): AdmittedFamily {
  return simple(owner, name, "gauge", value, series);
}

export function counter(
  owner: Group,
  name: string,
  value: number,
  series: readonly SeriesLabels[] = [{}],
): AdmittedFamily {
  return simple(owner, name, "counter", value, series);
}

/** With one series and no quantiles. */
export function summary(owner: Group, name: string, count: number): AdmittedFamily {
  return withLines(name, "summary", owner.labels, count, []);
}

/** With one series and the +Inf bucket only. */
export function histogram(
  owner: Group,
  name: string,
  count: number,
  type: "histogram" | "gaugehistogram" = "histogram",
): AdmittedFamily {
  const bucket = `${name}_bucket${braces(printed(owner.labels), 'le="+Inf"')} ${count}\n`;
  return withLines(name, type, owner.labels, count, [bucket]);
}

/** The same family with `empty=""` printed in each line, which therefore no longer starts with the identity. */
export function withEmptyLabel(family: AdmittedFamily): AdmittedFamily {
  return {
    ...family,
    text: family.text.replaceAll(/^([^{]+\{)/gm, '$1empty="",'),
    unprinted: Array.from(family.metrics, ({ identity }) => identity),
  };
}

function simple(
  owner: Group,
  name: string,
  type: MetricType,
  value: number,
  series: readonly SeriesLabels[],
): AdmittedFamily {
  const metrics = series.map((own): AdmittedMetric => {
    const labels = sorted([...Object.entries(own), ...owner.labels]);
    return { labels, identity: `${name}${braces(printed(labels))} ` };
  });
  return {
    name,
    type,
    help: "",
    text: metrics.map(({ identity }) => `${identity}${value}\n`).join(""),
    metrics,
    unprinted: [],
    seriesCount: metrics.length,
  };
}

function withLines(
  name: string,
  type: MetricType,
  labels: readonly Label[],
  count: number,
  buckets: readonly string[],
): AdmittedFamily {
  const series = braces(printed(labels));
  const identity = `${name}_count${series} `;
  const text = `${buckets.join("")}${name}_sum${series} ${count}\n${identity}${count}\n`;
  const metrics = [{ labels, identity }];
  return { name, type, help: "", text, metrics, unprinted: [], seriesCount: buckets.length + 2 };
}

/** As a scrape prints them: an absent instance is printed as an empty one. */
function printed(labels: readonly Label[]): readonly string[] {
  const all = labels.some(([name]) => name === "instance") ? labels : sorted([...labels, ["instance", ""]]);
  return all.map(([name, value]) => `${name}="${escapeValue(value)}"`);
}

function escapeValue(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

function braces(...labels: readonly (readonly string[] | string)[]): string {
  return `{${labels.flat().join(",")}}`;
}

function sorted(labels: readonly Label[]): readonly Label[] {
  return labels.toSorted(([x], [y]) => (x < y ? -1 : 1));
}
