import { expect, test } from "vitest";
import { ApiFailure } from "../api/failure.ts";
import { failureTitle, isDenial } from "./failure-title.ts";

test("who may not do something is told what", () => {
  const forbidden = new ApiFailure("forbidden", 'Forbidden: a: GET of this path needs the role "read"');
  expect(failureTitle(forbidden)).toBe("You are not allowed to see this");
  expect(failureTitle(forbidden, "delete 2 groups")).toBe("You are not allowed to delete 2 groups");
  expect(failureTitle(new ApiFailure("unauthenticated", "Unauthorized"))).toBe(
    "You have to sign in to see this",
  );
});

test("only missing rights are a denial", () => {
  expect(isDenial(new ApiFailure("forbidden", ""))).toBe(true);
  expect(isDenial(new ApiFailure("unauthenticated", ""))).toBe(true);
  expect(isDenial(new ApiFailure("unavailable", ""))).toBe(false);
  expect(isDenial(new Error("other"))).toBe(false);
});
