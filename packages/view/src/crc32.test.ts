import { crc32 } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { appendCrc, crcShift } from "./crc32.ts";

test("the CRC of two byte strings joined is that of both in a row", () => {
  const bytes = fc.uint8Array({ maxLength: 300 });
  fc.assert(
    fc.property(bytes, bytes, (a, b) => {
      const joined = appendCrc(crc32(a), { crc: crc32(b), shift: crcShift(b.length) });
      return joined === crc32(Buffer.concat([a, b]));
    }),
    { seed: 1, numRuns: 500 },
  );
});

test("appending nothing leaves a CRC as it is", () => {
  expect(appendCrc(0xcbf43926, { crc: 0, shift: crcShift(0) })).toBe(0xcbf43926);
});

test("a second part of many megabytes has a CRC that joins too", () => {
  const big = Buffer.alloc(20_000_003, "pushed ");
  const joined = appendCrc(crc32("first"), { crc: crc32(big), shift: crcShift(big.length) });
  expect(joined).toBe(crc32(Buffer.concat([Buffer.from("first"), big])));
});
