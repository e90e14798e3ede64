import {
  decodeProtobuf,
  encodeMetrics,
  type Family,
  familyPrefix,
  formatFloat,
  type NameScheme,
  parseText,
} from "@pushfleet/exposition";
import { AdmissionError, admit, groupOf, parseGroupPath } from "@pushfleet/groups";
import type { ShippedFamily, VersionedGroup } from "@pushfleet/store";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ACCEPTED, ACCEPTED_HERE_ONLY, ACCEPTED_UTF8_NAMES } from "../../exposition/src/corpus/accepted.ts";
import { createReadmission } from "./admit-again.ts";
import { decodeBatch } from "./read-batch.ts";
import { maxFamilies } from "./read-state.ts";
import { at, deletedState, here, pushedState, shipped, there } from "./states.fixture.ts";
import { encodeBatch } from "./write-batch.ts";

const paths = [
  "/job/a",
  "/job/a/instance/i",
  "/job/a%2Fb/x@base64/Li4",
  "/job/%22%5C%0A/le/1/quantile/0.5",
  "/job/a/empty/",
  "/job/%F0%9F%98%B1/a/overrides",
];

async function arrived(state: VersionedGroup<ShippedFamily>) {
  const { states } = await decodeBatch(await encodeBatch(here, [state]));
  const [received] = states;
  if (received === undefined) throw new Error("no state arrived");
  return createReadmission()(received);
}

async function expectSame(
  families: readonly Family[],
  path: string,
  names: NameScheme = "utf8",
): Promise<boolean> {
  const labels = parseGroupPath(path, { names });
  let admitted: ReturnType<typeof admit>;
  try {
    admitted = admit(families, labels);
  } catch (error) {
    if (error instanceof AdmissionError) return false;
    throw error;
  }
  const { families: again } = await arrived(pushedState(labels, admitted));
  for (const [
    index,
    { name, type, help, text, proto, metrics, unprinted, seriesCount },
  ] of admitted.entries()) {
    const family = again[index]?.family;
    expect(family).toMatchObject({ name, type, help, text, unprinted, seriesCount });
    expect(family?.proto).toEqual(proto);
    expect(Array.from(family?.metrics ?? [], ({ identity }) => identity)).toEqual(
      Array.from(metrics, ({ identity }) => identity),
    );
  }
  return true;
}

test("what a push was admitted with is admitted again, byte by byte: texts", async () => {
  const bodies = [...ACCEPTED, ...ACCEPTED_HERE_ONLY, ...ACCEPTED_UTF8_NAMES];
  let admitted = 0;
  for (const [body] of bodies) {
    const families = parseText(Buffer.from(body, "latin1"), { names: "utf8" });
    for (const path of paths) if (await expectSame(families, path)) admitted++;
  }
  expect(admitted).toBeGreaterThan(bodies.length * 3);
});

