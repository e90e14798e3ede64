import { expect, test } from "vitest";
import { needsOf } from "./needs.ts";

const places = {
  prefix: "",
  telemetry: "/metrics",
  groups: /^\/+metrics\/+job(?:@base64)?\//,
  healthIsClosed: false,
};
const needs = needsOf(places);

test("what is not listed is closed", () => {
  for (const path of [
    "/x",
    "/api/v1",
    "/api/v1/",
    "/api/v1/secret",
    "/API/v1/status",
    "/-/",
    "/-/ready/",
    "//",
    "",
  ])
    expect(needs("GET", path)).toBeUndefined();
  expect(needs("PATCH", "/api/v1/groups")).toBeUndefined();
  expect(needs("constructor", "/api/v1/groups")).toBeUndefined();
  expect(needs("HEAD", "/metrics")).toBeUndefined();
});

test("paths of groups are told as the routes tell them", () => {
  for (const path of ["/metrics/job/a", "//metrics//job@base64/YQ/x//", "/metrics/job/"]) {
    expect(needs("PUT", path)).toBe("push");
    expect(needs("DELETE", path)).toBe("delete");
    expect(needs("GET", path)).toBeUndefined();
  }
  expect(needs("PUT", "/metrics/jobs/a")).toBeUndefined();
});

test("what regions exchange is for federators", () => {
  expect(needs("POST", "/federation/v1/changes")).toBe("federate");
  expect(needs("GET", "/federation/v1/digests")).toBe("federate");
  for (const path of [
    "/federation/v1",
    "/federation/v1/changes/",
    "/federation/v2/changes",
    "//federation/v1/digests",
  ])
    for (const method of ["GET", "POST"]) expect(needs(method, path)).toBeUndefined();
});

test("under a prefix nothing outside of it is known", () => {
  const prefixed = needsOf({ ...places, prefix: "/p", telemetry: "/p/t", groups: /^\/p\/+metrics\/+job\// });
  expect(prefixed("GET", "/p/api/v1/status")).toBe("read");
  expect(prefixed("GET", "/p/")).toBe("read");
  expect(prefixed("POST", "/p/federation/v1/changes")).toBe("federate");
  expect(prefixed("GET", "/p/t")).toBe("scrape");
  for (const path of ["/", "/api/v1/status", "/federation/v1/digests", "/metrics", "/px", "/p"])
    expect(prefixed("GET", path)).toBeUndefined();
});

test("health is open unless it was closed, and questions for methods always are", () => {
  expect(needs("GET", "/-/ready")).toBe("open");
  expect(needsOf({ ...places, healthIsClosed: true })("GET", "/-/ready")).toBe("read");
  expect(needs("OPTIONS", "/api/v1/groups")).toBe("open");
});
