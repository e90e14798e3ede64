import express, { type Express, type Handler } from "express";
import { requireSameOrigin, trustedOrigins } from "./access/same-origin.ts";
import type { Context } from "./context.ts";
import { answerApiErrors, answerErrors } from "./middleware/errors.ts";
import { inOrder } from "./middleware/in-order.ts";
import { apiByMethod, byMethod } from "./middleware/methods.ts";
import { notFound, redirectToKnown } from "./middleware/redirect.ts";
import { counted, countedRate, timedPush } from "./middleware/telemetry.ts";
import { applyWebConfig } from "./middleware/web-config.ts";
import { apiOptions, withCors } from "./routes/api.ts";
import { describeCluster } from "./routes/cluster-api.ts";
import { deleteGroup } from "./routes/delete.ts";
import { followEvents } from "./routes/events.ts";
import { takeChanges, tellDigests } from "./routes/federation.ts";
import { getGroup } from "./routes/group-api.ts";
import { deleteGroups, listGroups } from "./routes/groups-api.ts";
import { healthy, ready } from "./routes/health.ts";
import { listJobs } from "./routes/jobs-api.ts";
import { explainQuit, quit } from "./routes/lifecycle.ts";
import { metricsApi } from "./routes/metrics-api.ts";
import { describeApi } from "./routes/openapi.ts";
import { pushes } from "./routes/push.ts";
import { reload } from "./routes/reload.ts";
import { scrape, scrapeOwn } from "./routes/scrape.ts";
import { statusApi } from "./routes/status-api.ts";
import { webAsset, webPage } from "./routes/web.ts";
import { wipe } from "./routes/wipe.ts";

/** Every route of the gateway. The push comes first because it is the one that has to be fast. */
export function createApp(context: Context): Express {
  const { paths, config, replication, requestCounts } = context;
  const { prefix } = paths;
  const count = counted(context.telemetry);
  const app = express();
  app.disable("x-powered-by");
  app.enable("strict routing");
  app.enable("case sensitive routing");
  app.set("trust proxy", [...config["web.trusted-proxies"]]);

  const pushed = timedPush(context);
  const push = pushes(context);
  app.use(
    inOrder(
      context.audit.note,
      applyWebConfig(context),
      requireSameOrigin(trustedOrigins(config)),
      context.access.gate,
    ),
  );
  app.route(paths.groups).all(
    byMethod({
      PUT: pushed("put", push("replace")),
      POST: pushed("post", push("merge")),
      DELETE: count(
        "delete",
        countedRate((status) => requestCounts.countPush(status), deleteGroup(context)),
      ),
    }),
  );
  app.all(
    paths.telemetry,
    byMethod({ GET: countedRate(() => requestCounts.countScrape(), scrape(context)) }),
  );
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

  const api = `${prefix}/api/v1`;
  const get = (name: string, route: Handler) => ({ GET: count(`api/v1/${name}`, withCors(route)) });
  // Without the headers that allow it: the pages of other sites must not delete groups.
  app.options(`${api}/groups`, count("api/v1/options", apiOptions));
  app.options(`${api}/*path`, count("api/v1/options", withCors(apiOptions)));
  app.all(`${api}/status`, byMethod(get("status", statusApi(context))));
  app.all(`${api}/metrics`, byMethod(get("metrics", metricsApi(context))));
  app.all(
    `${api}/groups`,
    apiByMethod({
      ...get("groups", listGroups(context)),
      DELETE: count("api/v1/groups", withCors(deleteGroups(context))),
    }),
  );
  app.all(`${api}/groups/:id`, apiByMethod(get("group", getGroup(context))));
  app.all(`${api}/jobs`, apiByMethod(get("jobs", listJobs(context))));
  app.all(`${api}/cluster`, apiByMethod(get("cluster", describeCluster(context))));
  app.all(`${api}/events`, apiByMethod(get("events", followEvents(context))));
  app.all(`${api}/openapi.yaml`, apiByMethod(get("openapi", describeApi)));
  if (config["web.enable-admin-api"]) {
    app.all(`${api}/admin/wipe`, byMethod({ PUT: count("wipe", wipe(context)) }));
  }
  if (replication !== null) {
    const federation = `${prefix}/federation/v1`;
    const named = (name: string, route: Handler) => count(`federation/v1/${name}`, route);
    app.all(
      `${federation}/changes`,
      apiByMethod({ POST: named("changes", takeChanges(context, replication)) }),
    );
    app.all(
      `${federation}/digests`,
      apiByMethod({ GET: named("digests", tellDigests(context, replication)) }),
    );
    app.use(federation, answerApiErrors(context));
  }

  // Those that upstream has too answer what goes wrong as upstream does.
  app.use([`${api}/status`, `${api}/metrics`, `${api}/admin/wipe`], answerErrors(context));
  app.use(api, answerApiErrors(context));

  const page = byMethod({ GET: count("status", webPage(context)) });
  for (const path of ["/", "/status", "/groups", "/groups/:id", "/jobs", "/cluster"])
    app.all(prefix + path, page);
  app.all(`${prefix}/assets/:name`, byMethod({ GET: count("static", webAsset()) }));

  const known = [
    "/-/healthy",
    "/-/ready",
    "/-/quit",
    "/-/reload",
    "/-/metrics",
    "/api/v1/status",
    "/api/v1/metrics",
    "/api/v1/groups",
    "/api/v1/jobs",
    "/api/v1/cluster",
    "/status",
    "/groups",
    "/jobs",
    "/cluster",
    "/",
  ];
  app.use(redirectToKnown([paths.telemetry, ...known.map((path) => prefix + path)]), notFound);
  app.use(answerErrors(context));
  return app;
}
