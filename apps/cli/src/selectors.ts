import type { Label } from "@pushfleet/exposition";
import { loadMatcherParser, MatcherError, matchesAll } from "@pushfleet/groups";
import { UsageError } from "./usage-error.ts";

/** Tells whether any of the selectors matches the labels of a group; without selectors all do. @throws UsageError */
export async function readSelectors(
  texts: readonly string[],
): Promise<(labels: readonly Label[]) => boolean> {
  if (texts.length === 0) return () => true;
  const parse = await loadMatcherParser();
  const selectors = texts.map((text) => {
    try {
      return parse(text);
    } catch (error) {
      if (!(error instanceof MatcherError)) throw error;
      throw new UsageError(`--match ${text}: ${error.message}`, { cause: error });
    }
  });
  return (labels) => selectors.some((matchers) => matchesAll(matchers, labels));
}
