import { crc32, gunzipSync, gzipSync } from "node:zlib";
import { parseText } from "@pushfleet/exposition";
import { admit, type GroupId, parseGroupPath } from "@pushfleet/groups";
import { createEmbeddedStore, type Replication } from "@pushfleet/store";
import fc from "fast-check";
import { expect, test } from "vitest";
import { admitBatch } from "./admit-batch.ts";
import { BatchError } from "./batch-error.ts";
import { lastLine, magic } from "./batch-format.ts";
import { mergeBatch } from "./merge-batch.ts";
import { decodeBatch, maxStates } from "./read-batch.ts";
import { at, deletedState, here, pushedState, there } from "./states.fixture.ts";
import { encodeBatch, splitState, stateSize } from "./write-batch.ts";

function stateOf(job: string, body: string, version = at(1_000_000)) {
  const labels = parseGroupPath(`/job/${job}`, { names: "utf8" });
  return pushedState(labels, admit(parseText(Buffer.from(body), { names: "utf8" }), labels), version);
}

const states = [
  stateOf("a", "m 1\nn 2\n# TYPE h histogram\nh_count 3\n"),
  stateOf("b", '# HELP "é" x\n{"é",l="\\n"} 1\n'),
  deletedState([["job", "c"]], at(5)),
];
const batch = await encodeBatch(here, states);

async function codeOf(body: Uint8Array, options?: { maxBytes?: number }): Promise<string> {
  try {
    await decodeBatch(body, options);
    return "read";
  } catch (error) {
    if (error instanceof BatchError) return error.code;
    throw error;
  }
}

/** With all its states. */
async function decoded(body: Uint8Array) {
  const { from, states } = await decodeBatch(body);
  return { from, states: [...states] };
}

async function embedded(): Promise<{ replication: Replication } & AsyncDisposable> {
  const store = await createEmbeddedStore({ region: there });
  if (store.replication === null) throw new Error("a store with a region replicates");
  return { replication: store.replication, [Symbol.asyncDispose]: () => store.close() };
}

test("a batch brings states with their contents, and says who sent it", async () => {
  const { from, states: received } = await decoded(batch);
  expect(from).toBe(here);
  expect(received.map(({ line }) => line.id)).toEqual(states.map(({ id }) => id));
  expect(received.map(({ contents }) => contents.map(String))).toEqual([
    [
      'm{instance="",job="a"} 1\n',
      'n{instance="",job="a"} 2\n',
      expect.stringContaining('h_count{instance="",job="a"} 3\n'),
    ],
    ['{"é",instance="",job="b",l="\\n"} 1\n'],
    [],
  ]);
});

test("a batch may be empty", async () => {
  expect((await decoded(await encodeBatch(here, []))).states).toBeEmpty();
});

test("a batch that ends too early is noticed, wherever that is", async () => {
  for (let length = 2; length < batch.length; length++) {
    expect(await codeOf(batch.subarray(0, length))).toBeOneOf(["truncated", "corrupt"]);
  }
});

test("what is inside is checked as well: gzip that somebody made anew hides nothing", async () => {
  const inside = gunzipSync(batch);
  for (let length = 0; length < inside.length; length++) {
    expect(await codeOf(gzipSync(inside.subarray(0, length)))).not.toBe("read");
  }
  await fc.assert(
    fc.asyncProperty(
      fc.nat({ max: inside.length - 1 }),
      fc.integer({ min: 1, max: 255 }),
      async (place, change) => {
        const damaged = Buffer.from(inside);
        damaged[place] = (damaged[place] ?? 0) ^ change;
        expect(await codeOf(gzipSync(damaged))).not.toBe("read");
      },
    ),
    { numRuns: 300 },
  );
});

test("a byte that changed on its way is noticed, or meant nothing", async () => {
  const sent = await decoded(batch);
  await fc.assert(
    fc.asyncProperty(
      fc.nat({ max: batch.length - 1 }),
      fc.integer({ min: 1, max: 255 }),
      async (place, change) => {
        const damaged = Buffer.from(batch);
        damaged[place] = (damaged[place] ?? 0) ^ change;
        if ((await codeOf(damaged)) === "read") expect(await decoded(damaged)).toEqual(sent);
      },
    ),
    { numRuns: 500 },
  );
});

