import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Exemplar, ExpositionError, type Family, type HistogramData, type Metric } from "./family.ts";
import { decodeMetrics, decodeProtobuf } from "./protobuf-reader.ts";
import { encodeMetrics, familyPrefix, needsProto } from "./protobuf-writer.ts";

/** Written by Go: prometheus/client_model 0.6.2 through prometheus/common 0.67 expfmt, one family each. */
const WRITTEN_BY_GO = {
  counter:
    "awoKam9ic190b3RhbBIFSm9icy4YACJUCg0KBXF1ZXVlEgRtYWlsGkMJAAAAAAAARUASKgoSCgh0cmFjZV9pZBIGNGJmOTJmEQAAAAAAAPA/GgsIgOLPqgYQgOWadxoMCIC17aUGEIDKte4B",
  gauge:
    "TQoLdGVtcGVyYXR1cmUSB0luIMKwQy4YASIbCg4KBHJvb20SBmvDvGNoZRIJCQAAAAAAAPi/IhYSCQkAAAAAAADwfzD///////////8B",
  untyped: "FAoDYW55GAMiCyoJCZqZmZmZmbk/",
  summary:
    "YAoLcnBjX3NlY29uZHMYAiJPIk0IgICAgICAgBARAAAAAAAAKUAaEgkAAAAAAADgPxF7FK5H4XqEPxoSCa5H4XoUru8/EQAAAAAAAABAIhEI/v//////////ARCAr9DlAg==",
  histogram:
    "ewoKc2l6ZV9ieXRlcxgEIms6aQgDEQAAAAAAAPw/GiUIAREAAAAAAADQPxoYCg0KCHRyYWNlX2lkEgFhEZqZmZmZmck/Gi0IAxEAAAAAAADwfxogCg0KCHRyYWNlX2lkEgFiEQAAAAAAAPA/GgYIgeLPqgZ6BgiAte2lBg==",
  floatHistogram:
    "TAoKc2l6ZV9ieXRlcxgEIjw6OhEAAAAAAADwPxoSEQAAAAAAAPA/IQAAAAAAAPg/GhIRAAAAAAAA8H8hAAAAAAAABEAhAAAAAAAABEA=",
  gaugeHistogram: "KQoJcXVldWVfYWdlGAUiGjoYCAIRAAAAAAAACMAaCwgCEQAAAAAAACRA",
  nativeHistogram:
    "rAEKD2xhdGVuY3lfc2Vjb25kcxIITGF0ZW5jeS4YBCKMAQoJCgRwYXRoEgEvOn8IDBFmZmZmZmYyQCgBMQAAAAAAAPA3OAJKBAgFEAFQCGIECAAQAmIECAIQAmgCaAJoAWgAegkIgLXtpQYQ6AeCASIKDQoIdHJhY2VfaWQSAWMRZmZmZmZm5j8aCAiC4s+qBhABggEYCg0KCHRyYWNlX2lkEgFkEZqZmZmZmek/",
  nativeFloatHistogram:
    "ZAoPbGF0ZW5jeV9zZWNvbmRzGAUiTzpNEQAAAAAAAAhAIQAAAAAAAB5AKBAx/Knx0k1iUD9BAAAAAAAA4D9KBAgKEAFZAAAAAAAABEBiBAgTEAJxAAAAAAAA+D9xAAAAAAAACEA=",
  unit: "HQoDdHdvGAEiCxIJCQAAAAAAAPA/KgdzZWNvbmRz",
  misfit: "HAoDb2RkGAAiEwoGCgFhEgFiEgkJAAAAAAAA8D8=",
} as const;

const writtenByGo = (name: keyof typeof WRITTEN_BY_GO): Uint8Array =>
  Buffer.from(WRITTEN_BY_GO[name], "base64");

const trace = (id: string): Pick<Exemplar, "labels"> => ({ labels: [["trace_id", id]] });

