import type { Handler } from "express";

/** The headers that upstream sends with every answer of the API. */
const corsHeaders = new Map([
  ["Access-Control-Allow-Headers", "Accept, Authorization, Content-Type, Origin"],
  ["Access-Control-Allow-Methods", "GET, POST, DELETE, OPTIONS"],
  ["Access-Control-Allow-Origin", "*"],
  ["Access-Control-Expose-Headers", "Date"],
  ["Cache-Control", "no-cache, no-store, must-revalidate"],
]);

export function withCors(route: Handler): Handler {
  return (request, response, next) => {
    response.setHeaders(corsHeaders);
    return route(request, response, next);
  };
}

export const apiOptions: Handler = (_request, response) => {
  response.end();
};
