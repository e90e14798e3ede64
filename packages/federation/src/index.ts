export { createReadmission, type Readmission } from "./admit-again.ts";
export type { BucketsAnswer, ChangesAnswer, DigestAnswer, Refusal, Standing } from "./answers.ts";
export { BatchError, type BatchErrorCode } from "./batch-error.ts";
export { batchMediaType } from "./batch-format.ts";
export { bucketOf, bucketsParameter, Digest, type Hash, maxBucketsAsked, parseBuckets } from "./digest.ts";
export {
  type AdmittedBatch,
  admitBatch,
  type MergeBatchOptions,
  mergeAdmitted,
  mergeBatch,
} from "./merge-batch.ts";
export { maxBatchBytes } from "./read-batch.ts";
export { type DigestOptions, readHashes } from "./read-digest.ts";
export { partsOf } from "./state-parts.ts";
export { encodeBatch, splitState, stateSize } from "./write-batch.ts";