const READ: Record<keyof typeof WRITTEN_BY_GO, Family> = {
  counter: {
    name: "jobs_total",
    help: "Jobs.",
    type: "counter",
    metrics: [
      {
        labels: [["queue", "mail"]],
        data: {
          kind: "simple",
          value: 42,
          exemplar: { ...trace("4bf92f"), value: 1, timestampSeconds: 1700000000.25 },
          createdSeconds: 1690000000.5,
        },
      },
    ],
  },
  gauge: {
    name: "temperature",
    help: "In °C.",
    type: "gauge",
    metrics: [
      { labels: [["room", "küche"]], data: { kind: "simple", value: -1.5 } },
      { labels: [], timestampMs: -1, data: { kind: "simple", value: Number.POSITIVE_INFINITY } },
    ],
  },
  untyped: {
    name: "any",
    help: "",
    type: "untyped",
    metrics: [{ labels: [], data: { kind: "simple", value: 0.1 } }],
  },
  summary: {
    name: "rpc_seconds",
    help: "",
    type: "summary",
    metrics: [
      {
        labels: [],
        data: {
          kind: "summary",
          count: 2 ** 53,
          sum: 12.5,
          quantiles: [
            [0.5, 0.01],
            [0.99, 2],
          ],
          createdSeconds: -1.25,
        },
      },
    ],
  },
  histogram: {
    name: "size_bytes",
    help: "",
    type: "histogram",
    metrics: [
      {
        labels: [],
        data: {
          kind: "histogram",
          count: 3,
          sum: 1.75,
          buckets: [
            { upperBound: 0.25, cumulativeCount: 1, exemplar: { ...trace("a"), value: 0.2 } },
            {
              upperBound: Number.POSITIVE_INFINITY,
              cumulativeCount: 3,
              exemplar: { ...trace("b"), value: 1, timestampSeconds: 1700000001 },
            },
          ],
          createdSeconds: 1690000000,
        },
      },
    ],
  },
  floatHistogram: {
    name: "size_bytes",
    help: "",
    type: "histogram",
    metrics: [
      {
        labels: [],
        data: {
          kind: "histogram",
          count: 2.5,
          sum: 1,
          buckets: [
            { upperBound: 1, cumulativeCount: 1.5 },
            { upperBound: Number.POSITIVE_INFINITY, cumulativeCount: 2.5 },
          ],
        },
      },
    ],
  },
  gaugeHistogram: {
    name: "queue_age",
    help: "",
    type: "gaugehistogram",
    metrics: [
      {
        labels: [],
        data: {
          kind: "histogram",
          count: 2,
          sum: -3,
          buckets: [{ upperBound: 10, cumulativeCount: 2 }],
        },
      },
    ],
  },
  nativeHistogram: {
    name: "latency_seconds",
    help: "Latency.",
    type: "histogram",
    metrics: [
      {
        labels: [["path", "/"]],
        data: {
          kind: "histogram",
          count: 12,
          sum: 18.4,
          buckets: [],
          native: {
            isFloat: false,
            schema: -1,
            zeroThreshold: 2 ** -128,
            zeroCount: 2,
            negativeSpans: [{ offset: -3, length: 1 }],
            negativeDeltas: [4],
            negativeCounts: [],
            positiveSpans: [
              { offset: 0, length: 2 },
              { offset: 1, length: 2 },
            ],
            positiveDeltas: [1, 1, -1, 0],
            positiveCounts: [],
          },
          exemplars: [
            { ...trace("c"), value: 0.7, timestampSeconds: 1700000002 },
            { ...trace("d"), value: 0.8 },
          ],
          createdSeconds: 1690000000.000001,
        },
      },
    ],
  },
  nativeFloatHistogram: {
    name: "latency_seconds",
    help: "",
    type: "gaugehistogram",
    metrics: [
      {
        labels: [],
        data: {
          kind: "histogram",
          count: 7.5,
          sum: 3,
          buckets: [],
          native: {
            isFloat: true,
            schema: 8,
            zeroThreshold: 0.001,
            zeroCount: 0.5,
            negativeSpans: [{ offset: 5, length: 1 }],
            negativeDeltas: [],
            negativeCounts: [2.5],
            positiveSpans: [{ offset: -10, length: 2 }],
            positiveDeltas: [],
            positiveCounts: [1.5, 3],
          },
        },
      },
    ],
  },
  unit: {
    name: "two",
    help: "",
    type: "gauge",
    metrics: [{ labels: [], data: { kind: "simple", value: 1 } }],
  },
  misfit: {
    name: "odd",
    help: "",
    type: "counter",
    metrics: [{ labels: [["a", "b"]], data: { kind: "missing" } }],
  },
};

const names = Object.keys(READ) as (keyof typeof READ)[];

function encode(family: Family): Uint8Array {
  const metrics = encodeMetrics(family.type, family.metrics);
  return Buffer.concat([familyPrefix(family, metrics.length), metrics]);
}

