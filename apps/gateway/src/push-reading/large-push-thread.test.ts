import { gzipSync } from "node:zlib";
import { ExpositionError, LimitExceeded, type Limits, noLimits, parseText } from "@pushfleet/exposition";
import { AdmissionError, admit, parseGroupPath } from "@pushfleet/groups";
import { expect, test } from "vitest";
import { type LargePush, LargePushThread, PushTooComplex } from "./large-push-thread.ts";

const pathLabels = parseGroupPath("/job/a", { names: "legacy" });
const limits: Limits = {
  ...noLimits,
  "push.max-body-size": 32 * 1024 * 1024,
  "group.max-series": 1e9,
  "job.max-groups": 1e9,
  "store.max-groups": 1e9,
  "push.max-rate-per-job": 1e9,
  "push.max-rate-per-identity": 1e9,
};

function push(body: string, said: Partial<LargePush> = {}): LargePush {
  const pieces = [Buffer.from(body)];
  return {
    pieces,
    contentEncoding: undefined,
    isProtobuf: false,
    names: "legacy",
    pathLabels,
    limits,
    ...said,
  };
}

const lines = (count: number) => Array.from({ length: count }, (_, i) => `m{i="${i}"} ${i}\n`).join("");

test("what the thread makes of a push is what is made of it here", async () => {
  const thread = new LargePushThread();
  const body = `# HELP m ü\n${lines(2_000)}# TYPE s summary\ns{quantile="0.5"} 1\ns_sum 2\ns_count 3\n`;
  const expected = admit(parseText(Buffer.from(body), { names: "legacy" }), pathLabels);
  for (const large of [push(body), push("", { pieces: [gzipSync(body)], contentEncoding: "gzip" })]) {
    const families = await thread.read(large);
    expect(families).toHaveLength(2);
    for (const [i, { text, metrics, seriesCount }] of families.entries()) {
      expect(text).toBe(expected[i]?.text ?? "");
      expect(seriesCount).toBe(expected[i]?.seriesCount);
      expect([...metrics]).toEqual([...(expected[i]?.metrics ?? [])]);
    }
  }
});

test("errors come out of the thread as what they are", async () => {
  const thread = new LargePushThread();
  const outcome = (large: LargePush) => thread.read(large).catch((error: unknown) => error);
  const malformed = await outcome(push("m 1\n}\n"));
  expect(malformed).toBeInstanceOf(ExpositionError);
  expect(malformed).toMatchObject({ line: 2, message: expect.stringContaining("line 2") });
  expect(await outcome(push("m 1\nm 2\n"))).toMatchObject({ code: "duplicate-series" });
  expect(await outcome(push("m 1\nm 2\n"))).toBeInstanceOf(AdmissionError);
  const tooMany = await outcome(push(lines(3), { limits: { ...limits, "push.max-series": 2 } }));
  expect(tooMany).toStrictEqual(new LimitExceeded("push.max-series", { value: 2, offender: '"m"' }));
  expect(await outcome(push("", { pieces: [Buffer.from("x")], contentEncoding: "gzip" }))).toBeInstanceOf(
    ExpositionError,
  );
});

test("a push that takes too much memory is refused, and the next one gets a new thread", async () => {
  const thread = new LargePushThread(16);
  await expect(thread.read(push(lines(300_000)))).rejects.toBeInstanceOf(PushTooComplex);
  expect(await thread.read(push(lines(3)))).toHaveLength(1);
});
