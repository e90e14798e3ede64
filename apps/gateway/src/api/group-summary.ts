import type { IndexedGroup, JobSummary } from "@pushfleet/view";

/** A group in lists: `Group` of openapi.yaml. */
export function groupSummary({ state, series, bytes, isFailing }: IndexedGroup, nowMs: number) {
  const { id, labels, pushedAtMicros, failedAtMicros, expiresAtMs, families } = state;
  return {
    id,
    labels: Object.fromEntries(labels),
    last_push: timeOf(pushedAtMicros),
    last_failure: timeOf(failedAtMicros),
    failing: isFailing,
    expires_at: expiresAtMs === null ? null : new Date(expiresAtMs).toISOString(),
    ...(expiresAtMs === null ? {} : { remaining_ttl_seconds: Math.max(0, expiresAtMs - nowMs) / 1000 }),
    families: families.length,
    series,
    bytes,
  };
}

/** `Job` of openapi.yaml. */
export function jobSummary({ job, groups, series, bytes, pushedAtMicros, failing, expiresAtMs }: JobSummary) {
  return {
    job,
    groups,
    series,
    bytes,
    last_push: timeOf(pushedAtMicros),
    failing,
    next_expiry: expiresAtMs === null ? null : new Date(expiresAtMs).toISOString(),
  };
}

/** Null for 0, which stands for never. */
function timeOf(micros: number): string | null {
  return micros === 0 ? null : new Date(micros / 1000).toISOString();
}
