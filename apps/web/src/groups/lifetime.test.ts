import { expect, test } from "vitest";
import { lifetimeOf } from "./lifetime.ts";

const pushed = "2026-01-01T00:00:00Z";
const at = (seconds: number) => Date.parse(pushed) + seconds * 1000;
const group = { last_push: pushed, last_failure: null, expires_at: "2026-01-01T01:00:00Z" };

test("a group without an expiry lives for ever", () => {
  expect(lifetimeOf({ ...group, expires_at: null }, at(0))).toEqual({ kind: "forever" });
});

test("what is left counts down from the push", () => {
  expect(lifetimeOf(group, at(900))).toEqual({
    kind: "left",
    seconds: 2_700,
    fraction: 0.75,
    isShort: false,
  });
});

test("the last tenth is short, and so is the last minute of any time to live", () => {
  expect(lifetimeOf(group, at(3_239))).toMatchObject({ isShort: false });
  expect(lifetimeOf(group, at(3_241))).toMatchObject({ isShort: true });
  expect(lifetimeOf({ ...group, expires_at: "2026-01-01T00:01:05Z" }, at(6))).toMatchObject({
    isShort: true,
  });
});

test("at its end it is over", () => {
  expect(lifetimeOf(group, at(3_600))).toEqual({ kind: "over" });
});

test("a group that was never pushed successfully counts from its refused push, or from now", () => {
  expect(lifetimeOf({ ...group, last_push: null, last_failure: pushed }, at(1_800))).toMatchObject({
    fraction: 0.5,
  });
  expect(lifetimeOf({ ...group, last_push: null }, at(1_800))).toMatchObject({ fraction: 1 });
});
