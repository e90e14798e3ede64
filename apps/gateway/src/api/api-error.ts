/** A request that the API refuses; the message names what was wrong, where, and what to do. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly code: ApiErrorCode;

  constructor(code: ApiErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export type ApiErrorCode =
  | "bad_data"
  | "not_found"
  | "too_many"
  | "too_large"
  | "method_not_allowed"
  | "unavailable";
