import { type LimitName, type Limits, limitNames } from "@pushfleet/exposition";
import type { Telemetry } from "@pushfleet/runtime";

/** Tells what the limits are where no rule says otherwise, and counts the requests that went beyond one. */
export function countLimits(telemetry: Telemetry, limits: Limits): { inc(limit: LimitName): void } {
  telemetry.constants("pushfleet_limit", "What the gateway takes at most, where no rule says otherwise.", {
    name: "limit",
    values: Object.fromEntries(limitNames.map((name) => [name, limits[name]])),
  });
  return telemetry.counters("pushfleet_limit_exceeded_total", "Requests refused by a limit.", {
    name: "limit",
    values: limitNames,
  });
}
