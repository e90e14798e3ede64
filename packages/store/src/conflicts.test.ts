import { expect, test } from "vitest";
import { collides, firstHeld, suffixRivals } from "./conflicts.ts";
import { gauge, group, withEmptyLabel } from "./contract/families.ts";

test("a plain name has no rivals", () => {
  expect(suffixRivals("m", "gauge")).toEqual([]);
  expect(suffixRivals("m_total", "counter")).toEqual([]);
});

test("summaries exclude _count and _sum, histograms of both kinds _bucket too", () => {
  const names = (type: Parameters<typeof suffixRivals>[1]) => suffixRivals("h", type).map(({ name }) => name);
  expect(names("summary")).toEqual(["h_count", "h_sum"]);
  expect(names("histogram")).toEqual(["h_count", "h_sum", "h_bucket"]);
  expect(names("gaugehistogram")).toEqual(["h_count", "h_sum", "h_bucket"]);
});

test("a name that ends in a suffix collides with what writes that suffix only", () => {
  const [owner] = suffixRivals("x_bucket", "gauge");
  if (owner === undefined) throw new Error("x_bucket has no rival");
  expect(owner.name).toBe("x");
  expect(collides(owner, "histogram")).toBeTrue();
  expect(collides(owner, "summary")).toBeFalse();
  expect(collides(owner, "gauge")).toBeFalse();
});

test("a histogram whose own name ends in a suffix has rivals both ways", () => {
  expect(suffixRivals("x_sum", "summary").map(({ name }) => name)).toEqual(["x", "x_sum_count", "x_sum_sum"]);
});

test.each([1, 100])("finds a held series among %i pushed ones, printed or not", (count) => {
  const owner = group({ job: "a" });
  const held = gauge(owner, "m", 1, [{ n: "5" }, { n: "0" }]);
  const pushed = gauge(
    owner,
    "m",
    2,
    [...Array(count).keys()].map((n) => ({ n: `${n}` })),
  ).metrics;
  for (const family of [held, withEmptyLabel(held)]) {
    const found = firstHeld({ text: family.text, unprinted: family.unprinted }, pushed);
    expect(found?.identity).toBe('m{instance="",job="a",n="0"} ');
    expect(firstHeld({ text: family.text, unprinted: [] }, pushed) === undefined).toBe(family !== held);
  }
  expect(firstHeld({ text: "", unprinted: [] }, pushed)).toBeUndefined();
});
