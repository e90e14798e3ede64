import { expect, test } from "vitest";
import { dashboards, type Panel } from "./dashboards.ts";

test("there is more than one dashboard, and no two share a uid", () => {
  const uids = dashboards.map(({ uid }) => uid);
  expect(uids.length).toBeGreaterThan(1);
  expect(new Set(uids).size).toBe(uids.length);
});

test.each(dashboards)("$file has a Prometheus to choose, and asks no other", ({ variables, panels }) => {
  expect(variables).toContainEqual({ name: "datasource", type: "datasource", query: "prometheus" });
  for (const { datasource, targets } of panels) {
    for (const { uid } of [datasource, ...targets.map((target) => target.datasource)])
      expect(uid).toBe("$datasource");
  }
});

test.each(dashboards)(
  "$file has panels with ids of their own, each with a description and a query",
  ({ panels }) => {
    expect(panels.length).toBeGreaterThan(5);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const { title, description, targets } of panels) {
      expect(description, title).not.toBeEmpty();
      expect(targets, title).not.toBeEmpty();
      expect(new Set(targets.map(({ refId }) => refId)).size, title).toBe(targets.length);
    }
  },
);

test.each(dashboards)("$file has no panels one upon the other, and none beyond the edge", ({ panels }) => {
  for (const [index, panel] of panels.entries()) {
    expect(panel.gridPos.x + panel.gridPos.w, panel.title).toBeLessThanOrEqual(24);
    for (const other of panels.slice(index + 1))
      expect(overlap(panel, other), `${panel.title}, ${other.title}`).toBeFalse();
  }
});

function overlap({ gridPos: a }: Panel, { gridPos: b }: Panel): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}