describe("reading what Go wrote", () => {
  test.each(names)("a %s arrives whole", (name) => {
    expect(decodeProtobuf(writtenByGo(name))).toStrictEqual([READ[name]]);
  });

  test("families keep their order in one body", () => {
    const read = decodeProtobuf(Buffer.concat([writtenByGo("gauge"), writtenByGo("counter")]));
    expect(read).toStrictEqual([READ.gauge, READ.counter]);
  });

  test("of two families of one name the last counts", () => {
    const read = decodeProtobuf(Buffer.concat([writtenByGo("histogram"), writtenByGo("floatHistogram")]));
    expect(read).toStrictEqual([READ.floatHistogram]);
  });

  test("an empty body has no families", () => {
    expect(decodeProtobuf(new Uint8Array())).toStrictEqual([]);
  });

  test("a plain Uint8Array in the middle of a larger one reads the same as a Buffer", () => {
    const bytes = writtenByGo("summary");
    const larger = new Uint8Array(bytes.length + 10);
    larger.set(bytes, 5);
    expect(decodeProtobuf(larger.subarray(5, 5 + bytes.length))).toStrictEqual([READ.summary]);
  });
});

describe("writing", () => {
  test.each(names)("a %s reads back the same", (name) => {
    expect(decodeProtobuf(encode(READ[name]))).toStrictEqual([READ[name]]);
  });

  test.each(names)("the metrics alone of a %s read back the same", (name) => {
    const { type, metrics } = READ[name];
    expect(decodeMetrics(encodeMetrics(type, metrics))).toStrictEqual(metrics);
  });

  test("metric fields of several groups share one prefix", () => {
    const { name, help, type, metrics } = READ.gauge;
    const parts = metrics.map((metric) => encodeMetrics(type, [metric]));
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    const message = Buffer.concat([familyPrefix({ name, help, type }, length), ...parts]);
    expect(decodeProtobuf(message)).toStrictEqual([READ.gauge]);
  });

  test.each(["counter", "gauge", "untyped", "summary", "histogram", "gaugeHistogram"] as const)(
    "a %s is written byte for byte as Go writes it",
    (name) => {
      expect(Buffer.from(encode(READ[name]))).toStrictEqual(writtenByGo(name));
    },
  );

  test("counts and timestamps at the ends of 64 bits stay there", () => {
    const largest = Buffer.from("ffffffffffffffffff01", "hex");
    const summary = message(0x22, Buffer.concat([Buffer.of(0x08), largest]));
    const created = message(0x22, message(0x22, Buffer.from("08ffffffffffffffff7f", "hex")));
    for (const data of [summary, created]) {
      const metrics = decodeMetrics(message(0x22, data));
      expect(decodeMetrics(encodeMetrics("summary", metrics))).toStrictEqual(metrics);
    }
  });

  test("any metrics read back the same", () => {
    fc.assert(
      fc.property(anyFamily(), (family) => {
        // Not strict: some records here have no prototype.
        expect(decodeProtobuf(encode(family))).toEqual([family]);
      }),
    );
  });
});

describe("what text cannot say", () => {
  test.each(["counter", "summary", "histogram", "nativeHistogram", "nativeFloatHistogram"] as const)(
    "a %s with exemplars, a created time or native buckets needs protobuf",
    (name) => {
      expect(needsProto(READ[name].metrics)).toBe(true);
    },
  );

  test.each(["gauge", "untyped", "floatHistogram", "gaugeHistogram", "misfit"] as const)(
    "a %s does not",
    (name) => {
      expect(needsProto(READ[name].metrics)).toBe(false);
    },
  );
});

