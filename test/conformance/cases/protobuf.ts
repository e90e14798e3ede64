import { type ConformanceCase, post, put } from "../case.ts";
import { bareFamily, FAMILY_TYPE, families, family, labels, type Message, PROTOBUF } from "../protobuf.ts";

const { counter, gauge, summary, untyped, histogram } = FAMILY_TYPE;
const asProtobuf = { headers: { "Content-Type": PROTOBUF } };

const push = (name: string, ...messages: Message[]): ConformanceCase => ({
  name: `protobuf: ${name}`,
  steps: [post("/job/a", families(...messages), asProtobuf)],
});
const raw = (name: string, body: Uint8Array, type = PROTOBUF): ConformanceCase => ({
  name: `protobuf: ${name}`,
  steps: [post("/job/a", body, { headers: { "Content-Type": type } })],
});

const GAUGE: Message = { name: "m", type: gauge, metric: { gauge: { value: 1.5 } } };
const BUCKETS: Message[] = [
  { cumulative_count: 1, upper_bound: 0.1 },
  { cumulative_count: 3, upper_bound: 1 },
];

export const protobufCases: readonly ConformanceCase[] = [
  push("a gauge", GAUGE),
  push("a counter with help", {
    name: "c",
    help: "Help\nme.",
    type: counter,
    metric: { counter: { value: 3 } },
  }),
  push("untyped with labels", {
    name: "u",
    type: untyped,
    metric: { label: labels(["b", "2"], ["a", "1"]), untyped: { value: -1 } },
  }),
  push("a summary", {
    name: "s",
    type: summary,
    metric: {
      summary: {
        sample_count: 4,
        sample_sum: 2.5,
        quantile: [
          { quantile: 0.5, value: 1 },
          { quantile: 0.9, value: NaN },
        ],
      },
    },
  }),
  push("an empty summary", { name: "s", type: summary, metric: { summary: {} } }),
  push("a histogram", {
    name: "h",
    type: histogram,
    metric: { histogram: { sample_count: 4, sample_sum: 2.5, bucket: BUCKETS } },
  }),
  push("a histogram with +Inf", {
    name: "h",
    type: histogram,
    metric: {
      histogram: {
        sample_count: 4,
        sample_sum: 2.5,
        bucket: [...BUCKETS, { cumulative_count: 4, upper_bound: Infinity }],
      },
    },
  }),
  push("an empty histogram", { name: "h", type: histogram, metric: { histogram: {} } }),
  push(
    "several families",
    GAUGE,
    { ...GAUGE, name: "n" },
    { name: "c", type: counter, metric: { counter: { value: 1e6 } } },
  ),
  push("no type is a counter", { name: "c", metric: { counter: { value: 3 } } }),
  push("no value", { name: "m", type: gauge, metric: { gauge: {} } }),
  push("a family twice: the last counts", GAUGE, { ...GAUGE, metric: { gauge: { value: 2 } } }),
  push("the type does not fit the value", { name: "m", type: counter, metric: { gauge: { value: 1 } } }),
  push("a metric without a value", { name: "m", type: gauge, metric: { label: labels(["a", "1"]) } }),
  push("a timestamp", { name: "m", type: gauge, metric: { gauge: { value: 1 }, timestamp_ms: 1000 } }),
  push("a timestamp of zero", { name: "m", type: gauge, metric: { gauge: { value: 1 }, timestamp_ms: 0 } }),
  push("a label name twice", {
    name: "m",
    type: gauge,
    metric: { label: labels(["a", "1"], ["a", "2"]), gauge: { value: 1 } },
  }),
  push("a series twice", {
    name: "m",
    type: gauge,
    metric: [{ gauge: { value: 1 } }, { gauge: { value: 2 } }],
  }),
  push("the label quantile on a summary", {
    name: "s",
    type: summary,
    metric: { label: labels(["quantile", "1"]), summary: { sample_count: 1 } },
  }),
  push("grouping labels override the body's", {
    name: "m",
    type: gauge,
    metric: { label: labels(["job", "x"], ["instance", "y"]), gauge: { value: 1 } },
  }),
  push("special values", {
    name: "m",
    type: gauge,
    metric: [NaN, Infinity, -Infinity, -0, 5e-324, 1e21].map((value, i) => ({
      label: labels(["i", String(i)]),
      gauge: { value },
    })),
  }),
  push("escapes in labels and help", {
    name: "m",
    help: 'Back\\slash, line\nfeed, "quotes".',
    type: gauge,
    metric: { label: labels(["a", 'q"b\\n\n.']), gauge: { value: 1 } },
  }),
  push(
    "a summary and its suffix",
    { name: "x", type: summary, metric: { summary: { sample_count: 1 } } },
    { ...GAUGE, name: "x_count" },
  ),
  raw("an empty body", new Uint8Array()),
  raw("a truncated message", family(GAUGE).subarray(0, 12)),
  raw("no delimiter", bareFamily(GAUGE)),
  raw("junk", Buffer.from("this is no protobuf\n")),
  raw("text", Buffer.from("m 1\n")),
  raw("junk after a family", Buffer.concat([family(GAUGE), Uint8Array.of(5, 1, 2)])),
  raw(
    "an unknown field is skipped",
    Buffer.concat([Uint8Array.of(bareFamily(GAUGE).length + 4, 0x9a, 0x06, 1, 65), bareFamily(GAUGE)]),
  ),
  raw(
    "parameters in another order",
    family(GAUGE),
    "application/vnd.google.protobuf; encoding=delimited; proto=io.prometheus.client.MetricFamily",
  ),
  raw(
    "a quoted parameter",
    family(GAUGE),
    'application/vnd.google.protobuf; encoding="delimited"; proto="io.prometheus.client.MetricFamily"',
  ),
  raw(
    "an upper-case type",
    family(GAUGE),
    "Application/Vnd.Google.Protobuf; Encoding=delimited; Proto=io.prometheus.client.MetricFamily",
  ),
  raw("an escaping parameter", family(GAUGE), `${PROTOBUF}; escaping=values`),
  raw(
    "another encoding",
    family(GAUGE),
    "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=text",
  ),
  raw(
    "no encoding",
    family(GAUGE),
    "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily",
  ),
  {
    name: "protobuf: a truncated length",
    steps: [post("/job/a", Uint8Array.of(0x80), asProtobuf)],
    difference: { id: "newer-formats", ours: { statuses: [400], lastBody: "unexpected EOF", groups: [] } },
  },
  {
    name: "protobuf: a family without a name",
    steps: [
      post("/job/a", family({ type: gauge, metric: { gauge: { value: 1 } } }), asProtobuf),
      post("/job/b", "m 1\n"),
    ],
    difference: {
      id: "nameless-families",
      ours: { statuses: [400, 200], scrape: ['m{job="b"} 1'], groups: ['{job="a"} failed', '{job="b"}'] },
    },
  },
  {
    name: "protobuf: the same family in text and protobuf",
    steps: [
      post("/job/a", "# TYPE m gauge\nm 1\n"),
      post("/job/b", family(GAUGE), asProtobuf),
      put("/job/a", family(GAUGE), asProtobuf),
    ],
  },
  {
    name: "protobuf: conflicts with text",
    steps: [post("/job/a", "m 1\n"), post("/job/b", family(GAUGE), asProtobuf)],
  },
];
