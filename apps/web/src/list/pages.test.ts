import { expect, test } from "vitest";
import { isStale, type LoadedPages, type Page, pagesOfRows, rowsOf, withFreshPages } from "./pages.ts";

const page = (text: string, nextCursor: string | null): Page<string> => ({
  rows: [...text],
  matched: 9,
  total: 9,
  nextCursor,
  change: "1",
  readAt: 100,
});

const loaded: LoadedPages<string> = {
  pages: [page("abc", "c"), page("def", "f"), page("ghi", null)],
  pageParams: [null, "c", "f"],
};

test("a row that two pages have is shown once, where it comes first", () => {
  expect(rowsOf([page("abc", "c"), page("bde", null)], (row) => row)).toEqual([..."abcde"]);
});

test.each([
  [0, 0, 0, 0],
  [2, 3, 0, 1],
  [3, 5, 1, 1],
  [5, 8, 1, 2],
  [8, 40, 2, 2],
])("rows %d to %d are on the pages %d to %d", (first, last, from, to) => {
  expect(pagesOfRows(loaded.pages, { first, last })).toEqual({ from, to });
});

test("without any row the first page is the one that is shown", () => {
  expect(pagesOfRows([page("", null)], { first: 0, last: -1 })).toEqual({ from: 0, to: 0 });
});

test("a fresh page that ends where the old one did leaves those behind it alone", () => {
  const fresh = withFreshPages(loaded, 1, [page("DEF", "f")]);
  expect(fresh.pages.map(({ rows }) => rows.join(""))).toEqual(["abc", "DEF", "ghi"]);
  expect(fresh.pageParams).toEqual([null, "c", "f"]);
});

test("a fresh page that ends elsewhere drops those behind it: there would be a gap", () => {
  const fresh = withFreshPages(loaded, 0, [page("xab", "b")]);
  expect(fresh.pages.map(({ rows }) => rows.join(""))).toEqual(["xab"]);
  expect(fresh.pageParams).toEqual([null]);
});

test("several fresh pages are read each with the cursor of the one before", () => {
  const fresh = withFreshPages(loaded, 0, [page("xab", "b"), page("cde", "e")]);
  expect(fresh.pageParams).toEqual([null, "b"]);
});

test("a list that became shorter ends with its fresh page", () => {
  expect(withFreshPages(loaded, 1, [page("d", null)]).pages.map(({ rows }) => rows.join(""))).toEqual([
    "abc",
    "d",
  ]);
});

test("a page is stale when it was read before the change and is not of the same state", () => {
  expect(isStale(page("a", null), { change: "2", at: 101 })).toBe(true);
  expect(isStale(page("a", null), { change: null, at: 101 })).toBe(true);
  expect(isStale(page("a", null), { change: "1", at: 101 })).toBe(false);
  expect(isStale(page("a", null), { change: "2", at: 100 })).toBe(false);
});
