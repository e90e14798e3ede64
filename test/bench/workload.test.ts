import { expect, test } from "vitest";
import { groupPath, pushBody, SERIES_PER_GROUP } from "./workload.ts";

test("a body is about 1 kB of 5 families and 12 series", () => {
  const body = pushBody(0);
  expect(body.length).toBeWithin(900, 1_200);
  expect(body.match(/^# TYPE /gm)).toHaveLength(5);
  expect(body.match(/^batch_/gm)).toHaveLength(SERIES_PER_GROUP);
});

test("bodies differ in their values and not in their length", () => {
  expect(pushBody(1)).not.toBe(pushBody(2));
  expect(pushBody(1)).toHaveLength(pushBody(999).length);
});

test("groups are a hundred hosts a job", () => {
  expect(groupPath(0)).toBe("/metrics/job/job-0/instance/host-0");
  expect(groupPath(12_345)).toBe("/metrics/job/job-123/instance/host-45");
});
