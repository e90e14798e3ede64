import { setImmediate as nextTurn } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { ExpositionError, encodeMetrics, familyPrefix, type Limits, noLimits } from "@pushfleet/exposition";
import { AdmissionError, parseGroupPath } from "@pushfleet/groups";
import { expect, test } from "vitest";
import { createPushReader, type ReceivedPush } from "./push-reader.ts";

const mebibyte = 1024 * 1024;
const protobuf =
  "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited";

function received(bytes: Uint8Array<ArrayBuffer>, said: Partial<ReceivedPush> = {}): ReceivedPush {
  const limits: Limits = {
    ...noLimits,
    "push.max-body-size": 32 * mebibyte,
    "group.max-series": 1e9,
    "job.max-groups": 1e9,
    "store.max-groups": 1e9,
    "push.max-rate-per-job": 1e9,
    "push.max-rate-per-identity": 1e9,
  };
  const pathLabels = parseGroupPath("/job/a", { names: "legacy" });
  const isWanted = () => true;
  return {
    pieces: [bytes],
    contentEncoding: undefined,
    contentType: undefined,
    pathLabels,
    limits,
    isWanted,
    ...said,
  };
}

/** In the reverse of the order in which they are shown. */
function textOf(count: number): Buffer<ArrayBuffer> {
  const line = (i: number) => `m{i="${String(i).padStart(6, "0")}"} ${i}\n`;
  return Buffer.from(Array.from({ length: count }, (_, i) => line(count - i)).join(""));
}

/** How often others had their turn until the promise settled. */
async function turnsDuring(work: Promise<unknown>): Promise<number> {
  let turns = 0;
  let isOver = false;
  const over = () => (isOver = true);
  void work.then(over, over);
  for (; !isOver; turns++) await nextTurn();
  return turns;
}

const shown = 'm{i="000001",instance="",job="a"} 1\n';

test("a small push is read in one go, whatever it was packed in", async () => {
  const read = createPushReader({ names: "legacy" });
  for (const push of [received(textOf(2)), received(gzipSync(textOf(2)), { contentEncoding: "gzip" })]) {
    const reading = read(push);
    expect(await turnsDuring(reading)).toBeLessThanOrEqual(1);
    const [family] = await reading;
    expect(family?.text).toStartWith(shown);
  }
});

test.each([
  ["text", received(textOf(50_000))],
  ["gzip of text", received(gzipSync(textOf(50_000)), { contentEncoding: "gzip" })],
  ["protobuf", received(protobufOf(50_000), { contentType: protobuf })],
])("while a large push is read, %s, others have their turn", async (_what, push) => {
  const read = createPushReader({ names: "legacy" });
  const reading = read(push);
  expect(await turnsDuring(reading)).toBeGreaterThan(5);
  const [family] = await reading;
  expect(family?.metrics).toHaveLength(50_000);
  const [small] = await createPushReader({ names: "legacy" })(received(textOf(3)));
  expect(family?.text.startsWith(small?.text.slice(0, 40) ?? "?")).toBeTrue();
});

test("large pushes are read one after the other, and a bad one is not in the way of the next", async () => {
  const read = createPushReader({ names: "legacy" });
  const order: string[] = [];
  const noted = (name: string, push: ReceivedPush) => {
    const reading = read(push);
    const note = () => void order.push(name);
    reading.then(note, note);
    return reading;
  };
  const twice = Buffer.concat([textOf(20_000), textOf(1)]);
  const reads = await Promise.allSettled([
    noted("malformed", received(Buffer.concat([textOf(20_000), Buffer.from("}\n")]))),
    noted("repeated", received(twice)),
    noted("good", received(textOf(20_000))),
    noted("small", received(textOf(1))),
  ]);
  expect(order).toEqual(["small", "malformed", "repeated", "good"]);
  const reasons = reads.map((result) => (result.status === "rejected" ? result.reason : undefined));
  expect(reasons[0]).toBeInstanceOf(ExpositionError);
  expect(reasons[1]).toBeInstanceOf(AdmissionError);
  expect(reasons.slice(2)).toEqual([undefined, undefined]);
});

function protobufOf(count: number): Buffer<ArrayBuffer> {
  const metrics = encodeMetrics(
    "gauge",
    Array.from({ length: count }, (_, i) => ({
      labels: [["i", String(count - i).padStart(6, "0")] as const],
      data: { kind: "simple", value: count - i } as const,
    })),
  );
  return Buffer.concat([familyPrefix({ name: "m", type: "gauge", help: "" }, metrics.length), metrics]);
}
