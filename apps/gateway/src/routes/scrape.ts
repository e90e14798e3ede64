import { acceptsGzip, negotiate } from "@pushfleet/exposition";
import { regionId } from "@pushfleet/store";
import type { Handler, Request } from "express";
import { scopeOf } from "../access/access.ts";
import { answerBytes, answerError, setContentType } from "../answer.ts";
import { regionRule } from "../api/parameters.ts";
import type { Context } from "../context.ts";
import { freshnessText } from "../freshness.ts";
import type { Reading } from "../reading.ts";

/**
 * GET /metrics: all groups, as of a moment after the request arrived; while the store is away, as last known. Where no other replica shares the store, the
 * gateway's own metrics follow, as upstream has it; elsewhere they would make replicas differ and are on /-/metrics only.
 * With `?region=` only what was pushed in that region.
 */
export function scrape(context: Context): Handler {
  const { readings, warmer, telemetry, sharedStore } = context;
  const readingFor = scrapedReading(context);
  return async (request, response) => {
    const reading = await readingFor(request);
    if (reading === undefined) return answerError(response, 400, `region: ${regionRule}, and given once`);
    const format = negotiate(request.headers.accept);
    const gzip = acceptsGzip(request.headers["accept-encoding"]?.toString());
    const form = { encoding: format.encoding, escaping: format.escaping, gzip };
    const shown = await reading.serve();
    const tail = sharedStore ? freshnessText(shown) : await telemetry.expose();
    const pieces = await shown.snapshot.render({ ...form, tail });
    setContentType(response, format.contentType);
    response.setHeader("Cache-Control", "no-store");
    if (gzip) response.setHeader("Content-Encoding", "gzip");
    response.setHeader("Vary", "Accept, Accept-Encoding");
    answerBytes(response, pieces);
    if (reading === readings.scraped) warmer.scraped(form);
  };
}

/** What a scrape reads from; undefined when it asks for a region that cannot be. Upstream passes over any query. */
function scrapedReading({ access, config, readings, replication }: Context) {
  const usual = config["scrape.regions"] === "local" ? replication?.region : undefined;
  return async (request: Request): Promise<Reading | undefined> => {
    const scope = scopeOf(access.identityOf(request), "scrape");
    const [asked, ...others] = replication === null ? [] : askedRegions(request.url);
    if (asked === undefined) return readings.of(scope, usual);
    const region = regionId(asked);
    return region === undefined || others.length > 0 ? undefined : await readings.ofAnyRegion(scope, region);
  };
}

/** The values of `region` in the query. */
function askedRegions(url: string): readonly string[] {
  const start = url.indexOf("?");
  return start === -1 ? [] : new URLSearchParams(url.slice(start + 1)).getAll("region");
}

/** GET /-/metrics: this process's own metrics. */
export function scrapeOwn({ telemetry }: Context): Handler {
  return async (_request, response) => {
    setContentType(response, "text/plain; version=0.0.4; charset=utf-8");
    response.setHeader("Cache-Control", "no-store");
    response.end(await telemetry.expose());
  };
}
