import fc from "fast-check";
import { expect, test } from "vitest";
import { byteSize, duration, formatByteSize, formatDuration, redactUrl } from "./values.ts";

test.each([
  ["0", 0],
  ["90s", 90_000],
  ["1h30m", 5_400_000],
  ["1d", 86_400_000],
  ["1w2d", 777_600_000],
  ["1y", 31_536_000_000],
  ["5m10ms", 300_010],
])("the duration %s is %i ms", (text, expected) => {
  expect(duration(text)).toBe(expected);
});

test.each(["", "5", "1m1h", "1.5h", "-1s", "s", "1 s", "99999999999y"])(
  "the duration %j is refused",
  (text) => {
    expect(() => duration(text)).toThrow();
  },
);

test("a formatted duration reads back as the same one", () => {
  fc.assert(fc.property(fc.nat({ max: 10 ** 12 }), (ms) => duration(formatDuration(ms)) === ms));
});

test("a formatted size reads back as the same one", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 45 }), (bytes) => byteSize(formatByteSize(bytes)) === bytes),
  );
});

test("the password of a URL is masked, and nothing else", () => {
  expect(redactUrl("redis://me:secret@h:1/2")).toBe("redis://me:xxxxx@h:1/2");
  expect(redactUrl("redis://h:1")).toBe("redis://h:1");
});
