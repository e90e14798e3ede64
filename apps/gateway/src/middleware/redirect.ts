import type { Handler } from "express";
import { answerText } from "../answer.ts";

/**
 * Sends a client to a known path that differs from the one it asked for only in case, doubled slashes or a slash at the
 * end: 301 for GET, 307 otherwise, as Pushgateway's router does. Pushes never come here.
 */
export function redirectToKnown(paths: readonly string[]): Handler {
  const known = new Map(paths.map((path) => [comparable(path), path]));
  return (request, response, next) => {
    const target = known.get(comparable(request.path));
    if (target === undefined || target === request.path) return next();
    response.statusCode = request.method === "GET" ? 301 : 307;
    response.setHeader("Location", target + request.url.slice(request.path.length));
    response.end();
  };
}

export const notFound: Handler = (_request, response) => answerText(response, 404, "404 page not found\n");

function comparable(path: string): string {
  const collapsed = path.replaceAll(/\/{2,}/g, "/").toLowerCase();
  return collapsed.length > 1 && collapsed.endsWith("/") ? collapsed.slice(0, -1) : collapsed;
}
