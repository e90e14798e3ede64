import { type Group, groupOf, jobOf, parseGroupPath } from "@pushfleet/groups";
import type { Handler } from "express";
import { ApiError } from "../api/api-error.ts";
import { readParameters } from "../api/parameters.ts";
import type { Context } from "../context.ts";
import { deleteSelected, mostDeleted, selectGroups } from "../group-selection.ts";
import type { Reading } from "../reading.ts";
import { groupPathOf, nameScheme } from "./group-path.ts";

/**
 * DELETE of one group: 202 also when there is none, and whatever the body, as upstream; but applied before the answer. With
 * `?scope=all`, of every group that has at least these labels.
 */
export function deleteGroup(context: Context): Handler {
  const { config, store, access, liveConfig, throttle } = context;
  const names = nameScheme(config);
  return async (request, response) => {
    const group = groupOf(parseGroupPath(groupPathOf(request), { names }));
    const identity = access.identityOf(request).name ?? "";
    const limits = liveConfig.limits(group, identity);
    // Upstream passes over any query.
    if (/[?&]scope=/.test(request.url)) {
      const parameters = readParameters(request, ["scope", "max"]);
      parameters.oneOf("scope", ["all"]);
      const { view } = context.readingFor(request, "delete");
      await throttle({ job: null, identity, limits });
      await deleteAllWith(group, { ...context, view }, parameters.count("max", mostDeleted));
    } else {
      access.requireGroup(request, "delete", group);
      await throttle({ job: jobOf(group), identity, limits });
      await store.delete(group.id);
    }
    response.statusCode = 202;
    response.end();
  };
}

async function deleteAllWith(
  { labels, key }: Group,
  { view, store, log }: Pick<Context, "store" | "log"> & Pick<Reading, "view">,
  max: number,
): Promise<void> {
  const wanted = new Map(labels);
  const selected = await selectGroups(
    await view.sync(),
    (group) => group.labels.filter(([name, value]) => wanted.get(name) === value).length === wanted.size,
  );
  if (selected.length > max) {
    throw new ApiError(
      "too_many",
      `${selected.length} groups have these labels, which is more than max=${max}; nothing was deleted`,
    );
  }
  const groups = await deleteSelected(store, selected);
  log.info({ labels: key, groups }, "groups deleted");
}
