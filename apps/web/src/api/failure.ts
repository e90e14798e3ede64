import type { ApiErrorType } from "./types.ts";

/** What the API says, or `unreachable`: there was no answer, or `unreadable`: it was not the API's. */
type FailureCode = ApiErrorType | "unreachable" | "unreadable";

/** A request of ours failed. The message is for people to read. */
export class ApiFailure extends Error {
  override readonly name = "ApiFailure";
  readonly code: FailureCode;

  constructor(code: FailureCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

const errorTypes: ReadonlySet<string> = new Set<ApiErrorType>([
  "bad_data",
  "unauthenticated",
  "forbidden",
  "not_found",
  "method_not_allowed",
  "too_many",
  "too_often",
  "unavailable",
  "internal",
]);

/** What a status means where the answer is not the API's JSON. */
const codes: ReadonlyMap<number, ApiErrorType> = new Map([
  [401, "unauthenticated"],
  [403, "forbidden"],
  [404, "not_found"],
  [429, "too_often"],
  [503, "unavailable"],
]);

/** The failure that an answer other than 2xx tells of, be it the API's JSON, plain text or a proxy's page. */
export function failureOf(status: number, contentType: string, body: string): ApiFailure {
  if (contentType.startsWith("application/json")) {
    const { errorType, error } = errorFields(body);
    if (isErrorType(errorType) && typeof error === "string") return new ApiFailure(errorType, error);
  }
  const text = contentType.startsWith("text/plain") ? body.trim() : "";
  return new ApiFailure(
    codes.get(status) ?? "unreadable",
    text === "" ? `The server answered ${status}.` : text,
  );
}

function errorFields(body: string): { readonly errorType?: unknown; readonly error?: unknown } {
  try {
    const answer: unknown = JSON.parse(body);
    return typeof answer === "object" && answer !== null ? answer : {};
  } catch {
    return {};
  }
}

function isErrorType(text: unknown): text is ApiErrorType {
  return typeof text === "string" && errorTypes.has(text);
}
