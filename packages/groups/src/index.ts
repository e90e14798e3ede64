export { AdmissionError, type AdmissionErrorCode } from "./admission-error.ts";
export { admit } from "./admit.ts";
export * from "./admitted.ts";
export { groupOf } from "./group.ts";
export { PathError, type PathErrorCode, type PathLabels, parseGroupPath } from "./path.ts";
export { sampleSuffixes } from "./suffixes.ts";