test.each([
  ["nothing", Buffer.of(), "not-a-batch"],
  ["a text", Buffer.from("m 1\n"), "not-a-batch"],
  ["another gzip", gzipSync("m 1\n"), "not-a-batch"],
  ["another format", gzipSync("pushfleet-batch/2 here\nend 0 00000000\n"), "not-a-batch"],
])("%s is no batch", async (_, body, code) => {
  expect(await codeOf(body)).toBe(code);
});

test("a batch is not decompressed beyond what it may be", async () => {
  const bomb = gzipSync(Buffer.alloc(10_000_000));
  expect(bomb.length).toBeLessThan(20_000);
  expect(await codeOf(bomb, { maxBytes: 1_000_000 })).toBe("too-large");
  expect(await codeOf(batch, { maxBytes: 100_000 })).toBe("read");
});

test("a batch has no more states than a store can be given, and no more than it says", async () => {
  const line = `${JSON.stringify({ id: "x", families: [] })}\n\n`;
  const batchWith = (states: number, said = states) => {
    const content = Buffer.from(`${magic}here\n${line.repeat(states)}`);
    return gzipSync(Buffer.concat([content, Buffer.from(lastLine(said, crc32(content)))]));
  };
  expect((await decoded(batchWith(maxStates))).states).toHaveLength(maxStates);
  expect(await codeOf(batchWith(maxStates + 1))).toBe("malformed");
  for (const said of [0, 2, 4]) expect(await codeOf(batchWith(3, said))).toBe("malformed");
});

test("a large group travels in parts that together are the group", () => {
  const state = stateOf("a", Array.from({ length: 50 }, (_, i) => `m${i} ${i}\n`).join(""));
  const parts = splitState(state, 2_000);
  expect(parts.length).toBeGreaterThan(2);
  for (const part of parts) expect(stateSize(part)).toBeLessThan(2_400);
  expect(parts.flatMap(({ families }) => families)).toEqual(state.families);
  expect(splitState(state, 1_000_000)).toEqual([state]);
});

test("a batch is merged, and what was known is not told as new", async () => {
  await using store = await embedded();
  const { nowMicros, history } = await store.replication.standing();
  const answer = await mergeBatch(store.replication, await admitBatch(batch));
  expect(answer).toMatchObject({ region: there, history, outcomes: { merged: 3, changed: 3, refused: [] } });
  expect(answer.now_micros).toBeGreaterThanOrEqual(nowMicros);
  expect((await mergeBatch(store.replication, await admitBatch(batch))).outcomes).toEqual({
    merged: 3,
    changed: 0,
    refused: [],
  });
});

test("a state that cannot be admitted, or is ahead of the clock, is refused by itself", async () => {
  await using store = await embedded();
  const { nowMicros } = await store.replication.standing();
  const ahead = stateOf("ahead", "m 1\n", at(nowMicros + 3_600_000_000));
  const invalid = { ...stateOf("invalid", "m 1\n"), life: null };
  const long = { ...deletedState([["job", "long"]], at(5)), id: "x".repeat(100_000) as GroupId };
  const fine = stateOf("fine", "m 1\n");
  const mixed = await encodeBatch(here, [ahead, invalid, long, fine]);
  const { outcomes } = await mergeBatch(store.replication, await admitBatch(mixed));
  expect(outcomes).toEqual({
    merged: 1,
    changed: 1,
    refused: [
      { id: invalid.id, reason: "invalid", detail: "it has labels without a life" },
      { id: "x".repeat(200), reason: "invalid", detail: "it has no id" },
      {
        id: ahead.id,
        reason: "ahead",
        detail: expect.stringMatching(/^it has a version (3600|3599) s ahead/),
      },
    ],
  });
});

test("a backlog is merged to its last state, and each refusal is of the state that it tells", async () => {
  await using store = await embedded();
  const { nowMicros } = await store.replication.standing();
  // In the small steps that a batch begins with, and in the large ones behind.
  const ahead = new Set([7, 290]);
  const states = Array.from({ length: 300 }, (_, i) =>
    stateOf(`job-${i}`, "m 1\n", ahead.has(i) ? at(nowMicros + 3_600_000_000) : undefined),
  );
  const { outcomes } = await mergeBatch(store.replication, await admitBatch(await encodeBatch(here, states)));
  expect(outcomes).toMatchObject({ merged: 298, changed: 298 });
  expect(outcomes.refused.map(({ id }) => id)).toEqual([states[7]?.id, states[290]?.id]);
});
