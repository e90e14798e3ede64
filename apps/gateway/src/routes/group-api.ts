import { formatGroupPath, type GroupId } from "@pushfleet/groups";
import type { Handler } from "express";
import { answerData, viewOf } from "../api/answer.ts";
import { ApiError } from "../api/api-error.ts";
import { familyDetail, groupSummary } from "../api/group-summary.ts";
import { readParameters } from "../api/parameters.ts";
import type { Context } from "../context.ts";
import { nameScheme } from "./group-path.ts";

/** GET /api/v1/groups/{id}: one group with its metrics. */
export function getGroup({ config, readingFor, replication }: Context): Handler {
  const isRegional = replication !== null;
  const names = nameScheme(config);
  return async (request, response) => {
    readParameters(request, []);
    const { id } = request.params;
    if (!isGroupId(id)) throw new ApiError("bad_data", `id: "${String(id)}" is not the id of a group`);
    const { serve, groupIndex } = readingFor(request, "read");
    const served = await serve();
    const { snapshot } = served;
    const group = await groupIndex.group(snapshot, id);
    if (group === undefined) throw new ApiError("not_found", `there is no group ${id}, or not any more`);
    const families = [...group.state.families].sort((a, b) => (a.name < b.name ? -1 : 1));
    const hidden = snapshot.hidden.of(id);
    answerData(response, {
      ...viewOf(served),
      ...groupSummary(group, snapshot, { isRegional }),
      push_path: `/metrics${formatGroupPath(group.state.labels, { names })}`,
      metrics: families.map((family) => familyDetail(family, hidden.get(family.name))),
    });
  };
}

function isGroupId(text: unknown): text is GroupId {
  return typeof text === "string" && /^[A-Za-z0-9_-]{22}$/.test(text);
}
