import type { Label, NameScheme } from "@pushfleet/exposition";
// Not all of the package: clients that only need this start faster.
import { escapeName, isLegacyMetricName } from "@pushfleet/exposition/names";

/**
 * The path of a group in a push URL, from `/job/` on: what `parseGroupPath` reads back. Values that clients or proxies might
 * take for something else, because they hold a slash or are dots, are in base64.
 *
 * @param labels Of a group: without empty values, `job` among them.
 */
export function formatGroupPath(labels: readonly Label[], { names }: { readonly names: NameScheme }): string {
  const jobFirst = [...labels].sort(([a], [b]) => Number(b === "job") - Number(a === "job"));
  return jobFirst.map(([name, value]) => labelPath(names === "utf8" ? escaped(name) : name, value)).join("");
}

function labelPath(name: string, value: string): string {
  if (value.includes("/") || /^\.{1,2}$/.test(value))
    return `/${name}@base64/${Buffer.from(value).toString("base64url")}`;
  return `/${name}/${encodeURIComponent(value)}`;
}

/** A name that only looks escaped has to be escaped too; `escapeName` leaves it alone where all its characters may stay. */
function escaped(name: string): string {
  return name.startsWith("U__") && isLegacyMetricName(name)
    ? `U__${name.replaceAll("_", "__")}`
    : escapeName(name, "values");
}
