import { escapeName, isLegacyMetricName, type MetricType } from "@pushfleet/exposition";
import { sampleSuffixes } from "./metric-types.ts";

/** The two families the gateway adds to every group. A pushed one is dropped without a word, as upstream's README says. */
const PUSH_TIMES: ReadonlySet<string> = new Set(["push_time_seconds", "push_failure_time_seconds"]);

export function isPushTime(familyName: string): boolean {
  return mayBeOurs(familyName) && PUSH_TIMES.has(familyName);
}

/**
 * The name under which the family would mix with the gateway's own metrics on a scrape; undefined when it would not.
 * Scrapers that do not ask for UTF-8 get other names with underscores in them, so `pushfleet.x` counts as `pushfleet_x`.
 */
export function reservedName(family: {
  readonly name: string;
  readonly type: MetricType;
}): string | undefined {
  const { name, type } = family;
  if (!mayBeOurs(name)) return undefined;
  const isLegacy = isLegacyMetricName(name);
  const scraped = isLegacy ? name : escapeName(name, "underscores");
  if (isOwn(scraped) || (!isLegacy && PUSH_TIMES.has(scraped))) return scraped;
  return sampleSuffixes(type)
    .map((suffix) => scraped + suffix)
    .find(isOwn);
}

/** All these names start with a `p`, which every scheme of escaping leaves alone. Spares most pushes the closer look. */
function mayBeOurs(name: string): boolean {
  return name.startsWith("p");
}

function isOwn(name: string): boolean {
  return (
    name.startsWith("pushfleet_") || name.startsWith("pushgateway_http_") || name === "pushgateway_build_info"
  );
}
