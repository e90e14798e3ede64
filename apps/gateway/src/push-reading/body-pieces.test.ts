import fc from "fast-check";
import { expect, test } from "vitest";
import { BodyPieces } from "./body-pieces.ts";

test("whatever the chunks, all bytes come out in their order", () => {
  const chunks = fc.array(
    fc.oneof(
      { weight: 5, arbitrary: fc.integer({ min: 1, max: 3_000 }) },
      fc.integer({ min: 8_000, max: 70_000 }),
    ),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(chunks, (sizes) => {
      const pieces = new BodyPieces();
      const sent = sizes.map((size, i) => Buffer.alloc(size, i));
      for (const chunk of sent) pieces.add(chunk);
      expect(Buffer.concat(pieces.take()).equals(Buffer.concat(sent))).toBeTrue();
    }),
  );
});

test("a million chunks of a byte are few pieces", () => {
  const pieces = new BodyPieces();
  for (let i = 0; i < 1_000_000; i++) pieces.add(Buffer.of(i));
  expect(pieces.take().length).toBeLessThan(20);
});

test("one chunk is not copied, and no chunk is an empty piece", () => {
  const pieces = new BodyPieces();
  const chunk = Buffer.from("m 1\n");
  pieces.add(chunk);
  expect(pieces.take()[0]).toBe(chunk);
  expect(pieces.take()).toEqual([new Uint8Array()]);
});
