import type { Label, MetricData, MetricType } from "./family.ts";
import { formatFloat } from "./floats.ts";
import { isLegacyLabelName, isLegacyMetricName } from "./names.ts";

/** Escapes a label value, or a quoted name, for use between double quotes. */
export function escapeLabelValue(value: string): string {
  return /[\\\n"]/.test(value)
    ? value.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"')
    : value;
}

/** Escapes the text of a HELP line. */
export function escapeHelp(help: string): string {
  return /[\\\n]/.test(help) ? help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n") : help;
}

/**
 * `name{a="b",c="d"}`: what stands before the space and the value. The labels come in the order given, and there are no
 * braces without any. Names outside the classic character set are quoted, the metric name then inside the braces:
 * `{"my.name",a="b"}`. (Upstream prints a label name with a colon bare, which no parser takes; here it is quoted.)
 */
export function seriesText(name: string, labels: readonly Label[]): string {
  return series(name, labelsText(labels));
}

/**
 * All sample lines of one metric, each ended by "\n", in upstream's order: quantiles or buckets, sum, count. `le` and
 * `quantile` are printed last, and a missing +Inf bucket is added. A metric without data has no lines.
 */
export function metricText(name: string, labels: readonly Label[], data: MetricData): string {
  const text = labelsText(labels);
  switch (data.kind) {
    case "simple":
      return sample(series(name, text), data.value);

    case "summary": {
      let lines = "";
      for (const [quantile, value] of data.quantiles) {
        lines += sample(series(name, withLast(text, "quantile", quantile)), value);
      }
      return lines + totals(name, text, data);
    }

    case "histogram": {
      const buckets = `${name}_bucket`;
      let lines = "";
      let hasInfinite = false;
      for (const { upperBound, cumulativeCount } of data.buckets) {
        if (upperBound === Infinity) hasInfinite = true;
        lines += sample(series(buckets, withLast(text, "le", upperBound)), cumulativeCount);
      }
      if (!hasInfinite) lines += sample(series(buckets, withLast(text, "le", Infinity)), data.count);
      return lines + totals(name, text, data);
    }

    case "missing":
      return "";
  }
}

/** The HELP line, unless the help is empty, and the TYPE line. A gauge histogram is called a histogram, as upstream. */
export function familyHeader(family: { name: string; help: string; type: MetricType }): string {
  const name = isLegacyMetricName(family.name) ? family.name : quoted(family.name);
  const type = family.type === "gaugehistogram" ? "histogram" : family.type;
  const help = family.help === "" ? "" : `# HELP ${name} ${escapeHelp(family.help)}\n`;
  return `${help}# TYPE ${name} ${type}\n`;
}

function totals(name: string, labels: string, { sum, count }: { sum: number; count: number }): string {
  return sample(series(`${name}_sum`, labels), sum) + sample(series(`${name}_count`, labels), count);
}

function sample(seriesText: string, value: number): string {
  return `${seriesText} ${formatFloat(value)}\n`;
}

function series(name: string, labels: string): string {
  if (labels !== "") return `${seriesOpening(name)}${labels}}`;
  return isLegacyMetricName(name) ? name : `{${quoted(name)}}`;
}

/** What stands before the labels of a series that has some: `name{` or `{"my.name",`. */
export function seriesOpening(name: string): string {
  return isLegacyMetricName(name) ? `${name}{` : `{${quoted(name)},`;
}

/** `a="b",c="d"`: what stands between the braces. */
export function labelsText(labels: readonly Label[]): string {
  let text = "";
  for (const [name, value] of labels) {
    if (text !== "") text += ",";
    text += `${isLegacyLabelName(name) ? name : quoted(name)}="${escapeLabelValue(value)}"`;
  }
  return text;
}

function withLast(labels: string, name: "le" | "quantile", value: number): string {
  const last = `${name}="${formatFloat(value)}"`;
  return labels === "" ? last : `${labels},${last}`;
}

function quoted(name: string): string {
  return `"${escapeLabelValue(name)}"`;
}
