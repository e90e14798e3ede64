import type { Family, Labels } from "../api/types.ts";

/** The families without the grouping labels, which each metric has and the head of the page shows, and without empty ones. */
export function withOwnLabels(families: readonly Family[], grouping: Labels): readonly Family[] {
  return families.map((family) => ({
    ...family,
    metrics: family.metrics.map((metric) => ({
      ...metric,
      labels: Object.fromEntries(
        Object.entries(metric.labels).filter(([name, value]) => value !== "" && grouping[name] !== value),
      ),
    })),
  }));
}
