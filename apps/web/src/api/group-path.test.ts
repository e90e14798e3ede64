import { expect, test } from "vitest";
import { groupPath } from "./group-path.ts";

test("the job comes first, the others in order of their names", () => {
  expect(groupPath({ zone: "b", job: "backup", instance: "db-1:9100" })).toBe(
    "/metrics/job/backup/instance/db-1%3A9100/zone/b",
  );
});

test("any character of a value is percent-encoded where it has to be", () => {
  expect(groupPath({ job: "a b?c#d%é" })).toBe("/metrics/job/a%20b%3Fc%23d%25%C3%A9");
});

test.each([
  ["a/b", "YS9i"],
  ["..", "Li4"],
  [".", "Lg"],
  ["~/?ÿ", "fi8_w78"],
])("the value %j goes as base64url", (value, encoded) => {
  expect(groupPath({ job: "x", dir: value })).toBe(`/metrics/job/x/dir@base64/${encoded}`);
});

test("an empty value has a segment all the same", () => {
  expect(groupPath({ job: "x", dir: "" })).toBe("/metrics/job/x/dir@base64/=");
});

test("names beyond the classic ones are escaped as the Pushgateway has it", () => {
  expect(groupPath({ job: "x", "host.name_é": "y" })).toBe("/metrics/job/x/U__host_2e_name___e9_/y");
});

test("a name that only looks escaped is escaped too", () => {
  expect(groupPath({ job: "x", U__a_2e_b: "y" })).toBe("/metrics/job/x/U__U____a__2e__b/y");
});
