import type { Handler } from "express";
import { writeAll } from "../answer.ts";
import type { Context } from "../context.ts";
import { groupJson } from "../json/group-json.ts";

/** GET /api/v1/metrics: every group in upstream's shape, written group by group so that no size of store is held twice. */
export function metricsApi({ view }: Context): Handler {
  return async (_request, response) => {
    const snapshot = await view.sync();
    response.setHeader("Content-Type", "application/json");
    await writeAll(response, document(snapshot.groups()));
  };
}

function* document(groups: Iterable<Parameters<typeof groupJson>[0]>): Iterable<string> {
  yield '{"status":"success","data":[';
  let separator = "";
  for (const group of groups) {
    yield separator + groupJson(group);
    separator = ",";
  }
  yield "]}";
}
