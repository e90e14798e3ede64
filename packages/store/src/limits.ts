/** What both stores have in common in keeping limits. */
import { LimitExceeded, shown } from "@pushfleet/exposition";
import { type AdmittedFamily, type Group, jobOf } from "@pushfleet/groups";
import type { StoreLimits } from "./store.ts";

/** How many series a group may keep beside those pushed; negative when those alone are too many. */
export function roomBeside(families: readonly AdmittedFamily[], limits: StoreLimits | undefined): number {
  if (limits === undefined) return Number.POSITIVE_INFINITY;
  let room = limits["group.max-series"];
  for (const { seriesCount } of families) room -= seriesCount;
  return room;
}

/** Groups come and go at times that nobody knows here. */
const retryForGroupsMs = 60_000;
/** Longer keys are cut in messages. */
const maxShown = 200;

/** The error for a push to this group. */
export function exceeded(limit: keyof StoreLimits, group: Group, limits: StoreLimits): LimitExceeded {
  const value = limits[limit];
  switch (limit) {
    case "group.max-series": {
      const { key } = group;
      const offender = key.length > maxShown ? `${key.slice(0, maxShown).toWellFormed()}…` : key;
      return new LimitExceeded(limit, { value, offender });
    }
    case "job.max-groups":
      return new LimitExceeded(limit, {
        value,
        offender: shown(jobOf(group)),
        retryAfterMs: retryForGroupsMs,
      });
    case "store.max-groups":
      return new LimitExceeded(limit, { value, retryAfterMs: retryForGroupsMs });
  }
}
