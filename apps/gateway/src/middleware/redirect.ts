import type { Handler } from "express";
import { answerError } from "../answer.ts";

/**
 * Sends a reader to a known path that differs from the one it asked for only in case, doubled slashes or a slash at the
 * end, as Pushgateway's router does. Only for GET: clients take the redirect of a write for a success, and the data is lost.
 */
export function redirectToKnown(paths: readonly string[]): Handler {
  const known = new Map(paths.map((path) => [comparable(path), path]));
  return (request, response, next) => {
    const target = request.method === "GET" ? known.get(comparable(request.path)) : undefined;
    if (target === undefined || target === request.path) return next();
    response.statusCode = 301;
    response.setHeader("Location", target + request.url.slice(request.path.length));
    response.end();
  };
}

export const notFound: Handler = (_request, response) => answerError(response, 404, "404 page not found");

function comparable(path: string): string {
  const collapsed = path.replaceAll(/\/{2,}/g, "/").toLowerCase();
  return collapsed.length > 1 && collapsed.endsWith("/") ? collapsed.slice(0, -1) : collapsed;
}
