import type { Sorting } from "../list/column.ts";

/** In the order of the columns. */
const groupSorts = ["job", "last_push", "failure", "expiry", "series", "bytes"] as const;
export type GroupSort = (typeof groupSorts)[number];

/** What the list of groups shows; all of it is in the page's address. Empty texts do not filter. */
export interface GroupFilters extends Sorting<GroupSort> {
  /** Words that occur in the labels. */
  readonly search: string;
  /** A selector as in Prometheus, for `match[]`. */
  readonly match: string;
  readonly failed: boolean;
  /** Without a push for so long. */
  readonly stale: string;
  /** Gone within so long. */
  readonly expiring: string;
}

/** What is not understood is left out, as if it had not been there. */
export function readGroupFilters(parameters: URLSearchParams): GroupFilters {
  const sort = groupSorts.find((known) => known === parameters.get("sort")) ?? "last_push";
  const order = parameters.get("order");
  return {
    search: parameters.get("search") ?? "",
    match: parameters.get("match") ?? "",
    failed: parameters.get("failed") === "true",
    stale: parameters.get("stale") ?? "",
    expiring: parameters.get("expiring") ?? "",
    sort,
    order: order === "asc" || order === "desc" ? order : usualOrder(sort),
  };
}

/** For the page's address: only what differs from the defaults. */
export function writeGroupFilters(filters: GroupFilters): URLSearchParams {
  return new URLSearchParams([
    ...texts(filters, "match"),
    ...(filters.sort === "last_push" ? [] : [["sort", filters.sort]]),
    ...(filters.order === usualOrder(filters.sort) ? [] : [["order", filters.order]]),
  ]);
}

/** For the API, of which no default is relied on. */
export function groupQuery(filters: GroupFilters): [name: string, value: string][] {
  return [...texts(filters, "match[]"), ["sort", filters.sort], ["order", filters.order]];
}

/** A press on the head of the column that is sorted by turns the order round; another one begins with its usual order. */
export function sortedBy(filters: GroupFilters, sort: GroupSort): GroupFilters {
  if (filters.sort !== sort) return { ...filters, sort, order: usualOrder(sort) };
  return { ...filters, order: filters.order === "asc" ? "desc" : "asc" };
}

/** Whether groups may be hidden. */
export function isFiltered({ search, match, failed, stale, expiring }: GroupFilters): boolean {
  return search !== "" || match !== "" || failed || stale !== "" || expiring !== "";
}

export function withoutFilters({ sort, order }: GroupFilters): GroupFilters {
  return { search: "", match: "", failed: false, stale: "", expiring: "", sort, order };
}

function texts(filters: GroupFilters, selectorName: string): [string, string][] {
  const all: [string, string][] = [
    ["search", filters.search],
    [selectorName, filters.match],
    ["failed", filters.failed ? "true" : ""],
    ["stale", filters.stale],
    ["expiring", filters.expiring],
  ];
  return all.filter(([, value]) => value !== "");
}

/** The API's: names ascend, the next expiry comes first, of all else the latest or largest. */
function usualOrder(sort: GroupSort): "asc" | "desc" {
  return sort === "job" || sort === "expiry" ? "asc" : "desc";
}
