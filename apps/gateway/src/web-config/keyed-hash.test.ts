import { createHmac } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createKeyedHash, randomKey } from "./keyed-hash.ts";

test("it is HMAC-SHA-256", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      const key = randomKey();
      expect(createKeyedHash(key)(text)).toBe(createHmac("sha256", key).update(text).digest("base64"));
    }),
  );
});

test("two of them have different keys", () => {
  expect(createKeyedHash()("x")).not.toBe(createKeyedHash()("x"));
});
