import { type Excess, ExpositionError, LimitExceeded, type LimitName } from "@pushfleet/exposition";
import { AdmissionError, type AdmissionErrorCode } from "@pushfleet/groups";

/** Why a push could not be read, in a form that goes from thread to thread: classes of errors do not. */
export type PushFailure =
  | { readonly kind: "malformed"; readonly message: string; readonly line: number | undefined }
  | { readonly kind: "refused"; readonly code: AdmissionErrorCode; readonly message: string }
  | { readonly kind: "too-much"; readonly limit: LimitName; readonly excess: Excess }
  | { readonly kind: "defect"; readonly cause: unknown };

export function failureOf(error: unknown): PushFailure {
  if (error instanceof ExpositionError)
    return { kind: "malformed", message: error.message, line: error.line };
  if (error instanceof AdmissionError) return { kind: "refused", code: error.code, message: error.message };
  if (error instanceof LimitExceeded) return { kind: "too-much", limit: error.limit, excess: error.excess };
  return { kind: "defect", cause: error };
}

/** The error it was made of, but for its stack. */
export function thrownOf(failure: PushFailure): Error {
  switch (failure.kind) {
    case "malformed":
      return new ExpositionError(failure.message, failure.line === undefined ? {} : { line: failure.line });
    case "refused":
      return new AdmissionError(failure.code, failure.message);
    case "too-much":
      return new LimitExceeded(failure.limit, failure.excess);
    case "defect":
      return new Error("a push could not be read", { cause: failure.cause });
  }
}
