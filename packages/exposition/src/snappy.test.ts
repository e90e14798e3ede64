import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ExpositionError } from "./family.ts";
import { decodeBlock, maskedCrc32c, snappyChunks } from "./snappy.ts";

/** 30 lines `series{i="0"} 0`, written by golang/snappy 1.0.0 in one chunk. */
const WRITTEN_BY_GO = Buffer.from(
  "/wYAAHNOYVBwWQAVAQDBMmITogQ8c2VyaWVze2k9IjAifSAwChkQEDEifSAxHRAQMiJ9IDQdEBAzIn0gOR0QADQBMAA2HREUNSJ9IDI1HREQNiJ9IDMuIgAANwFTLkQAEDgifSA2LmUAEDkifSA4LoYAADEBpwQxMDKpAAWqADIyJgAAMgGNADQuSgAAMQGwBDE2Lm4ABDE0ASYAOS6SAAAxBbUytgAAMQG3BDI1MiYAAbkEMjgyTAABuwQzMjJyAAG9BDM2LpgAADIBvgA0Mr4AADIBvgQ0NDImAAG+BDQ4LkwAADIBvgQ1Mi5yAAAyAb4ENTcumAAAMgG+ADYyvgAEMjYhUzYmAAG+ADc2TAAUOCJ9IDc4MnIAHDkifSA4NDEK",
  "base64",
);
const THIRTY_SERIES = Array.from({ length: 30 }, (_, i) => `series{i="${i}"} ${i * i}\n`).join("");

const IDENTIFIER = chunk(0xff, Buffer.from("sNaPpY"));

function chunk(type: number, body: Uint8Array): Buffer {
  const length = [body.length & 0xff, (body.length >> 8) & 0xff, body.length >> 16];
  return Buffer.concat([Buffer.of(type, ...length), body]);
}

function uncompressed(text: string | Uint8Array): Buffer {
  const data = Buffer.from(text);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32LE(maskedCrc32c(data));
  return chunk(0x01, Buffer.concat([checksum, data]));
}

function read(...parts: Uint8Array[]): string {
  return Buffer.concat([...snappyChunks(Buffer.concat(parts))]).toString();
}

const corrupt = new ExpositionError("snappy: corrupt input");
const unsupported = new ExpositionError("snappy: unsupported input");

describe("the framing format", () => {
  test("a stream written by Go reads back", () => {
    expect(read(WRITTEN_BY_GO)).toBe(THIRTY_SERIES);
  });

  test("chunks of data are concatenated, compressed or not, and streams too", () => {
    expect(read(IDENTIFIER, uncompressed("a 1\n"), WRITTEN_BY_GO)).toBe(`a 1\n${THIRTY_SERIES}`);
  });

  test("padding and skippable chunks are skipped", () => {
    const skipped = [chunk(0xfe, Buffer.alloc(1000)), chunk(0x80, Buffer.of(1)), chunk(0xfd, Buffer.of())];
    expect(read(IDENTIFIER, ...skipped, uncompressed("a 1\n"))).toBe("a 1\n");
  });

  test("nothing at all is an empty stream", () => {
    expect(read()).toBe("");
    expect(read(IDENTIFIER)).toBe("");
  });

  test("a stream cut short within a chunk is corrupt", () => {
    for (let length = 1; length < WRITTEN_BY_GO.length; length++) {
      if (length === IDENTIFIER.length) continue;
      expect(() => read(WRITTEN_BY_GO.subarray(0, length))).toThrow(corrupt);
    }
  });

  test("one bit changed in the data is noticed", () => {
    const bytes = uncompressed("a 1\n");
    bytes[bytes.length - 2] = 0x32;
    expect(() => read(IDENTIFIER, bytes)).toThrow(corrupt);
  });

  test.each([
    ["a block without frames", Buffer.from("046120310a", "hex")],
    ["data before the stream identifier", uncompressed("a 1\n")],
    ["another stream identifier", chunk(0xff, Buffer.from("sNaPpy"))],
    ["a shorter stream identifier", chunk(0xff, Buffer.from("sNaP"))],
    ["a chunk too short for a checksum", Buffer.concat([IDENTIFIER, chunk(0x01, Buffer.of(1, 2, 3))])],
    ["an uncompressed chunk above 64 KiB", Buffer.concat([IDENTIFIER, uncompressed(Buffer.alloc(65_537))])],
  ])("%s is corrupt", (_, bytes) => {
    expect(() => read(bytes)).toThrow(corrupt);
  });

  test("reserved chunks that must not be skipped, and oversized chunks, are unsupported", () => {
    expect(() => read(IDENTIFIER, chunk(0x02, Buffer.of()))).toThrow(unsupported);
    expect(() => read(IDENTIFIER, chunk(0x7f, Buffer.of()))).toThrow(unsupported);
    expect(() => read(IDENTIFIER, chunk(0xfe, Buffer.alloc(80_000)))).toThrow(unsupported);
  });

  test("whatever the bytes, there is data or an ExpositionError", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.constantFrom(0x00, 0x01, 0xfe, 0x10),
        (bytes, type) => {
          try {
            read(IDENTIFIER, chunk(type, bytes));
          } catch (error) {
            expect(error).toBeInstanceOf(ExpositionError);
          }
        },
      ),
    );
  });
});

describe("the checksum", () => {
  test("is the masked CRC-32C of RFC 3720", () => {
    // RFC 3720 appendix B.4: 32 bytes of zeros have the CRC 0x8a9136aa.
    const crc = 0x8a9136aa;
    expect(maskedCrc32c(new Uint8Array(32))).toBe((((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0);
  });
});

describe("blocks", () => {
  const decode = (hex: string, maxBytes = 100) =>
    Buffer.from(decodeBlock(Buffer.from(hex.replaceAll(" ", ""), "hex"), maxBytes)).toString();

  test("literals and copies of every width", () => {
    expect(decode("03 08 616263")).toBe("abc");
    expect(decode("04 f003 61626364")).toBe("abcd");
    expect(decode("04 f4 0300 61626364")).toBe("abcd");
    expect(decode("04 fc 03000000 61626364")).toBe("abcd");
    expect(decode("08 0c 61626364 01 04")).toBe("abcdabcd");
    expect(decode("07 0c 61626364 0a 0400")).toBe("abcdabc");
    expect(decode("07 0c 61626364 0b 04000000")).toBe("abcdabc");
  });

  test("a copy that overlaps itself repeats", () => {
    expect(decode("09 04 6162 0d 02")).toBe("ababababa");
  });

  test.each([
    ["no length", ""],
    ["an endless length", "ffffffffffff"],
    ["a length above the limit", "65"],
    ["a length of gigabytes", "ffffffff0f"],
    ["less data than announced", "05 08 616263"],
    ["more data than announced", "02 08 616263"],
    ["a literal cut short", "03 08 6162"],
    ["a literal length cut short", "03 f4 02"],
    ["a literal length that would be negative", "03 fc f0ffffff 616263"],
    ["a copy from before the start", "08 0c 61626364 01 05"],
    ["a copy from nowhere", "08 0c 61626364 01 00"],
    ["a copy cut short", "08 0c 61626364 01"],
    ["a copy beyond the end", "07 0c 61626364 01 04"],
  ])("%s is corrupt", (_, hex) => {
    expect(() => decode(hex)).toThrow(corrupt);
  });

  test("whatever the bytes, there is data or an ExpositionError", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), (bytes) => {
        try {
          expect(decodeBlock(bytes, 1000).length).toBeLessThanOrEqual(1000);
        } catch (error) {
          expect(error).toBeInstanceOf(ExpositionError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
