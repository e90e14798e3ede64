import type { Sorting } from "../list/column.ts";

const jobSorts = ["job", "groups", "failing", "last_push", "series", "bytes"] as const;
export type JobSort = (typeof jobSorts)[number];

/** What the list of jobs shows; all of it is in the page's address. */
export interface JobFilters extends Sorting<JobSort> {
  readonly search: string;
  readonly failing: boolean;
}

/** What is not understood is left out, as if it had not been there. */
export function readJobFilters(parameters: URLSearchParams): JobFilters {
  const sort = jobSorts.find((known) => known === parameters.get("sort")) ?? "job";
  const order = parameters.get("order");
  return {
    search: parameters.get("search") ?? "",
    failing: parameters.get("failing") === "true",
    sort,
    order: order === "asc" || order === "desc" ? order : usualOrder(sort),
  };
}

/** For the page's address: only what differs from the defaults. */
export function writeJobFilters(filters: JobFilters): URLSearchParams {
  return new URLSearchParams([
    ...conditions(filters),
    ...(filters.sort === "job" ? [] : [["sort", filters.sort]]),
    ...(filters.order === usualOrder(filters.sort) ? [] : [["order", filters.order]]),
  ]);
}

/** For the API, of which no default is relied on. */
export function jobQuery(filters: JobFilters): [name: string, value: string][] {
  return [...conditions(filters), ["sort", filters.sort], ["order", filters.order]];
}

/** A press on the head of the column that is sorted by turns the order round; another one begins with its usual order. */
export function jobsSortedBy(filters: JobFilters, sort: JobSort): JobFilters {
  if (filters.sort !== sort) return { ...filters, sort, order: usualOrder(sort) };
  return { ...filters, order: filters.order === "asc" ? "desc" : "asc" };
}

function conditions({ search, failing }: JobFilters): [string, string][] {
  return [...one("search", search), ...one("failing", failing ? "true" : "")];
}

function one(name: string, value: string): [string, string][] {
  return value === "" ? [] : [[name, value]];
}

/** The API's: names ascend, all else descends. */
function usualOrder(sort: JobSort): "asc" | "desc" {
  return sort === "job" ? "asc" : "desc";
}
