import type { Label } from "@pushfleet/exposition";
import { type LabelMatcher, loadMatcherParser, MatcherError, matchesAll } from "@pushfleet/groups";
import { invalid } from "./parameters.ts";

/** Tells whether any of some selectors matches the labels. */
export type Selection = (labels: readonly Label[]) => boolean;

const parameter = "match[]";

/** Reads the values of `match[]`; undefined when there are none. Rejects ApiError. */
export async function readSelectors(texts: readonly string[]): Promise<Selection | undefined> {
  if (texts.length === 0) return undefined;
  const selectors = await parseSelectors(texts);
  return (labels) => selectors.some((matchers) => matchesAll(matchers, labels));
}

/**
 * As `readSelectors`, for deletions: there must be some, and none that could match anything at all. As in Prometheus, at
 * least one matcher of each has to be one that a missing label does not fulfil.
 */
export async function readNarrowSelectors(texts: readonly string[]): Promise<Selection> {
  const selectors = await parseSelectors(texts);
  if (selectors.length === 0) throw invalid(parameter, 'is missing; for example match[]={job="backup"}');
  selectors.forEach((matchers, i) => {
    if (matchers.every(({ accepts }) => accepts("")))
      throw invalid(
        parameter,
        `${texts[i]} may match everything: at least one matcher must ask for a value, such as job=~".+"`,
      );
  });
  return (labels) => selectors.some((matchers) => matchesAll(matchers, labels));
}

async function parseSelectors(texts: readonly string[]): Promise<readonly (readonly LabelMatcher[])[]> {
  const parse = await loadMatcherParser();
  return texts.map((text) => {
    try {
      return parse(text);
    } catch (error) {
      if (!(error instanceof MatcherError)) throw error;
      const hint =
        /^\s*[a-zA-Z_:]/.test(text) && text.includes("{") ? "; metric names are not selected by" : "";
      throw invalid(parameter, `${text}: ${error.message}${hint}`);
    }
  });
}
