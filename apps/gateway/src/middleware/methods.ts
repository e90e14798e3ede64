import type { Handler } from "express";
import { answerError } from "../answer.ts";
import { ApiError } from "../api/api-error.ts";

type Method = "GET" | "PUT" | "POST" | "DELETE";
type Handlers = Readonly<Partial<Record<Method, Handler>>>;

/**
 * Answers each method by its own handler, OPTIONS with the list of them, and any other with 405, as the router of
 * Pushgateway does (HEAD too).
 */
export function byMethod(handlers: Handlers): Handler {
  return dispatch(handlers, (_request, response) => answerError(response, 405, "Method Not Allowed"));
}

/** As `byMethod`, for the endpoints of the API that upstream does not have: its errors have the form of all others. */
export function apiByMethod(handlers: Handlers): Handler {
  return dispatch(handlers, ({ method }) => {
    throw new ApiError(
      "method_not_allowed",
      `${method} is not allowed here, only ${Object.keys(handlers).join(", ")}`,
    );
  });
}

function dispatch(handlers: Handlers, refuse: Handler): Handler {
  const known = new Map<string, Handler>(Object.entries(handlers));
  const allow = [...known.keys(), "OPTIONS"].sort().join(", ");
  return (request, response, next) => {
    const handler = known.get(request.method);
    if (handler !== undefined) return handler(request, response, next);
    response.setHeader("Allow", allow);
    if (request.method === "OPTIONS") return response.end();
    return refuse(request, response, next);
  };
}
