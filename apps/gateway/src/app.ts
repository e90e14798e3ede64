import express, { type Express } from "express";
import type { Context } from "./context.ts";
import { answerErrors } from "./middleware/errors.ts";
import { byMethod } from "./middleware/methods.ts";
import { notFound, redirectToKnown } from "./middleware/redirect.ts";
import { counted, timedPush } from "./middleware/telemetry.ts";
import { apiOptions, withCors } from "./routes/api.ts";
import { deleteGroup } from "./routes/delete.ts";
import { healthy, ready } from "./routes/health.ts";
import { indexPage } from "./routes/index-page.ts";
import { explainQuit, quit } from "./routes/lifecycle.ts";
import { metricsApi } from "./routes/metrics-api.ts";
import { pushes } from "./routes/push.ts";
import { reload } from "./routes/reload.ts";
import { scrape, scrapeOwn } from "./routes/scrape.ts";
import { statusApi } from "./routes/status-api.ts";
import { wipe } from "./routes/wipe.ts";

/** Every route of the gateway. The push comes first because it is the one that has to be fast. */
export function createApp(context: Context): Express {
  const { paths, config } = context;
  const { prefix } = paths;
  const count = counted(context.telemetry);
  const app = express();
  app.disable("x-powered-by");
  app.enable("strict routing");
  app.enable("case sensitive routing");

  const pushed = timedPush(context.telemetry);
  const push = pushes(context);
  app.route(groupPaths(prefix)).all(
    byMethod({
      PUT: pushed("put", push("replace")),
      POST: pushed("post", push("merge")),
      DELETE: count("delete", deleteGroup(context)),
    }),
  );
  app.all(paths.telemetry, byMethod({ GET: scrape(context) }));
  app.all(`${prefix}/-/metrics`, byMethod({ GET: scrapeOwn(context) }));
  app.all(`${prefix}/-/healthy`, byMethod({ GET: count("healthy", healthy) }));
  app.all(`${prefix}/-/ready`, byMethod({ GET: count("ready", ready(context)) }));
  app.all(
    `${prefix}/-/quit`,
    byMethod({
      PUT: quit(context),
      POST: quit(context),
      ...(prefix === "" ? { GET: explainQuit } : {}),
    }),
  );
  app.all(`${prefix}/-/reload`, byMethod({ PUT: reload(context), POST: reload(context), GET: explainQuit }));
  if (prefix !== "") app.all("/-/quit", byMethod({ GET: explainQuit }));

  app.options(`${prefix}/api/v1/*path`, count("api/v1/options", withCors(apiOptions)));
  app.all(`${prefix}/api/v1/status`, byMethod({ GET: count("api/v1/status", withCors(statusApi(context))) }));
  app.all(
    `${prefix}/api/v1/metrics`,
    byMethod({ GET: count("api/v1/metrics", withCors(metricsApi(context))) }),
  );
  if (config["web.enable-admin-api"]) {
    app.all(`${prefix}/api/v1/admin/wipe`, byMethod({ PUT: count("wipe", wipe(context)) }));
  }
  const pages = [`${prefix}/`, `${prefix}/status`];
  app.all(pages, byMethod({ GET: count("status", indexPage(context)) }));

  const known = [
    "/-/healthy",
    "/-/ready",
    "/-/quit",
    "/-/reload",
    "/-/metrics",
    "/api/v1/status",
    "/api/v1/metrics",
    "/status",
    "/",
  ];
  app.use(redirectToKnown([paths.telemetry, ...known.map((path) => prefix + path)]), notFound);
  app.use(answerErrors(context.log));
  return app;
}

/** `/metrics/job/…` and `/metrics/job@base64/…`, with any number of slashes, so that no push is ever redirected. */
function groupPaths(prefix: string): RegExp {
  return new RegExp(`^${RegExp.escape(prefix)}/+metrics/+job(?:@base64)?/`);
}
