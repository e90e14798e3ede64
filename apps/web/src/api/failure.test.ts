import { expect, test } from "vitest";
import { failureOf } from "./failure.ts";

test("the API's own error keeps its type and text", () => {
  const body = '{"status":"error","errorType":"too_many","error":"12 groups match"}';
  expect(failureOf(409, "application/json; charset=utf-8", body)).toMatchObject({
    code: "too_many",
    message: "12 groups match",
  });
});

test.each([
  [401, "unauthenticated"],
  [403, "forbidden"],
  [404, "not_found"],
  [429, "too_often"],
  [503, "unavailable"],
  [502, "unreadable"],
])("a status %i without the API's own words is %s", (status, code) => {
  expect(failureOf(status, "text/plain", "why\n")).toMatchObject({ code, message: "why" });
  expect(failureOf(status, "text/html", "<h1>why</h1>")).toMatchObject({
    code,
    message: `The server answered ${status}.`,
  });
});

test("plain text, as deletions answer it, is the message", () => {
  expect(failureOf(503, "text/plain; charset=utf-8", "the store is away\n")).toMatchObject({
    code: "unavailable",
    message: "the store is away",
  });
});

test("a proxy's page or a broken body is not shown, only its status", () => {
  const failures = [
    failureOf(502, "text/html", "<h1>Bad gateway</h1>"),
    failureOf(502, "application/json", "{"),
    failureOf(502, "application/json", "null"),
    failureOf(502, "application/json", '{"errorType":"other","error":"x"}'),
  ];
  for (const failure of failures) {
    expect(failure).toMatchObject({ code: "unreadable", message: "The server answered 502." });
  }
});