test("what a push was admitted with is admitted again, byte by byte: random messages", async () => {
  const number = fc.oneof(
    fc.double(),
    fc.constantFrom(0, -0, 1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53 + 2, 1.5, 2 ** 64),
  );
  const count = fc.oneof(
    fc.nat(),
    fc.double({ min: 0 }),
    fc.constantFrom(Number.NaN, 2 ** 63, 2 ** 70, 0.25),
  );
  const text = fc.string({ unit: "grapheme" });
  const labels = fc.uniqueArray(fc.tuple(fc.constantFrom("a", "b.c", "instance", "job", "zé"), text), {
    selector: ([name]) => name,
  });
  const exemplar = fc.record(
    {
      labels: fc.constant([["t", "1"] as const]),
      value: number,
      timestampSeconds: fc.constantFrom(1.25, 0, -1.5),
    },
    { requiredKeys: ["labels", "value"] },
  );
  const simple = fc.record({ kind: fc.constant("simple" as const), value: number });
  const counter = fc.record(
    {
      kind: fc.constant("simple" as const),
      value: number,
      exemplar,
      createdSeconds: fc.constantFrom(1.5, 0),
    },
    { requiredKeys: ["kind", "value"] },
  );
  const summary = fc.record(
    {
      kind: fc.constant("summary" as const),
      count,
      sum: number,
      quantiles: fc.array(fc.tuple(number, number), { maxLength: 3 }),
      createdSeconds: fc.constantFrom(1.5),
    },
    { requiredKeys: ["kind", "count", "sum", "quantiles"] },
  );
  const bucket = fc.record(
    { upperBound: number, cumulativeCount: count, exemplar },
    { requiredKeys: ["upperBound", "cumulativeCount"] },
  );
  const histogram = fc.record(
    {
      kind: fc.constant("histogram" as const),
      count,
      sum: number,
      buckets: fc.array(bucket, { maxLength: 4 }),
      exemplars: fc.array(exemplar, { minLength: 1, maxLength: 1 }),
    },
    { requiredKeys: ["kind", "count", "sum", "buckets"] },
  );
  const name = fc.constantFrom("m", "m_count", "a.b", "é", "push_x", "sum");
  const family = fc.oneof(
    ...(
      [
        ["gauge", simple],
        ["untyped", simple],
        ["counter", counter],
        ["summary", summary],
        ["histogram", histogram],
        ["gaugehistogram", histogram],
      ] as const
    ).map(
      ([type, data]) =>
        fc.record({
          name,
          help: text,
          type: fc.constant(type),
          metrics: fc.array(
            fc.record({ labels, data: data as fc.Arbitrary<Family["metrics"][number]["data"]> }),
            { minLength: 1, maxLength: 3 },
          ),
        }), // each of its type
    ),
  );
  let admitted = 0;
  await fc.assert(
    fc.asyncProperty(
      family,
      fc.constantFrom(...paths),
      async ({ name: familyName, help, type, metrics }, path) => {
        const fields = encodeMetrics(type, metrics);
        const body = Buffer.concat([familyPrefix({ name: familyName, help, type }, fields.length), fields]);
        // As it is when it was pushed: numbers that no message can hold are others then.
        if (await expectSame(decodeProtobuf(body), path)) admitted++;
      },
    ),
    { numRuns: 1500 },
  );
  expect(admitted).toBeGreaterThan(300);
});

const labels = [
  ["instance", "i"],
  ["job", "j"],
] as const;
const [gauge] = admit(
  parseText(Buffer.from("m 1\n"), { names: "utf8" }),
  parseGroupPath("/job/j/instance/i", { names: "utf8" }),
);
if (gauge === undefined) throw new Error("a gauge is admitted");
const honest = pushedState(labels, [gauge], at(2_000_000));

test("a deletion needs no labels", async () => {
  expect(await arrived(deletedState(labels, at(7, there)))).toEqual({
    id: groupOf(labels).id,
    labels: null,
    floor: at(7, there),
    deleted: at(7, there),
    life: null,
    pushed: null,
    failed: null,
    families: [],
  });
});

const ended = {
  ...honest,
  labels: null,
  life: { version: at(2_000_000), expiresAtMs: 3_000 },
  pushed: null,
  families: [],
};

test("what is remembered of a group that has expired needs no labels, nor does a failure after a deletion", async () => {
  expect(await arrived(ended)).toEqual(ended);
  const deleted = { ...deletedState(labels, at(7)), failed: { version: at(8, there), atMicros: 8 } };
  expect(await arrived(deleted)).toEqual(deleted);
});

const withText = (text: string, change: Partial<ShippedFamily["family"]> = {}) => {
  const family = shipped({ ...gauge, text }, at(2_000_000));
  return { ...honest, families: [{ ...family, family: { ...family.family, ...change } }] };
};

