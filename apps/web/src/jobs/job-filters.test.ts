import { expect, test } from "vitest";
import { jobQuery, jobsSortedBy, readJobFilters, writeJobFilters } from "./job-filters.ts";

const read = (query: string) => readJobFilters(new URLSearchParams(query));

test("an address without a query has the defaults, and they are left out of it", () => {
  expect(read("")).toEqual({ search: "", failing: false, sort: "job", order: "asc" });
  expect(writeJobFilters(read("")).toString()).toBe("");
});

test("everything that is set comes back from the address", () => {
  const filters = { search: "etl & co", failing: true, sort: "failing", order: "asc" } as const;
  expect(read(writeJobFilters(filters).toString())).toEqual(filters);
});

test("the API is asked with the order in any case", () => {
  expect(jobQuery(read("search=x"))).toEqual([
    ["search", "x"],
    ["sort", "job"],
    ["order", "asc"],
  ]);
});

test("the largest numbers come first when a column of them is pressed", () => {
  expect(jobsSortedBy(read(""), "groups")).toMatchObject({ sort: "groups", order: "desc" });
  expect(jobsSortedBy(read(""), "job")).toMatchObject({ sort: "job", order: "desc" });
});
