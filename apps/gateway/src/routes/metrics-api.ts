import type { Snapshot } from "@pushfleet/view";
import type { Handler } from "express";
import { setContentType, writeAll } from "../answer.ts";
import type { Context } from "../context.ts";
import { groupJson } from "../json/group-json.ts";

/** GET /api/v1/metrics: every group in upstream's shape, written group by group so that no size of store is held twice. */
export function metricsApi({ readingFor }: Context): Handler {
  return async (request, response) => {
    const { snapshot } = await readingFor(request, "read").serve();
    setContentType(response, "application/json");
    await writeAll(response, document(snapshot));
  };
}

function* document(snapshot: Snapshot): Iterable<string> {
  yield '{"status":"success","data":[';
  let separator = "";
  for (const group of snapshot.groups()) {
    yield separator + groupJson(group, snapshot.nowMs);
    separator = ",";
  }
  yield "]}";
}
