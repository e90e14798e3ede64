import type { Handler } from "express";
import { answerError } from "../answer.ts";

export type Method = "GET" | "PUT" | "POST" | "DELETE";

/**
 * Answers each method by its own handler, OPTIONS with the list of them, and any other with 405, as the router of
 * Pushgateway does (HEAD too).
 */
export function byMethod(handlers: Readonly<Partial<Record<Method, Handler>>>): Handler {
  const known = new Map<string, Handler>(Object.entries(handlers));
  const allow = [...known.keys(), "OPTIONS"].sort().join(", ");
  return (request, response, next) => {
    const handler = known.get(request.method);
    if (handler !== undefined) return handler(request, response, next);
    response.setHeader("Allow", allow);
    if (request.method === "OPTIONS") return response.end();
    return answerError(response, 405, "Method Not Allowed");
  };
}