describe("bodies that are not what they claim", () => {
  const refused = (hex: string) => () => decodeProtobuf(Buffer.from(hex.replaceAll(" ", ""), "hex"));

  test("a body cut short anywhere within a message ends unexpectedly", () => {
    const body = writtenByGo("nativeHistogram");
    for (let length = 1; length < body.length; length++) {
      expect(() => decodeProtobuf(body.subarray(0, length))).toThrow(new ExpositionError("unexpected EOF"));
    }
  });

  test("a length of gigabytes over a few bytes is refused without allocating them", () => {
    expect(refused("ffffffff7f 616263")).toThrow(new ExpositionError("unexpected EOF"));
    expect(refused("ffffffffffffffff7f 616263")).toThrow(new ExpositionError("unexpected EOF"));
  });

  test("a length of more than 64 bits is refused", () => {
    expect(refused("ffffffffffffffffffffff")).toThrow("proto: variable length integer overflow");
  });

  test.each([
    ["a field that reaches beyond its message", "02 0a05"],
    ["a label that reaches beyond its metric, into the next field", "08 2202 0a05 0a02 6161"],
    ["field number 0", "02 0000"],
    ["wire type 7", "01 07"],
    ["the end of a group that never began", "01 0c"],
    ["a group that never ends", "03 22010b"],
    ["a packed double of 7 bytes", "0f 1804 220b 3a09 5a07 00000000000000"],
    ["groups nested a thousand deep", `e807${"0b".repeat(1000)}`],
  ])("%s is refused", (_, hex) => {
    expect(refused(hex)).toThrow(ExpositionError);
    expect(refused(hex)).toThrow("proto: cannot parse invalid wire-format data");
  });

  test("a type that does not exist is refused", () => {
    expect(refused("05 0a0178 1809")).toThrow(new ExpositionError("unknown metric type 9"));
  });

  test.each([
    ["metric name", "04 0a02fffe"],
    ["label name", "08 2206 0a04 0a02c328"],
    ["label value", "09 2207 0a05 1203eda080"],
  ])("a %s that is not UTF-8 is refused", (what, hex) => {
    expect(refused(hex)).toThrow(ExpositionError);
    expect(refused(hex)).toThrow(`${what} is not utf8`);
  });

  test("U+FFFD itself and a byte order mark are UTF-8 like any other", () => {
    expect(refused("08 0a06 efbfbd efbbbf")()).toMatchObject([{ name: "\uFFFD\uFEFF" }]);
  });

  test("help that is not UTF-8 is repaired", () => {
    expect(refused("06 0a0178 1201ff")()).toMatchObject([{ name: "x", help: "\uFFFD" }]);
  });

  test("unknown fields, and known ones of another wire type, are skipped", () => {
    const body = refused("13 0a0178 0801 3a0161 0b0801 0c 4d01020304 1801");
    expect(body()).toStrictEqual([{ name: "x", help: "", type: "gauge", metrics: [] }]);
  });

  test("a type that comes after the metrics counts for them", () => {
    const value = "09000000000000f03f";
    expect(refused(`0f 220b 1209${value} 1801`)()).toMatchObject([
      { type: "gauge", metrics: [{ data: { kind: "simple", value: 1 } }] },
    ]);
  });

  test("packed and unpacked numbers both count", () => {
    const double = (value: string) => `000000000000${value}`;
    const counts = `71${double("f03f")} 7210${double("0040")}${double("0840")}`;
    const deltas = "5002 5203030104";
    const histogram = Buffer.from((counts + deltas).replaceAll(" ", ""), "hex");
    expect(decodeMetrics(message(0x22, message(0x3a, histogram)))).toMatchObject([
      { data: { native: { positiveCounts: [1, 2, 3], negativeDeltas: [1, -2, -1, 2] } } },
    ]);
  });

  test("whatever the bytes, there are families or an ExpositionError", () => {
    const onlyExpositionErrors = (bytes: Uint8Array) => {
      for (const decode of [decodeProtobuf, decodeMetrics]) {
        try {
          decode(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(ExpositionError);
        }
      }
    };
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), onlyExpositionErrors));
    fc.assert(fc.property(damagedFamily(), onlyExpositionErrors), { numRuns: 1000 });
  });
});

function message(tag: number, content: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.of(tag, content.length), content]);
}

/** What Go wrote with a few bytes changed, so that the damage is deep inside. */
function damagedFamily(): fc.Arbitrary<Uint8Array> {
  const change = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }));
  return fc
    .tuple(fc.constantFrom(...names), fc.array(change, { minLength: 1, maxLength: 4 }))
    .map(([name, changes]) => {
      const bytes = Buffer.from(writtenByGo(name));
      for (const [position, value] of changes) bytes[position % bytes.length] = value;
      return bytes;
    });
}

