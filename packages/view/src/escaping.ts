import {
  type EscapingScheme,
  escapeName,
  isLegacyLabelName,
  isLegacyMetricName,
  type MetricType,
} from "@pushfleet/exposition";
import { sampleSuffixes } from "@pushfleet/groups";
import type { ListedFamily } from "./listed-family.ts";

/**
 * The families under the names the scheme gives them, sorted by these. Upstream escapes each name by itself
 * (model.EscapeMetricFamily), so that `my.name` and `my_name` become one and the scrape fails; here a name that would
 * clash is escaped by "values", which tells all names apart.
 */
export function escapeFamilies(
  families: readonly ListedFamily[],
  scheme: EscapingScheme,
): readonly ListedFamily[] {
  if (scheme === "allow-utf-8" || !families.some((family) => family.needsEscaping)) return families;
  const names = distinctNames(families, scheme, {
    isLegacy: isLegacyMetricName,
    claims: (name, { type }) => [name, ...sampleSuffixes(type).map((suffix) => name + suffix)],
    reserved: [],
  });
  const renamed = families.map((family) => {
    if (!family.needsEscaping) return family;
    const labels = escapeLabelNames(family.labelNames(), scheme);
    const name = names.get(family.name) ?? family.name;
    return family.renamed({ scheme, family: name, labels, signature: JSON.stringify([name, ...labels]) });
  });
  return renamed.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** For a whole family at once: two of its metrics that differ stay different. */
function escapeLabelNames(names: ReadonlySet<string>, scheme: EscapingScheme): ReadonlyMap<string, string> {
  const labels = [...names].sort().map((name) => ({ name }));
  return distinctNames(labels, scheme, {
    isLegacy: isLegacyLabelName,
    claims: (name) => [name],
    reserved: ["__name__", "le", "quantile"],
  });
}

interface Naming<T> {
  isLegacy(name: string): boolean;
  /** All names the thing occupies if it is called `name`. */
  claims(name: string, thing: T): readonly string[];
  readonly reserved: readonly string[];
}

/** New names for those that are not legacy names, clashing with no other. Depends on the names only, not on their order. */
function distinctNames<T extends { readonly name: string; readonly type?: MetricType }>(
  things: readonly T[],
  scheme: EscapingScheme,
  { isLegacy, claims, reserved }: Naming<T>,
): ReadonlyMap<string, string> {
  const taken = new Map<string, number>(reserved.map((name) => [name, 1]));
  const claim = (name: string, thing: T) => {
    for (const claimed of claims(name, thing)) taken.set(claimed, (taken.get(claimed) ?? 0) + 1);
  };
  const escaped = (name: string, by: EscapingScheme) => {
    const simple = escapeName(name, by);
    return isLegacy(simple) ? simple : escapeColons(simple, by);
  };
  const isContested = (name: string, thing: T, limit: number) =>
    claims(name, thing).some((claimed) => (taken.get(claimed) ?? 0) > limit);

  const odd = things.filter(({ name }) => !isLegacy(name));
  for (const thing of things) claim(isLegacy(thing.name) ? thing.name : escaped(thing.name, scheme), thing);
  const result = new Map<string, string>();
  for (const thing of odd) {
    let name = escaped(thing.name, scheme);
    if (isContested(name, thing, 1)) {
      name = escaped(thing.name, "values");
      // Only for those who push names that look escaped already.
      while (isContested(name, thing, 0)) name += "_";
      claim(name, thing);
    }
    result.set(thing.name, name);
  }
  return result;
}

/** `escapeName` lets colons pass, as upstream's does; they are not allowed in label names. */
function escapeColons(name: string, scheme: EscapingScheme): string {
  switch (scheme) {
    case "allow-utf-8":
      return name;
    case "underscores":
      return name.replaceAll(":", "_");
    case "dots":
      return name.replaceAll(":", "__");
    case "values":
      return `${name.startsWith("U__") ? "" : "U__"}${name.replaceAll(":", "_3a_")}`;
  }
}