test.each<[string, VersionedGroup<ShippedFamily>, string]>([
  ["labels of another group", { ...honest, id: groupOf([["job", "other"]]).id }, "those of another group"],
  ["labels in no order", { ...honest, labels: [...labels].reverse() }, "not in their canonical form"],
  ["an empty label", { ...honest, labels: [...labels, ["z", ""]] }, "not in their canonical form"],
  ["a label twice", { ...honest, labels: [...labels, ["job", "k"]] }, "not in their canonical form"],
  ["a reserved label", { ...honest, labels: [["__x", "y"], ...labels] }, "not those of a group"],
  ["no job", { ...honest, labels: [["instance", "i"]] }, "not those of a group"],
  ["half a character", { ...honest, labels: [["job", "\ud800"]] }, "the labels are none"],
  ["a life below the floor", { ...honest, floor: at(2_000_001) }, "lives by what was before its floor"],
  [
    "a family below the floor",
    { ...honest, floor: at(2_000_000), families: [shipped(gauge, at(1_999_999))] },
    "from before the floor",
  ],
  [
    "a family after the life",
    { ...honest, families: [shipped(gauge, at(2_000_001))] },
    "from after what the group lives by",
  ],
  ["a deletion without a floor", { ...honest, deleted: at(1) }, "deleted after its floor"],
  [
    "a push before the deletion",
    { ...honest, floor: at(5), deleted: at(5), pushed: { version: at(4), atMicros: 4 } },
    "its push was before",
  ],
  ["labels without a life", { ...honest, life: null }, "labels without a life"],
  [
    "a deletion with families",
    { ...honest, labels: null, life: null, floor: at(9_000_000) },
    "it is gone and is there",
  ],
  [
    "an expired group that never ends",
    { ...honest, labels: null, pushed: null, families: [] },
    "a life without labels that is not an ended one",
  ],
  [
    "an expired group with a failure",
    { ...ended, failed: { version: at(2_000_001), atMicros: 2_000_001 } },
    "a life without labels that is not an ended one",
  ],
  [
    "a failure before the deletion",
    { ...deletedState(labels, at(7)), failed: { version: at(6), atMicros: 6 } },
    "its failure was before",
  ],
  [
    "nothing at all",
    { ...honest, labels: null, life: null, pushed: null, families: [] },
    "nothing ever happened",
  ],
  [
    "a life of no region",
    { ...honest, life: { version: { micros: 3_000_000, region: "0" as typeof here }, expiresAtMs: null } },
    "life has no version",
  ],
  [
    "a time before the epoch",
    { ...honest, life: { version: at(2_000_000), expiresAtMs: -1 } },
    "life has no time",
  ],
  [
    "an end that is no date",
    { ...honest, life: { version: at(2_000_000), expiresAtMs: 8.64e15 + 1 } },
    "life ends after all dates",
  ],
  ["a family twice", { ...honest, families: [...honest.families, ...honest.families] }, "is there twice"],
  [
    "more families than a store is given at once",
    { ...honest, families: Array.from({ length: maxFamilies + 1 }, () => shipped(gauge, at(2_000_000))) },
    "more than 200000 families",
  ],
  [
    "a family without a name",
    { ...honest, families: honest.families.map((family) => ({ ...family, name: "" })) },
    "has no name",
  ],
  ["lines of another family", withText('m{instance="i",job="j"} 1\nn 1\n'), "lines of other families"],
  ["a type in the text", withText("# TYPE n gauge\nn 1\n"), "has nothing in it"],
  ["no lines", withText(""), "has nothing in it"],
  ["a timestamp", withText('m{instance="i",job="j"} 1 1000\n'), "must not have timestamps"],
  ["what is no text", withText("m{\n"), "text format parsing error"],
  [
    "a series twice",
    withText('m{instance="i",job="j"} 1\nm{instance="i",job="j"} 2\n'),
    "was collected before",
  ],
  [
    "what is no message",
    withText("", { proto: Buffer.from("xyz") }),
    "cannot parse invalid wire-format data",
  ],
])("%s is refused", async (_, state, problem) => {
  await expect(arrived(state)).rejects.toThrow(problem);
});

test("names that are the gateway's own are refused", async () => {
  const [name, push] = ["pushfleet_x", "push_time_seconds"];
  for (const taken of [name, push]) {
    const family = shipped({ ...gauge, name: taken, text: `${taken} 1\n` }, at(2_000_000));
    await expect(arrived({ ...honest, families: [family] })).rejects.toThrow(/reserved|not stored/);
  }
});

test("families of one group that collide, as after pushes in two regions, are both let in as they are", async () => {
  const path = parseGroupPath("/job/j/instance/i", { names: "utf8" });
  const admitted = (body: string) => admit(parseText(Buffer.from(body), { names: "utf8" }), path);
  const colliding = [
    ...admitted("# TYPE h_count counter\nh_count 5\n"),
    ...admitted("# TYPE h histogram\nh_sum 1\nh_count 2\n"),
    ...admitted("# TYPE h_sum gauge\nh_sum 7\n"),
  ];
  const { families } = await arrived(pushedState(labels, colliding));
  expect(families.map(({ family }) => family.text)).toEqual(colliding.map(({ text }) => text));
  expect(families.map(({ family }) => family.type)).toEqual(["counter", "histogram", "gauge"]);
});

test("labels of others in a text become those of the group", async () => {
  const state = withText('m{instance="x",job="y"} 1\n');
  const { families } = await arrived(state);
  expect(families[0]?.family.text).toBe(`m{instance="i",job="j"} ${formatFloat(1)}\n`);
});
