import { gzipSync } from "node:zlib";
import { PROTOBUF } from "../../../conformance/protobuf.ts";
import { type Attack, inTurn, keepSending, type RequestParts, requestBytes } from "./target.ts";

const million = 1_000_000;
const plain = {};
const inGzip = { "Content-Encoding": "gzip" };
const inProtobuf = { "Content-Type": PROTOBUF };

function lines(count: number, line: (i: number) => string): Buffer {
  return Buffer.from(Array.from({ length: count }, (_, i) => line(i)).join(""), "latin1");
}

/** What no limit lets in: a million of something, or something far too long, as text and as protobuf. */
export const hugePushes: Attack = (target) => {
  const refused: readonly [Readonly<Record<string, string>>, Buffer][] = [
    [plain, text`m{${lines(million, (i) => `l${i}="",`)}} 1\n`],
    [inGzip, gzipSync(lines(million, (i) => `m{l="${i}"} 1\n`))],
    [inGzip, gzipSync(lines(200_000, (i) => `m${i}{l="${i}"} 1\n`))],
    [plain, lines(200_000, (i) => `# TYPE m${i} gauge\n`)],
    [plain, text`${Buffer.alloc(30 * million, "m")} 1\n`],
    [plain, text`m{l="${Buffer.alloc(30 * million, "v")}"} 1\n`],
    [plain, text`# HELP m ${Buffer.alloc(30 * million, "h")}\nm 1\n`],
    [plain, Buffer.alloc(31 * million, "\n")],
    [plain, Buffer.alloc(31 * million, "#\n")],
    [inProtobuf, delimited(gaugeNamedM, Buffer.alloc(30 * million, Buffer.of(0x22, 0)))],
    [inProtobuf, delimited(gaugeNamedM, nested(0x22, million))],
    [inProtobuf, Buffer.alloc(30 * million, 0x0b)],
    [inProtobuf, Buffer.alloc(30 * million)],
  ];
  return send(target, refused, { job: "hostile-huge", connections: 8 });
};

/** What is let in, just: the most series, a million labels, the most families, the longest names, all of it in 32 MiB. */
export const pushesAtTheLimits: Attack = (target) => {
  const padding = "x".repeat(120);
  const label = Array.from({ length: 60 }, (_, i) => `l${i}="${i}"`).join(",");
  const taken: readonly [Readonly<Record<string, string>>, Buffer][] = [
    [inGzip, gzipSync(lines(200_000, (i) => `most_series{path="${padding}${i}"} ${i}\n`))],
    [inGzip, gzipSync(lines(16_500, (i) => `most_labels{series="${i}",${label}} 1\n`))],
    [plain, lines(4_999, (i) => `# HELP most_families_${i} ${padding}\nmost_families_${i}{a="b"} 1\n`)],
    [plain, lines(200_000, (i) => `most_lines{i="${i}"} ${i}\n`)],
    [inGzip, gzipSync(lines(1_900, (i) => `longest_values{i="${i}",l="${"v".repeat(16_300)}"} 1\n`))],
    [
      inProtobuf,
      delimited(
        gaugeNamedM,
        lines(190_000, (i) =>
          field(0x22, field(0x0a, field(0x0a, "most") + field(0x12, `${i}`)) + gaugeOfZero),
        ),
      ),
    ],
  ];
  return send(target, taken, { job: "hostile-largest", connections: 4 });
};

function send(
  target: Parameters<Attack>[0],
  bodies: readonly (readonly [RequestParts["headers"], Buffer])[],
  { job, connections }: { readonly job: string; readonly connections: number },
): () => void {
  const requests = bodies.map(([headers = {}, body], i) => {
    const request = requestBytes({ path: `/metrics/job/${job}/kind/${i}`, headers, body });
    return () => request;
  });
  return keepSending(target, { connections, next: inTurn(requests) });
}

function text(strings: TemplateStringsArray, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from(strings[0] ?? ""), content, Buffer.from(strings[1] ?? "")]);
}

const gaugeNamedM = Buffer.from([0x0a, 1, 0x6d, 0x18, 1]);

/** A field of a protobuf message that is shorter than 128 bytes, one character a byte. */
const field = (tag: number, content: string) => String.fromCharCode(tag, content.length) + content;

const gaugeOfZero = field(0x12, `\x09${"\0".repeat(8)}`);

/** A message, or all but its tag of a field, with its length. */
function delimited(...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([varint(content.length), content]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return Buffer.from([...bytes, rest]);
}

/** A message in a message in a message, of the one field, as deep as that many bytes allow. */
function nested(tag: number, bytes: number): Buffer {
  const result = Buffer.alloc(bytes);
  let start = bytes;
  for (;;) {
    const head = Buffer.concat([Buffer.of(tag), varint(bytes - start)]);
    if (head.length > start) return result.subarray(start);
    start -= head.length;
    head.copy(result, start);
  }
}
