import { describe, expect, test } from "vitest";
import type { Family, Metric, MetricType } from "./family.ts";
import { type ContentLimits, LimitExceeded, noLimits, shown } from "./limits.ts";
import { decodeProtobuf } from "./protobuf-reader.ts";
import { encodeMetrics, familyPrefix } from "./protobuf-writer.ts";
import { createTextParser, parseText } from "./text-parser.ts";
import { familyHeader, metricText } from "./text-writer.ts";

type Read = (families: readonly Family[], limits: ContentLimits) => Family[];

function protobuf(families: readonly Family[]): Buffer {
  const messages = families.map((family) => {
    const metrics = encodeMetrics(family.type, family.metrics);
    return Buffer.concat([familyPrefix(family, metrics.length), metrics]);
  });
  return Buffer.concat(messages);
}

function text(families: readonly Family[]): Buffer {
  const lines = (family: Family) =>
    family.metrics.map(({ labels, data }) => metricText(family.name, labels, data));
  return Buffer.from(families.map((family) => familyHeader(family) + lines(family).join("")).join(""));
}

const readers: readonly (readonly [string, Read])[] = [
  ["text", (families, limits) => parseText(text(families), { names: "utf8" }, limits)],
  ["protobuf", (families, limits) => decodeProtobuf(protobuf(families), limits)],
  [
    "text that a parser with a memory has met before",
    (families, limits) => {
      const parse = createTextParser({ names: "utf8" });
      for (let i = 0; i < 3; i++) parse(text(families));
      return parse(text(families), limits);
    },
  ],
];

function family(name: string, metrics: readonly Metric[], type: MetricType = "gauge", help = ""): Family {
  return { name, help, type, metrics };
}

function gauge(labels: Readonly<Record<string, string>> = {}): Metric {
  return { labels: Object.entries(labels), data: { kind: "simple", value: 1 } };
}

function numbered(count: number): Readonly<Record<string, string>> {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`l${i}`, "v"]));
}

const histogram: Metric = {
  labels: [],
  data: {
    kind: "histogram",
    count: 3,
    sum: 1,
    buckets: [
      { upperBound: 1, cumulativeCount: 1 },
      { upperBound: 2, cumulativeCount: 2 },
      { upperBound: Number.POSITIVE_INFINITY, cumulativeCount: 3 },
    ],
  },
};

const summary: Metric = { labels: [], data: { kind: "summary", count: 3, sum: 1, quantiles: [[0.5, 1]] } };

/** What fits exactly, what it takes, and whose excess it is with one less. */
const cases: readonly (readonly [keyof ContentLimits, readonly Family[], number, string])[] = [
  ["push.max-families", [family("a", [gauge()]), family("b", [gauge()])], 2, '"b" is one too many'],
  ["push.max-series", [family("a", [gauge({ x: "1" }), gauge({ x: "2" })])], 2, 'one of "a" is too many'],
  ["push.max-series", [family("a", [gauge()]), family("b", [gauge()])], 2, 'one of "b" is too many'],
  ["push.max-series", [family("h", [histogram], "histogram")], 5, 'one of "h" is too many'],
  ["push.max-series", [family("s", [summary], "summary")], 3, 'one of "s" is too many'],
  ["push.max-labels", [family("a", [gauge(numbered(5))])], 5, 'a series of "a" has more than 4 labels'],
  ["push.max-metric-name-length", [family("abcdef", [gauge()])], 6, 'the metric name "abcdef"'],
  ["push.max-metric-name-length", [family("größe", [gauge()])], 7, 'the metric name "größe"'],
  ["push.max-help-length", [family("a", [gauge()], "gauge", "x\ny ü")], 6, 'the help of "a"'],
  ["push.max-label-name-length", [family("a", [gauge({ lang: "1" })])], 4, 'the label name "lang"'],
  ["push.max-label-name-length", [family("a", [gauge({ größe: "1" })])], 7, 'the label name "größe"'],
  ["push.max-label-value-length", [family("a", [gauge({ x: "ü\n" })])], 3, 'the value of label "x"'],
];

