export { AdmissionError, type AdmissionErrorCode } from "./admission-error.ts";
export { admit, createAdmission } from "./admit.ts";
export * from "./admitted.ts";
export { formatGroupPath } from "./format-path.ts";
export { groupKey, groupOf, jobOf } from "./group.ts";
export { createPathReader, type GroupPath } from "./group-paths.ts";
export { MatcherError, type MatcherErrorCode } from "./matcher-error.ts";
export {
  type LabelMatcher,
  loadMatcherParser,
  type MatcherParser,
  type MatchOperator,
  matchesAll,
} from "./matchers.ts";
export { sampleSuffixes } from "./metric-types.ts";
export { type PackedFamilies, packFamilies, unpackFamilies } from "./packed-families.ts";
export { PathError, type PathErrorCode, type PathLabels, parseGroupPath } from "./path.ts";
