import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decompress } from "./compression.ts";
import { ExpositionError } from "./family.ts";
import { LimitExceeded } from "./limits.ts";
import { maskedCrc32c } from "./snappy.ts";

const LIMIT = 1_000_000;
const PUSH = gzipSync("a 1\n");

const tooLarge = (value: number) => new LimitExceeded("push.max-body-size", { value });

const inflate = (body: Uint8Array, maxBytes = LIMIT) =>
  Buffer.from(decompress(body, "gzip", maxBytes)).toString();

describe("encodings", () => {
  test.each([undefined, "", "identity", "deflate", "br", "zstd", "gzip, gzip"])(
    "%s is passed through",
    (encoding) => {
      const body = Buffer.from("a 1\n");
      expect(decompress(body, encoding, 1)).toBe(body);
    },
  );

  test("the name of an encoding may be in any case", () => {
    expect(Buffer.from(decompress(PUSH, "GZip", LIMIT)).toString()).toBe("a 1\n");
    expect(Buffer.from(decompress(snappy("a 1\n"), "SNAPPY", LIMIT)).toString()).toBe("a 1\n");
  });
});

describe("gzip", () => {
  test("several members are concatenated", () => {
    expect(inflate(Buffer.concat([PUSH, gzipSync("b 2\n")]))).toBe("a 1\nb 2\n");
  });

  test("a body too large to inflate on the spot comes out the same", () => {
    const text = "a 1\n".repeat(200_000);
    expect(inflate(gzipSync(text))).toBe(text);
    const noise = Buffer.from(Array.from({ length: 50_000 }, (_, i) => (i * i) % 251)).toString("hex");
    expect(inflate(gzipSync(noise))).toBe(noise);
  });

  test.each([1, 4, 1000, 300_000])("a limit of %i bytes lets as many through and no more", (maxBytes) => {
    expect(inflate(gzipSync("x".repeat(maxBytes)), maxBytes)).toHaveLength(maxBytes);
    const oneMore = gzipSync("x".repeat(maxBytes + 1));
    expect(thrownBy(() => inflate(oneMore, maxBytes))).toStrictEqual(tooLarge(maxBytes));
  });

  test("a bomb of a thousand times its size is too large", () => {
    const bomb = gzipSync(Buffer.alloc(100_000_000));
    expect(thrownBy(() => inflate(bomb))).toStrictEqual(tooLarge(LIMIT));
  });

  test("a body cut short anywhere ends unexpectedly", () => {
    for (let length = 0; length < PUSH.length; length++) {
      const cut = PUSH.subarray(0, length);
      expect(thrownBy(() => inflate(cut))).toStrictEqual(new ExpositionError("unexpected EOF"));
    }
  });

  test.each([
    ["plain text", Buffer.from("a 1\n"), "gzip: invalid header"],
    ["another compression method", withByte(2, 7), "gzip: invalid header"],
    ["garbage after the end", Buffer.concat([PUSH, Buffer.from("xyz")]), "gzip: invalid header"],
    ["zeros after the end", Buffer.concat([PUSH, Buffer.alloc(4)]), "gzip: invalid header"],
    ["a member hidden behind a zero", Buffer.concat([PUSH, Buffer.alloc(1), PUSH]), "gzip: invalid header"],
    ["a wrong checksum", withByte(-8, 0), "gzip: invalid checksum"],
    ["a wrong length", withByte(-1, 1), "gzip: invalid checksum"],
    ["a damaged block", withByte(10, 0xff), "flate: corrupt input"],
  ])("%s is refused", (_, body, message) => {
    expect(thrownBy(() => inflate(body))).toStrictEqual(new ExpositionError(message));
  });
});

describe("snappy", () => {
  test("chunks are joined", () => {
    const body = Buffer.concat([snappy("a 1\n"), snappy("b 2\n")]);
    expect(Buffer.from(decompress(body, "snappy", 8)).toString()).toBe("a 1\nb 2\n");
  });

  test("more than the limit is too large", () => {
    const body = Buffer.concat([snappy("a 1\n"), snappy("b 2\n")]);
    expect(thrownBy(() => decompress(body, "snappy", 7))).toStrictEqual(tooLarge(7));
  });

  test("a damaged stream is refused", () => {
    const damaged = Buffer.from("a 1\n");
    expect(thrownBy(() => decompress(damaged, "snappy", LIMIT))).toStrictEqual(
      new ExpositionError("snappy: corrupt input"),
    );
  });
});

test("whatever the bytes, they decompress, or are refused as malformed or too large", () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 100 }),
    fc
      .tuple(fc.nat({ max: PUSH.length - 1 }), fc.nat({ max: 255 }))
      .map(([at, value]) => withByte(at, value)),
  );
  fc.assert(
    fc.property(bytes, fc.constantFrom("gzip", "snappy"), (body, encoding) => {
      try {
        decompress(body, encoding, 3);
      } catch (error) {
        expect(error instanceof ExpositionError || error instanceof LimitExceeded).toBe(true);
      }
    }),
  );
});

function thrownBy(decompressing: () => unknown): unknown {
  try {
    return decompressing();
  } catch (error) {
    return error;
  }
}

function withByte(position: number, value: number): Buffer {
  const bytes = Buffer.from(PUSH);
  bytes[position < 0 ? bytes.length + position : position] = value;
  return bytes;
}

/** A stream of one uncompressed chunk. */
function snappy(text: string): Buffer {
  const data = Buffer.from(text);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32LE(maskedCrc32c(data));
  return Buffer.concat([
    Buffer.from("ff060000734e61507059", "hex"),
    Buffer.of(0x01, data.length + 4, 0, 0),
    checksum,
    data,
  ]);
}