function anyFamily(): fc.Arbitrary<Family> {
  const text = fc.string({ unit: "grapheme", maxLength: 12 });
  const value = fc.double();
  const count = fc.nat({ max: Number.MAX_SAFE_INTEGER });
  const fraction = fc.double({ min: 0.001, max: 1e9, noNaN: true });
  const milliseconds = fc.integer({ min: -(10 ** 12), max: 10 ** 13 });
  const seconds = milliseconds.map((ms) => Math.floor(ms / 1000) + (((ms % 1000) + 1000) % 1000) / 1000);
  const labels = fc.array(fc.tuple(text, text), { maxLength: 4 });
  const exemplar = fc.record(
    { labels, value, timestampSeconds: seconds },
    { requiredKeys: ["labels", "value"] },
  );
  const metrics = (data: fc.Arbitrary<Metric["data"]>) =>
    fc.array(
      fc.record(
        {
          labels,
          data: fc.oneof(data, fc.constant({ kind: "missing" } as const)),
          timestampMs: milliseconds,
        },
        { requiredKeys: ["labels", "data"] },
      ),
      { maxLength: 5 },
    );

  const simple = fc.record({ kind: fc.constant("simple" as const), value });
  const counter = fc.record(
    { kind: fc.constant("simple" as const), value, exemplar, createdSeconds: seconds },
    { requiredKeys: ["kind", "value"] },
  );
  const summary = fc.record(
    {
      kind: fc.constant("summary" as const),
      count,
      sum: value,
      quantiles: fc.array(fc.tuple(value, value)),
      createdSeconds: seconds,
    },
    { requiredKeys: ["kind", "count", "sum", "quantiles"] },
  );
  const spans = fc.array(
    fc.record({ offset: fc.integer(), length: fc.integer({ min: 0, max: 2 ** 32 - 1 }) }),
  );
  const deltas = fc.array(fc.maxSafeInteger());
  const none = fc.constant([]);
  const native = (isFloat: boolean) =>
    fc.record({
      isFloat: fc.constant(isFloat),
      schema: fc.integer({ min: -4, max: 8 }),
      zeroThreshold: value,
      zeroCount: isFloat ? fraction : count,
      negativeSpans: spans,
      negativeDeltas: isFloat ? none : deltas,
      negativeCounts: isFloat ? fc.array(value) : none,
      positiveSpans: spans,
      positiveDeltas: isFloat ? none : deltas,
      positiveCounts: isFloat ? fc.array(value) : none,
    });
  const histogram = (isFloat: boolean): fc.Arbitrary<HistogramData> =>
    fc.record(
      {
        kind: fc.constant("histogram" as const),
        count: isFloat ? fraction : count,
        sum: value,
        buckets: fc.array(
          fc.record(
            { upperBound: value, cumulativeCount: isFloat ? fraction : count, exemplar },
            { requiredKeys: ["upperBound", "cumulativeCount"] },
          ),
        ),
        native: native(isFloat),
        exemplars: fc.array(exemplar, { minLength: 1, maxLength: 3 }),
        createdSeconds: seconds,
      },
      { requiredKeys: ["kind", "count", "sum", "buckets"] },
    );

  const family = (type: Family["type"], data: fc.Arbitrary<Metric["data"]>) =>
    fc.record({ name: text, help: text, type: fc.constant(type), metrics: metrics(data) });
  return fc.oneof(
    family("counter", counter),
    family("gauge", simple),
    family("untyped", simple),
    family("summary", summary),
    family("histogram", fc.oneof(histogram(false), histogram(true))),
    family("gaugehistogram", fc.oneof(histogram(false), histogram(true))),
  );
}

/** A histogram of one bucket, as it is read again once it is written. */
function rewritten(data: Omit<HistogramData, "kind" | "sum">): Metric | undefined {
  const metrics = [{ labels: [], data: { kind: "histogram", sum: 0, ...data } }] as const;
  const written = encodeMetrics("histogram", metrics);
  const prefix = familyPrefix({ name: "h", help: "", type: "histogram" }, written.length);
  return decodeProtobuf(Buffer.concat([prefix, written]))[0]?.metrics[0];
}

test("a histogram's counts may be no numbers, but not below zero, which text cannot have either", () => {
  expect(rewritten({ count: Number.NaN, buckets: [] })?.data).toMatchObject({ count: Number.NaN });
  const refusal = new ExpositionError('negative count for histogram "h"');
  expect(() => rewritten({ count: -1, buckets: [] })).toThrow(refusal);
  expect(() => rewritten({ count: 1, buckets: [{ upperBound: 1, cumulativeCount: -0.5 }] })).toThrow(refusal);
});

test("a fractional bucket does not make a native histogram a float one", () => {
  const native = {
    isFloat: false,
    schema: 0,
    zeroThreshold: 0,
    zeroCount: 0,
    negativeSpans: [],
    negativeDeltas: [],
    negativeCounts: [],
    positiveSpans: [{ offset: 0, length: 1 }],
    positiveDeltas: [2],
    positiveCounts: [],
  };
  const buckets = [{ upperBound: 1, cumulativeCount: 1.5 }];
  expect(rewritten({ count: 2, buckets, native })?.data).toMatchObject({ count: 2, buckets, native });
});

test("bounds that are no numbers need protobuf, because parsers of text pass over them", () => {
  const summary = { kind: "summary", count: 1, sum: 1, quantiles: [[Number.NaN, 1]] } as const;
  const buckets = [{ upperBound: Number.NaN, cumulativeCount: 1 }];
  expect(needsProto([{ labels: [], data: summary }])).toBeTrue();
  expect(needsProto([{ labels: [], data: { kind: "histogram", count: 1, sum: 1, buckets } }])).toBeTrue();
});
