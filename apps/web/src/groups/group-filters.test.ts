import { expect, test } from "vitest";
import {
  groupQuery,
  readGroupFilters,
  sortedBy,
  withoutFilters,
  writeGroupFilters,
} from "./group-filters.ts";

const read = (query: string) => readGroupFilters(new URLSearchParams(query));

test("an address without a query has the defaults, and they are left out of it", () => {
  const filters = read("");
  expect(filters).toEqual({
    search: "",
    match: "",
    failed: false,
    stale: "",
    expiring: "",
    sort: "last_push",
    order: "desc",
  });
  expect(writeGroupFilters(filters).toString()).toBe("");
});

test("everything that is set comes back from the address, whatever its characters", () => {
  const filters = {
    search: "a+b &c=d%",
    match: '{job=~"a&b=c+|\\"é"}',
    failed: true,
    stale: "1h",
    expiring: "90s",
    sort: "bytes",
    order: "asc",
  } as const;
  expect(read(writeGroupFilters(filters).toString())).toEqual(filters);
});

test("an order is written only when it is not the usual one of its column", () => {
  const of = (sort: "job" | "series", order: "asc" | "desc") =>
    writeGroupFilters({ ...read(""), sort, order }).toString();
  expect([of("job", "asc"), of("job", "desc"), of("series", "desc"), of("series", "asc")]).toEqual([
    "sort=job",
    "sort=job&order=desc",
    "sort=series",
    "sort=series&order=asc",
  ]);
});

test("what is not understood counts as not there", () => {
  expect(read("sort=colour&order=sideways&failed=perhaps")).toEqual(read(""));
});

test("the API is asked with the name it has for selectors, and with the order in any case", () => {
  expect(groupQuery({ ...read(""), match: "{}", failed: true })).toEqual([
    ["match[]", "{}"],
    ["failed", "true"],
    ["sort", "last_push"],
    ["order", "desc"],
  ]);
});

test("a second press on a head turns the order round, a press on another takes that one's usual order", () => {
  const byExpiry = sortedBy(read(""), "expiry");
  expect(byExpiry).toMatchObject({ sort: "expiry", order: "asc" });
  expect(sortedBy(byExpiry, "expiry")).toMatchObject({ sort: "expiry", order: "desc" });
  expect(sortedBy(byExpiry, "series")).toMatchObject({ sort: "series", order: "desc" });
});

test("clearing the filters keeps the order", () => {
  const cleared = withoutFilters(read("search=x&match={}&failed=true&stale=1h&expiring=1h&sort=job"));
  expect(writeGroupFilters(cleared).toString()).toBe("sort=job");
});
