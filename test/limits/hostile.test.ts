/** Pushes far beyond the limits: refused in no time, without being built first, while others are served. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { startGateway } from "../support/gateway.ts";
import type { HttpServer } from "../support/reference.ts";
import { forms, push } from "./client.ts";

const million = 1_000_000;

/** A body of so many pieces. The largest there may be is 32 MiB, so they are short. */
function pieces(piece: (i: number) => string): Buffer {
  return Buffer.from(Array.from({ length: million }, (_, i) => piece(i)).join(""), "latin1");
}

/** A field of a protobuf message that is shorter than 128 bytes, one character a byte. */
const field = (tag: number, content: string) => String.fromCharCode(tag, content.length) + content;
const label = (i: number) => field(tags.label, field(tags.name, `l${i}`));

/** A family without anything else. */
const familyNamed = (i: number) => {
  const message = field(tags.name, `m${i}`);
  return String.fromCharCode(message.length) + message;
};

const tags = { name: 0x0a, metric: 0x22, label: 0x0a, histogram: 0x3a, positiveDeltas: 0x6a } as const;
const gaugeNamedM = Buffer.from([tags.name, 1, 0x6d, 0x18, 1]);
const histogramNamedH = Buffer.from([tags.name, 1, 0x68, 0x18, 4]);

/** A message, or all but its tag of a field, with its length. */
function delimited(...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const length: number[] = [];
  let rest = content.length;
  for (; rest > 0x7f; rest >>>= 7) length.push((rest & 0x7f) | 0x80);
  return Buffer.concat([Buffer.from([...length, rest]), content]);
}

/** A field of any length. */
const longField = (tag: number, ...parts: readonly Uint8Array[]) =>
  Buffer.concat([Buffer.from([tag]), delimited(...parts)]);

const attacks = [
  ["text", "a million series", pieces((i) => `m{l="${i}"} 1\n`), "push.max-series"],
  [
    "text",
    "a series with a million labels",
    Buffer.concat([Buffer.from("m{"), pieces((i) => `l${i}="",`), Buffer.from("} 1\n")]),
    "push.max-labels",
  ],
  ["text", "a million families", pieces((i) => `m${i} 1\n`), "push.max-families"],
  [
    "text",
    "a million families that only a comment names",
    pieces((i) => `# TYPE m${i} gauge\n`),
    "push.max-families",
  ],
  [
    "text",
    "a histogram with a million buckets",
    Buffer.concat([Buffer.from("# TYPE h histogram\n"), pieces((i) => `h_bucket{le="${i}"} 1\n`)]),
    "push.max-series",
  ],
  [
    "text",
    "a label of 30 MB",
    Buffer.from(`m{l="${"x".repeat(30 * million)}"} 1\n`),
    "push.max-label-value-length",
  ],
  [
    "text",
    "a help of 30 MB",
    Buffer.from(`# HELP m ${"x".repeat(30 * million)}\nm 1\n`),
    "push.max-help-length",
  ],
  [
    "protobuf",
    "a million series",
    delimited(
      gaugeNamedM,
      pieces((i) => field(tags.metric, label(i))),
    ),
    "push.max-series",
  ],
  [
    "protobuf",
    "a series with a million labels",
    delimited(gaugeNamedM, longField(tags.metric, pieces(label))),
    "push.max-labels",
  ],
  [
    "protobuf",
    "sixteen million empty series",
    delimited(gaugeNamedM, Buffer.alloc(32 * million, Buffer.from([tags.metric, 0]))),
    "push.max-series",
  ],
  [
    "protobuf",
    "a native histogram of thirty million buckets",
    delimited(
      histogramNamedH,
      longField(
        tags.metric,
        longField(tags.histogram, longField(tags.positiveDeltas, Buffer.alloc(30 * million, 2))),
      ),
    ),
    "push.max-series",
  ],
  ["protobuf", "a million families", pieces(familyNamed), "push.max-families"],
] as const;

function residentMebibytes(gateway: HttpServer): number {
  const status = readFileSync(`/proc/${gateway.process.pid}/status`, "utf8");
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
}

test.each(attacks)("in %s, %s are refused quickly and with little memory", async (format, _, body, limit) => {
  const { encode, headers } = format === "text" ? forms["text in gzip"] : forms.protobuf;
  const sent = encode(body);
  await using gateway = await startGateway();
  await push(gateway.url, "warm-up", "m 1\n");
  const before = residentMebibytes(gateway);
  const start = performance.now();
  const answer = await push(gateway.url, "large", sent, { headers });
  expect(performance.now() - start).toBeLessThan(5_000);
  expect(answer).toMatchObject({ status: 413 });
  expect(answer.text).toEndWith(`(limit --${limit})\n`);
  // The body itself, compressed and not, and as text; and the 200,000 series that could have been.
  expect(residentMebibytes(gateway) - before).toBeLessThan(300);
  expect(await push(gateway.url, "normal", "m 1\n")).toMatchObject({ status: 200 });
});

test("a job that pushes as ever is served while others push far too much", { timeout: 120_000 }, async () => {
  await using gateway = await startGateway();
  const { encode, headers } = forms["text in gzip"];
  const large = encode(attacks[0][2]);
  const served = new AbortController();
  const attack = async () => {
    while (!served.signal.aborted) {
      expect(await push(gateway.url, "large", large, { headers })).toMatchObject({ status: 413 });
    }
  };
  const attackers = [attack(), attack()];
  for (let i = 0; i < 20; i++) {
    expect(await push(gateway.url, "normal", `m ${i}\n`)).toMatchObject({ status: 200 });
  }
  served.abort();
  await Promise.all(attackers);
  // Bounded, however many there were.
  expect(residentMebibytes(gateway)).toBeLessThan(800);
});
