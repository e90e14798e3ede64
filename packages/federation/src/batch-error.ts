export type BatchErrorCode =
  /** Something else altogether, or a format of another version. */
  | "not-a-batch"
  /** It ends too early. */
  | "truncated"
  /** What arrived is not what was sent. */
  | "corrupt"
  /** Whole, and yet not put together as batches are. */
  | "malformed"
  | "too-large";

/** Nothing of the batch can be used. Sending it again helps where it was damaged on its way. */
export class BatchError extends Error {
  override readonly name = "BatchError";
  readonly code: BatchErrorCode;

  constructor(code: BatchErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
