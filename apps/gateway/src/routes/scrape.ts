import { acceptsGzip, negotiate } from "@pushfleet/exposition";
import type { Handler } from "express";
import { answerBytes, setContentType } from "../answer.ts";
import type { Context } from "../context.ts";
import { freshnessText } from "../freshness.ts";

/**
 * GET /metrics: all groups, as of a moment after the request arrived; while the store is away, as last known. Where no other replica shares the store, the
 * gateway's own metrics follow, as upstream has it; elsewhere they would make replicas differ and are on /-/metrics only.
 */
export function scrape({ readings, readingFor, warmer, telemetry, sharedStore }: Context): Handler {
  return async (request, response) => {
    const format = negotiate(request.headers.accept);
    const gzip = acceptsGzip(request.headers["accept-encoding"]?.toString());
    const form = { encoding: format.encoding, escaping: format.escaping, gzip };
    const reading = readingFor(request, "scrape");
    const shown = await reading.serve();
    const tail = sharedStore ? freshnessText(shown) : await telemetry.expose();
    const pieces = await shown.snapshot.render({ ...form, tail });
    setContentType(response, format.contentType);
    response.setHeader("Cache-Control", "no-store");
    if (gzip) response.setHeader("Content-Encoding", "gzip");
    response.setHeader("Vary", "Accept, Accept-Encoding");
    answerBytes(response, pieces);
    if (reading === readings.all) warmer.scraped(form);
  };
}

/** GET /-/metrics: this process's own metrics. */
export function scrapeOwn({ telemetry }: Context): Handler {
  return async (_request, response) => {
    setContentType(response, "text/plain; version=0.0.4; charset=utf-8");
    response.setHeader("Cache-Control", "no-store");
    response.end(await telemetry.expose());
  };
}
