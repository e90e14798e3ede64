import { expect, test } from "vitest";
import { authenticateBasic } from "./basic-auth.ts";

const echo = { userOf: (credentials: string) => credentials };

test.each(["Basic YTpi", "basic YTpi", "BASIC   YTpi  "])("the credentials of %j are passed on", (header) => {
  expect(authenticateBasic(header, echo)).toBe("YTpi");
});

test("with what fills them up", () => {
  expect(authenticateBasic("Basic YTo=", echo)).toBe("YTo=");
  expect(authenticateBasic("Basic /+8QYg==", echo)).toBe("/+8QYg==");
});

test.each([
  "",
  "Basic",
  "Basic ",
  "Basic ====",
  "Basic YTp?",
  "Basic YTpi YTpi",
  "BasicYTpi",
  "Bearer YTpi",
  "YTpi",
])("%j has none", (header) => {
  expect(authenticateBasic(header, echo)).toBeNull();
});
