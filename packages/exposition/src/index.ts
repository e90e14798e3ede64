export { decompress, decompressSmall } from "./compression.ts";
export * from "./family.ts";
export { detached } from "./family-assembly.ts";
export { formatFloat, parseFloatText } from "./floats.ts";
export {
  type ContentLimits,
  type Excess,
  LimitExceeded,
  type LimitName,
  type Limits,
  limitNames,
  noLimits,
  shown,
} from "./limits.ts";
export {
  type EscapingScheme,
  escapeName,
  isLegacyLabelName,
  isLegacyMetricName,
  type NameScheme,
  unescapeName,
} from "./names.ts";
export { acceptsGzip, negotiate, type ScrapeFormat } from "./negotiate.ts";
export { decodeMetrics, decodeProtobuf } from "./protobuf-reader.ts";
export { encodeMetrics, familyPrefix, needsProto } from "./protobuf-writer.ts";
export { quoteBytes, quoteText } from "./quote.ts";
export { atOnce, type Steps } from "./steps.ts";
export { createTextParser, parseText, parseTextInSteps } from "./text-parser.ts";
export {
  escapeHelp,
  escapeLabelValue,
  familyHeader,
  labelsText,
  metricText,
  seriesOpening,
  seriesText,
} from "./text-writer.ts";
