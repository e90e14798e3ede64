import { ExpositionError, LimitExceeded } from "@pushfleet/exposition";
import { AdmissionError, PathError } from "@pushfleet/groups";
import { InconsistentPush, StoreUnavailable } from "@pushfleet/store";
import type { ErrorRequestHandler, Request, Response } from "express";
import { AccessDenied, type DenialCode } from "../access/access-denied.ts";
import { answerError, setContentType } from "../answer.ts";
import { ApiError, type ApiErrorCode } from "../api/api-error.ts";
import type { Context } from "../context.ts";
import { BatchesTooMany } from "../federation/batches-too-many.ts";
import { BodiesTooMany, RequestAborted } from "../push-reading/bodies.ts";
import { PushTooComplex } from "../push-reading/large-push-thread.ts";
import { seldom } from "../seldom.ts";
import { PasswordChecksBusy } from "../web-config/bcrypt-thread.ts";
import { TooManyRequests } from "../web-config/rate-limit.ts";

const denials: Readonly<Record<DenialCode, number>> = { unauthenticated: 401, forbidden: 403 };

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Where errors are noted. */
type Logs = Pick<Context, "log" | "audit" | "limitsExceeded">;

/** How an answer that is an error is written. */
type Writer = (response: Response, answer: Answer) => void;

/** Turns whatever a route threw into its answer: the one place where errors become HTTP. */
export function answerErrors(logs: Logs): ErrorRequestHandler {
  return errorHandler(logs, (response, { status, text }) => answerError(response, status, text));
}

/** As `answerErrors`, in the form of upstream's API: `Error` of openapi.yaml. */
export function answerApiErrors(logs: Logs): ErrorRequestHandler {
  return errorHandler(logs, (response, { status, text }) => {
    response.statusCode = status;
    setContentType(response, "application/json");
    response.end(
      JSON.stringify({ status: "error", errorType: errorTypes.get(status) ?? "internal", error: text }),
    );
  });
}

/** Milliseconds between two log lines about more requests than there is room for, which anybody can send. */
const floodToldMs = 1_000;

function errorHandler({ log, audit, limitsExceeded }: Logs, write: Writer): ErrorRequestHandler {
  const tellOfFlood = seldom(floodToldMs, (err: Error) => log.warn({ err }, "requests refused"));
  // Express knows an error handler by its four parameters.
  return (error: unknown, request: Request, response: Response, _next) => {
    if (error instanceof RequestAborted || response.headersSent) return void response.destroy();
    const answer = answerTo(error);
    if (isFlood(error)) tellOfFlood(error);
    else if (answer.status >= 500)
      log.error({ err: error, method: request.method, path: request.path }, "request failed");
    else log.debug({ err: error, method: request.method, path: request.path }, "request refused");
    if (error instanceof LimitExceeded) limitsExceeded.inc(error.limit);
    audit.reason(response, answer.text);
    for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value);
    write(response, answer);
  };
}

const statuses: Readonly<Record<ApiErrorCode, number>> = {
  bad_data: 400,
  not_found: 404,
  method_not_allowed: 405,
  too_many: 409,
  too_large: 413,
  unavailable: 503,
};

const errorTypes: ReadonlyMap<number, string> = new Map(
  Object.entries({ ...statuses, ...denials, too_often: 429 }).map(([code, status]) => [status, code]),
);

function answerTo(error: unknown): Answer {
  if (error instanceof AccessDenied) {
    const status = denials[error.code];
    const headers = status === 401 ? { "WWW-Authenticate": "Basic" } : {};
    return { status, text: error.message, headers };
  }
  if (error instanceof ApiError) return { status: statuses[error.code], text: error.message };
  if (error instanceof PathError || error instanceof ExpositionError)
    return { status: 400, text: error.message };
  if (isRefusedContent(error)) {
    return {
      status: 400,
      text: `pushed metrics are invalid or inconsistent with existing metrics: ${error.message}`,
    };
  }
  if (error instanceof LimitExceeded) return limitAnswer(error);
  if (error instanceof PushTooComplex) return { status: 413, text: error.message };
  if (error instanceof TooManyRequests)
    return { status: 429, text: error.message, headers: { "Retry-After": "1" } };
  if (error instanceof StoreUnavailable) {
    return { status: 503, text: `store unavailable: ${error.message}`, headers: { "Retry-After": "1" } };
  }
  if (isFlood(error)) return { status: 503, text: error.message, headers: { "Retry-After": "1" } };
  if (error instanceof URIError) return { status: 400, text: "malformed percent-encoding in the path" };
  return { status: 500, text: "internal error; the gateway's log tells more" };
}

/** There are more requests of a kind than there is room for. */
function isFlood(error: unknown): error is PasswordChecksBusy | BodiesTooMany | BatchesTooMany {
  return [PasswordChecksBusy, BodiesTooMany, BatchesTooMany].some((kind) => error instanceof kind);
}

/** What a later repetition cannot mend is 413; of the rest it is said when to try again. */
function limitAnswer({ message, retryAfterMs }: LimitExceeded): Answer {
  if (retryAfterMs === undefined) return { status: 413, text: message };
  const seconds = Math.max(1, Math.ceil(retryAfterMs / 1000));
  return { status: 429, text: message, headers: { "Retry-After": String(seconds) } };
}

/** The push could be read but must not be stored: such a failure is recorded in its group. */
export function isRefusedContent(error: unknown): error is AdmissionError | InconsistentPush {
  return error instanceof AdmissionError || error instanceof InconsistentPush;
}
