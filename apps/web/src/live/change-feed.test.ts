import { expect, test } from "vitest";
import { merged, reconnectDelayMs } from "./change-feed.ts";

test("batches together name the groups of both, and the later state", () => {
  expect(merged({ change: "1", ids: new Set(["a"]) }, { change: "2", ids: new Set(["a", "b"]) })).toEqual({
    change: "2",
    ids: new Set(["a", "b"]),
  });
});

test("what may have changed anything makes all of it so", () => {
  expect(merged({ change: "1", ids: null }, { change: "2", ids: new Set(["b"]) }).ids).toBeNull();
  expect(merged({ change: "1", ids: new Set(["b"]) }, { change: null, ids: null })).toEqual({
    change: null,
    ids: null,
  });
});

test("attempts to reconnect are ever farther apart, up to a bound", () => {
  expect([1, 2, 3, 5, 6, 50].map((failures) => reconnectDelayMs(failures, 0))).toEqual([
    1_000, 2_000, 4_000, 16_000, 30_000, 30_000,
  ]);
  expect(reconnectDelayMs(1, 0.999)).toBeLessThan(1_500);
});
