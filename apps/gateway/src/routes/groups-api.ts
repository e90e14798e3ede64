import type { RegionId } from "@pushfleet/store";
import { type Direction, type GroupSort, groupSorts, type IndexedGroup } from "@pushfleet/view";
import type { Handler } from "express";
import { answerData, viewOf } from "../api/answer.ts";
import { ApiError } from "../api/api-error.ts";
import { longestCursor, readCursor, writeCursor } from "../api/cursor.ts";
import { groupSummary } from "../api/group-summary.ts";
import { longestSearch, readParameters } from "../api/parameters.ts";
import { readNarrowSelectors, readSelectors, type Selection } from "../api/selectors.ts";
import type { Context } from "../context.ts";
import { deleteSelected, mostDeleted, selectGroups } from "../group-selection.ts";

const pageSize = { default: 100, max: 1_000 };

/** GET /api/v1/groups: a page of the groups that pass all filters. */
export function listGroups({ readingFor, replication }: Context): Handler {
  const isRegional = replication !== null;
  return async (request, response) => {
    const parameters = readParameters(request, [
      "match[]",
      "search",
      "failed",
      "stale",
      "expiring",
      "region",
      "sort",
      "order",
      "limit",
      "cursor",
    ]);
    const selection = await readSelectors(parameters.texts("match[]"));
    const sort = parameters.oneOf("sort", groupSorts) ?? "last_push";
    const direction = parameters.oneOf("order", ["asc", "desc"]) ?? usualDirection(sort);
    const limit = parameters.count("limit", pageSize);
    const sorting = { list: "groups", sort, direction } as const;
    const after = readCursor(parameters.text("cursor", { max: longestCursor }), sorting);
    const filters = {
      selection,
      search: parameters.text("search", { max: longestSearch }),
      isFailing: parameters.flag("failed"),
      staleMs: parameters.milliseconds("stale"),
      expiringMs: parameters.milliseconds("expiring"),
      region: parameters.region("region"),
    };

    const { serve, groupIndex } = readingFor(request, "read");
    const served = await serve();
    const { snapshot } = served;
    const accepts = acceptor(filters, snapshot.nowMs);
    const { groups, matched, next } = await groupIndex.page(snapshot, {
      sort,
      direction,
      limit,
      ...(after === undefined ? {} : { after }),
      ...(accepts === undefined ? {} : { accepts }),
    });
    answerData(response, {
      ...viewOf(served),
      groups: groups.map((group) => groupSummary(group, snapshot, { isRegional })),
      matched,
      total: snapshot.groupCount,
      next_cursor: next === undefined ? null : writeCursor(sorting, next),
    });
  };
}

/**
 * DELETE /api/v1/groups: deletes what the selectors match, or with `dry_run` tells how much that is. A deletion counts once
 * in the rate of whoever asks, and not for the jobs of its groups: `max` bounds it, it is done in batches, and a job that
 * may be deleted from five times a second must not have its thousand groups half deleted. A dry run is a read.
 */
export function deleteGroups(context: Context): Handler {
  const { access, liveConfig, readingFor, store, throttle, log } = context;
  return async (request, response) => {
    const parameters = readParameters(request, ["match[]", "dry_run", "max"]);
    const selection = await readNarrowSelectors(parameters.texts("match[]"));
    const isDryRun = parameters.flag("dry_run");
    const max = parameters.count("max", mostDeleted);
    const { view } = readingFor(request, "delete");
    const identity = access.identityOf(request).name ?? "";
    if (!isDryRun) await throttle({ job: null, identity, limits: liveConfig.limits(null, identity) });
    const selected = await selectGroups(await view.sync(), ({ labels }) => selection(labels));
    if (!isDryRun && selected.length > max) {
      throw new ApiError(
        "too_many",
        `${selected.length} groups match, which is more than max=${max}; nothing was deleted`,
      );
    }
    const deleted = isDryRun ? 0 : await deleteSelected(store, selected);
    if (deleted > 0) log.info({ selectors: parameters.texts("match[]"), groups: deleted }, "groups deleted");
    answerData(response, { matched: selected.length, deleted, dry_run: isDryRun });
  };
}

interface Filters {
  readonly selection: Selection | undefined;
  readonly search: string | undefined;
  readonly isFailing: boolean;
  readonly staleMs: number | undefined;
  readonly expiringMs: number | undefined;
  readonly region: RegionId | undefined;
}

/** Undefined when everything passes. The cheap filters come first. */
function acceptor(filters: Filters, nowMs: number): ((group: IndexedGroup) => boolean) | undefined {
  const { selection, search, isFailing, staleMs, expiringMs, region } = filters;
  const conditions: ((group: IndexedGroup) => boolean)[] = [];
  if (isFailing) conditions.push((group) => group.isFailing);
  if (staleMs !== undefined) {
    const lastMicros = (nowMs - staleMs) * 1000;
    conditions.push(({ state }) => state.pushedAtMicros <= lastMicros);
  }
  if (expiringMs !== undefined) {
    const endMs = nowMs + expiringMs;
    conditions.push(({ state }) => state.expiresAtMs !== null && state.expiresAtMs <= endMs);
  }
  if (region !== undefined) conditions.push(({ state }) => state.pushedRegion === region);
  for (const word of search?.toLowerCase().split(/\s+/) ?? [])
    if (word !== "") conditions.push(({ words }) => words.includes(word));
  if (selection !== undefined) conditions.push(({ state }) => selection(state.labels));
  if (conditions.length === 0) return undefined;
  return (group) => conditions.every((holds) => holds(group));
}

/** Names ascend; of the expiries the next comes first, of all else the latest or largest. */
function usualDirection(sort: GroupSort): Direction {
  return sort === "job" || sort === "expiry" ? "asc" : "desc";
}
