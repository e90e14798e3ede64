import type { FamilyAnswer, GroupMetrics } from "./answers.ts";

/** An element of what `GET /api/v1/metrics` answers: families by their names, and among them what is said of the group. */
type Answered = Readonly<Record<string, unknown>>;

/**
 * Reads one group. A family may be called `labels`, and then stands where the labels of the group would: they are those of its
 * push time, which every group has.
 */
export function readGroupMetrics(answered: Answered): GroupMetrics {
  const families = Object.entries(answered).flatMap(([name, value]) =>
    isFamily(value) ? [{ name, ...value }] : [],
  );
  const { labels, remaining_ttl_seconds: remaining } = answered;
  return {
    labels: isLabels(labels) ? labels : (pushTimeLabels(families) ?? {}),
    remainingTtlSeconds: typeof remaining === "number" ? remaining : undefined,
    families,
  };
}

function isFamily(value: unknown): value is FamilyAnswer {
  return typeof value === "object" && value !== null && "metrics" in value && Array.isArray(value.metrics);
}

/** All that is an object and no family: openapi.yaml promises that its values are texts. */
function isLabels(value: unknown): value is Readonly<Record<string, string>> {
  return typeof value === "object" && value !== null && !isFamily(value);
}

function pushTimeLabels(families: GroupMetrics["families"]): GroupMetrics["labels"] | undefined {
  return families.find(({ name }) => name === "push_time_seconds")?.metrics[0]?.labels;
}
