import type { StoredFamily } from "@pushfleet/store";
import type { HiddenFamily, IndexedGroup, JobSummary, Snapshot } from "@pushfleet/view";
import { familyJson } from "../json/group-json.ts";

/** A group in lists: `Group` of openapi.yaml. What it says of regions is left out where the cluster belongs to none. */
export function groupSummary(
  { state, series, bytes, isFailing }: IndexedGroup,
  { nowMs, hidden }: Pick<Snapshot, "nowMs" | "hidden">,
  { isRegional }: { readonly isRegional: boolean },
) {
  const { id, labels, pushedAtMicros, failedAtMicros, expiresAtMs, families } = state;
  return {
    id,
    labels: Object.fromEntries(labels),
    last_push: timeOf(pushedAtMicros),
    last_failure: timeOf(failedAtMicros),
    failing: isFailing,
    expires_at: expiresAtMs === null ? null : new Date(expiresAtMs).toISOString(),
    ...(expiresAtMs === null ? {} : { remaining_ttl_seconds: Math.max(0, expiresAtMs - nowMs) / 1000 }),
    ...(isRegional ? { region: state.pushedRegion ?? null } : {}),
    families: families.length,
    ...(isRegional ? { hidden_families: hidden.of(id).size } : {}),
    series,
    bytes,
  };
}

/** A family with its metrics: an element of `metrics` of `GroupDetail` of openapi.yaml. */
export function familyDetail(family: StoredFamily, hidden: HiddenFamily | undefined) {
  const { name, region } = family;
  return {
    name,
    ...(region === undefined ? {} : { region }),
    ...(hidden === undefined ? {} : { hidden: hiddenSummary(hidden) }),
    ...familyJson(family),
  };
}

/** `Hidden` of openapi.yaml. */
function hiddenSummary({ reason, whole, because }: HiddenFamily) {
  return { reason, whole, because };
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
