import { expect, test } from "vitest";
import { withOwnLabels } from "./own-labels.ts";

test("a metric keeps the labels that tell it from the others of its group", () => {
  const labels = { job: "a", instance: "", zone: "b", mode: "idle" };
  const [family] = withOwnLabels(
    [{ name: "m", type: "GAUGE", time_stamp: "", metrics: [{ labels, value: "1" }] }],
    { job: "a", zone: "b" },
  );
  expect(family?.metrics).toEqual([{ labels: { mode: "idle" }, value: "1" }]);
});