describe.each(readers)("in %s", (_, read) => {
  test.each(cases)("%s lets in what fits and nothing more (%#)", (limit, families, enough, offence) => {
    const names = families.map(({ name }) => name);
    expect(read(families, { ...noLimits, [limit]: enough }).map(({ name }) => name)).toEqual(names);
    const attempt = () => read(families, { ...noLimits, [limit]: enough - 1 });
    expect(attempt).toThrow(LimitExceeded);
    expect(attempt).toThrow(offence);
    expect(attempt).toThrow(`${enough - 1}`);
    expect(attempt).toThrow(`(limit --${limit})`);
  });
});

describe("in protobuf", () => {
  const tooMany = (families: readonly Family[], enough: number) => {
    const body = protobuf(families);
    expect(decodeProtobuf(body, { ...noLimits, "push.max-series": enough })).toHaveLength(families.length);
    expect(() => decodeProtobuf(body, { ...noLimits, "push.max-series": enough - 1 })).toThrow(LimitExceeded);
  };

  test("buckets, spans and exemplars of native histograms count as series", () => {
    const native = {
      isFloat: false,
      schema: 1,
      zeroThreshold: 0,
      zeroCount: 0,
      negativeSpans: [],
      negativeDeltas: [],
      negativeCounts: [],
      positiveSpans: [{ offset: 0, length: 4 }],
      positiveDeltas: [1, 1, 1, 1],
      positiveCounts: [],
    };
    const exemplars = [{ labels: [], value: 1 }];
    const metric: Metric = {
      labels: [],
      data: { kind: "histogram", count: 1, sum: 1, buckets: [], native, exemplars },
    };
    // Two of its own, a span, four buckets, an exemplar.
    tooMany([family("h", [metric], "histogram")], 8);
  });

  test("families without a name and metrics without anything count too, of which a body holds millions", () => {
    const nameless = Buffer.alloc(1_000_000);
    expect(() => decodeProtobuf(nameless, { ...noLimits, "push.max-families": 999_999 })).toThrow(
      LimitExceeded,
    );
    const length = [0xc0, 0x84, 0x3d]; // 1,000,000 as a varint
    const empty = Buffer.concat([Buffer.from(length), Buffer.alloc(1_000_000, Buffer.from([0x22, 0x00]))]);
    expect(() => decodeProtobuf(empty, { ...noLimits, "push.max-series": 499_999 })).toThrow(LimitExceeded);
    expect(decodeProtobuf(empty, { ...noLimits, "push.max-series": 500_000 })).toHaveLength(1);
  });

  test("labels of an exemplar are counted like those of a series", () => {
    const exemplar = { labels: Object.entries(numbered(3)), value: 1 };
    const body = protobuf([
      family("c", [{ labels: [], data: { kind: "simple", value: 1, exemplar } }], "counter"),
    ]);
    expect(decodeProtobuf(body, { ...noLimits, "push.max-labels": 3 })).toHaveLength(1);
    expect(() => decodeProtobuf(body, { ...noLimits, "push.max-labels": 2 })).toThrow(LimitExceeded);
  });
});

test("in text, families that only comments name count too", () => {
  const body = Buffer.from("# HELP a x\n# TYPE b gauge\nc 1\n");
  expect(parseText(body, { names: "utf8" }, { ...noLimits, "push.max-families": 3 })).toHaveLength(1);
  expect(() => parseText(body, { names: "utf8" }, { ...noLimits, "push.max-families": 2 })).toThrow(
    '"c" is one too many',
  );
});

test("a long name is cut in messages, between characters", () => {
  expect(shown("x".repeat(64))).toBe(`"${"x".repeat(64)}"`);
  expect(shown("x".repeat(65))).toBe(`"${"x".repeat(64)}"…`);
  expect(shown(`${"x".repeat(63)}💥`).isWellFormed()).toBeTrue();
});

test("a message names the limit, its value and the offender", () => {
  const error = new LimitExceeded("job.max-groups", { value: 7, offender: shown("a"), retryAfterMs: 1 });
  expect(error.message).toBe('the job "a" has 7 groups already (limit --job.max-groups)');
});
