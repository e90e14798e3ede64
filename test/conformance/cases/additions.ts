import { type AdditionCase, del, post, put, request, type Step } from "../case.ts";
import { FAMILY_TYPE, families, family, labels, type Message, PROTOBUF } from "../protobuf.ts";
import { snappyFrames, snappyTwice } from "../snappy.ts";

const { histogram, untyped, gauge } = FAMILY_TYPE;
const asProtobuf = { headers: { "Content-Type": PROTOBUF } };
const TEXT = 'some_metric 3.14\nanother_metric{instance="testinstance",job="testjob"} 42\n';

/**
 * Spans of upstream's tests: two buckets, then two more right behind them. Upstream has negative counts in them, or counts that
 * do not add up to what was observed, for which Prometheus gives up the scrape: see `bad-native-histograms`.
 */
const SPANS: Message[] = [
  { offset: 0, length: 2 },
  { offset: 0, length: 2 },
];
const INT_NATIVE: Message = {
  sample_count: 20,
  sample_sum: 99.23,
  schema: 1,
  negative_span: SPANS,
  negative_delta: [2, 2, -2, 0],
  positive_span: SPANS,
  positive_delta: [2, 2, -2, 0],
};
const FLOAT_NATIVE: Message = {
  sample_count_float: 20,
  sample_sum: 99.23,
  schema: 1,
  negative_span: SPANS,
  negative_count: [2, 2, 2, 0],
  positive_span: SPANS,
  positive_count: [2, 2, 2, 0],
};
const CLASSIC_INT: Message = {
  sample_count: 20,
  sample_sum: 99.23,
  bucket: [
    { upper_bound: 250000, cumulative_count: 3 },
    { upper_bound: 500000, cumulative_count: 17 },
  ],
};
const CLASSIC_FLOAT: Message = {
  sample_count_float: 20,
  sample_sum: 99.23,
  bucket: [
    { upper_bound: 250000, cumulative_count_float: 3 },
    { upper_bound: 500000, cumulative_count_float: 17 },
  ],
};

const histogramOf = (name: string, ...metrics: readonly Message[]): Message => ({
  name,
  type: histogram,
  metric: metrics.map((one) => ({ histogram: one })),
});

export const NATIVE_PUSH: Step = post(
  "/job/a",
  families(histogramOf("h", INT_NATIVE), histogramOf("f", FLOAT_NATIVE)),
  asProtobuf,
);

/** api_test.go, TestMetricsAPI: the group it stores. */
export const API_TEST_PUSH: Step = post(
  "/job/Bj%C3%B6rn/instance/inst%27a%22n%5Cce1",
  families(
    { name: "mf1", type: FAMILY_TYPE.summary, metric: { summary: { sample_count: 0, sample_sum: 0 } } },
    {
      name: "mfh",
      type: histogram,
      metric: [
        { label: labels(["testing", "int classic histogram"]), histogram: CLASSIC_INT },
        { label: labels(["testing", "float classic histogram"]), histogram: CLASSIC_FLOAT },
        { label: labels(["testing", "int native histogram"]), histogram: INT_NATIVE },
        { label: labels(["testing", "float native histogram"]), histogram: FLOAT_NATIVE },
      ],
    },
  ),
  asProtobuf,
);

const API_LABELS = { instance: `inst'a"n\\ce1`, job: "Björn" };
/** api_test.go, TestMetricsAPI: what it expects of each histogram, by its label `testing`, with the counts given here. */
export const API_TEST_HISTOGRAMS = [
  {
    buckets: { "250000": "3", "500000": "17" },
    count: "20",
    labels: { ...API_LABELS, testing: "int classic histogram" },
    sum: "99.23",
  },
  {
    buckets: { "250000": "3", "500000": "17" },
    count: "20",
    labels: { ...API_LABELS, testing: "float classic histogram" },
    sum: "99.23",
  },
  {
    buckets: [
      [1, "-2.82842712474619", "-2", "2"],
      [1, "-2", "-1.414213562373095", "2"],
      [1, "-1.414213562373095", "-1", "4"],
      [1, "-1", "-0.7071067811865475", "2"],
      [0, "0.7071067811865475", "1", "2"],
      [0, "1", "1.414213562373095", "4"],
      [0, "1.414213562373095", "2", "2"],
      [0, "2", "2.82842712474619", "2"],
    ],
    count: "20",
    labels: { ...API_LABELS, testing: "int native histogram" },
    sum: "99.23",
  },
  {
    buckets: [
      [1, "-2", "-1.414213562373095", "2"],
      [1, "-1.414213562373095", "-1", "2"],
      [1, "-1", "-0.7071067811865475", "2"],
      [0, "0.7071067811865475", "1", "2"],
      [0, "1", "1.414213562373095", "2"],
      [0, "1.414213562373095", "2", "2"],
    ],
    count: "20",
    labels: { ...API_LABELS, testing: "float native histogram" },
    sum: "99.23",
  },
];

/** What 1.6 to 1.11 added and a gateway without flags has to do. */
export const additionCases: readonly AdditionCase[] = [
  ...[
    ["snappy, one chunk", snappyFrames(Buffer.from("m 1\n"))],
    ["snappy, many chunks", snappyFrames(Buffer.from("m 1\n"), 1)],
    ["snappy, a compressed chunk", snappyTwice("m{} 1\n#2345678901234567890\n#")],
    [
      "snappy, a padding chunk",
      Buffer.concat([snappyFrames(Buffer.from("m 1\n")), Buffer.of(0xfe, 2, 0, 0, 0, 0)]),
    ],
    [
      "snappy, two streams",
      Buffer.concat([snappyFrames(Buffer.from("m ")), snappyFrames(Buffer.from("1\n"))]),
    ],
  ].map(
    ([name, body]): AdditionCase => ({
      name: String(name),
      steps: [
        post("/job/a", body, {
          headers: { "Content-Encoding": name === "snappy, one chunk" ? "Snappy" : "snappy" },
        }),
      ],
      expected:
        name === "snappy, a compressed chunk"
          ? { statuses: [400], lastBody: "unexpected end of input stream" }
          : { statuses: [200], scrape: ['m{job="a"} 1'] },
    }),
  ),
  {
    name: "snappy, a compressed chunk that is an exposition",
    steps: [post("/job/a", snappyTwice("#x\n"), { headers: { "Content-Encoding": "snappy" } })],
    expected: { statuses: [200], scrape: [], groups: ['{job="a"}'] },
  },
  {
    name: "snappy of protobuf",
    steps: [
      post("/job/a", snappyFrames(family({ name: "m", type: gauge, metric: { gauge: { value: 1 } } })), {
        headers: { "Content-Type": PROTOBUF, "Content-Encoding": "snappy" },
      }),
    ],
    expected: { statuses: [200], scrape: ["# TYPE m gauge", 'm{job="a"} 1'] },
  },
  ...[
    ["without frames", Buffer.from("m 1\n")],
    ["with a wrong checksum", Buffer.from(snappyFrames(Buffer.from("m 1\n"))).fill(0, 14, 18)],
    ["that breaks off", snappyFrames(Buffer.from("m 1\nn 2\n")).subarray(0, 20)],
    ["with a reserved chunk", Buffer.concat([snappyFrames(Buffer.from("m 1\n")), Buffer.of(2, 1, 0, 0, 0)])],
  ].map(
    ([name, body]): AdditionCase => ({
      name: `snappy ${name}`,
      steps: [post("/job/a", body, { headers: { "Content-Encoding": "snappy" } })],
      expected: { statuses: [400], scrape: [], groups: [] },
    }),
  ),
  {
    name: "a push with an escaping parameter in its type",
    steps: [
      post("/job/a", family({ name: "m", type: gauge, metric: { gauge: { value: 1 } } }), {
        headers: { "Content-Type": `${PROTOBUF}; escaping=values` },
      }),
      post("/job/a", "n 2\n", {
        headers: { "Content-Type": "text/plain; version=0.0.4; charset=utf-8; escaping=allow-utf-8" },
      }),
    ],
    expected: { statuses: [200, 200], scrape: ['m{job="a"} 1', 'n{job="a"} 2'] },
  },
  {
    name: "native histograms show their count and sum in text",
    steps: [
      post("/job/a", families(histogramOf("i", INT_NATIVE), histogramOf("f", FLOAT_NATIVE)), asProtobuf),
    ],
    expected: {
      statuses: [200],
      scrape: [
        "# TYPE i histogram",
        'i_bucket{job="a",le="+Inf"} 20',
        'i_sum{job="a"} 99.23',
        'i_count{job="a"} 20',
        "# TYPE f histogram",
        'f_bucket{job="a",le="+Inf"} 20',
        'f_sum{job="a"} 99.23',
        'f_count{job="a"} 20',
      ],
    },
  },
  {
    name: "native histograms collide as classic ones do",
    steps: [
      post("/job/a/x/1", family(histogramOf("h", INT_NATIVE)), asProtobuf),
      post("/job/a", '# TYPE h histogram\nh_count{x="1"} 1\n'),
      post("/job/b", "h_count 1\n"),
    ],
    expected: {
      statuses: [200, 400, 400],
      groups: ['{job="a",x="1"}', '{job="a"} failed', '{job="b"} failed'],
    },
  },
  {
    name: "gauge histograms by text",
    steps: [
      post("/job/a", '# TYPE g gaugehistogram\ng_bucket{le="1"} 2\ng_sum 3\ng_count 2\n'),
      post("/job/b", '# TYPE g gauge_histogram\ng_bucket{le="1"} 2\ng_sum 3\ng_count 2\n'),
    ],
    expected: { statuses: [200, 200] },
  },
  {
    name: "gauge histograms collide with their suffixes",
    steps: [
      post("/job/a", '# TYPE g gaugehistogram\ng_bucket{le="1"} 2\ng_sum 3\ng_count 2\n'),
      post("/job/b", "# TYPE g_count gauge\ng_count 1\n"),
    ],
    expected: { statuses: [200, 400], groups: ['{job="a"}', '{job="b"} failed'] },
    differenceId: "gauge-histogram-suffixes",
  },
  {
    name: "fractional bucket counts make a float histogram",
    steps: [
      post(
        "/job/a",
        '# TYPE h histogram\nh_bucket{le="1"} 1.5\nh_bucket{le="+Inf"} 2.5\nh_sum 3\nh_count 2.5\n',
      ),
    ],
    expected: {
      statuses: [200],
      scrape: [
        'h_bucket{job="a",le="1"} 1.5',
        'h_bucket{job="a",le="+Inf"} 2.5',
        'h_sum{job="a"} 3',
        'h_count{job="a"} 2.5',
      ],
    },
  },
  {
    name: "a histogram in protobuf has no counts below zero",
    steps: [
      post(
        "/job/a",
        family({ name: "h", type: FAMILY_TYPE.histogram, metric: { histogram: { sample_count_float: -1 } } }),
        { headers: { "Content-Type": PROTOBUF } },
      ),
    ],
    expected: { statuses: [400], lastBody: 'negative count for histogram "h"', groups: [] },
    differenceId: "negative-counts",
  },
  {
    name: "a native histogram is one that Prometheus takes",
    steps: [
      post(
        "/job/a",
        family({
          name: "h",
          type: FAMILY_TYPE.histogram,
          metric: {
            histogram: {
              sample_count: 1,
              schema: 3,
              positive_span: [{ offset: 0, length: 2 }],
              positive_delta: [1],
            },
          },
        }),
        { headers: { "Content-Type": PROTOBUF } },
      ),
    ],
    expected: { statuses: [400], lastBody: "positive spans are for 2 buckets, but there are 1" },
    differenceId: "bad-native-histograms",
  },
  {
    name: "UTF-8 names are refused without their flag",
    steps: [
      post("/job/a", '{"dotted.name"} 1\n'),
      post("/job/a", 'm{"dotted.label"="1"} 1\n'),
      post("/job/a/U__dotted_2e_label/1", "m 1\n"),
    ],
    expected: { statuses: [400, 400, 200], scrape: ['m{U__dotted_2e_label="1",job="a"} 1'] },
  },
  {
    name: "the empty list of groups",
    steps: [request("GET", "/api/v1/metrics")],
    expected: { statuses: [200], lastBody: '{"status":"success","data":[]}' },
  },
];

const UTF8_TEXT =
  'some_metric 3.14\n{"another.metric",instance="testinstance",job="testjob","dotted.label.name"="mylabelvalue"} 42\n';
const UTF8_PATH = "/job/testjob/instance/testinstance/U__dotted_2e_label_2e_name/mylabelvalue";
const UTF8_BASE64_PATH =
  "/job@base64/dGVzdC9qb2I=/instance@base64/dGVzdGluc3RhbmNl/U__dotted_2e_label_2e_name@base64/bXlsYWJlbHZhbHVl";
const utf8Families = families(
  { name: "some.metric", type: untyped, metric: { untyped: { value: 1.234 } } },
  { name: "another.metric", type: untyped, metric: { untyped: { value: 3.14 } } },
  histogramOf("histogram.metric", FLOAT_NATIVE),
);
const scrapeAs = (escaping: string): Step =>
  request("GET", "/metrics", { headers: { Accept: `text/plain; version=0.0.4; escaping=${escaping}` } });
const pushDotted = post("/job/a", '# TYPE "dotted.name_1" gauge\n{"dotted.name_1","label.name"="v"} 1\n');

/** What a gateway with --push.enable-utf8-names has to do. */
export const utf8Cases: readonly AdditionCase[] = [
  {
    name: "UTF-8 names in text and path",
    steps: [post(UTF8_PATH, UTF8_TEXT)],
    expected: {
      statuses: [200],
      groups: ['{dotted.label.name="mylabelvalue",instance="testinstance",job="testjob"}'],
    },
  },
  {
    name: "UTF-8 names in text with a base64 path",
    steps: [put(UTF8_BASE64_PATH, UTF8_TEXT)],
    expected: {
      statuses: [200],
      groups: ['{dotted.label.name="mylabelvalue",instance="testinstance",job="test/job"}'],
    },
  },
  {
    name: "UTF-8 names in protobuf",
    steps: [post(UTF8_PATH, utf8Families, asProtobuf)],
    expected: {
      statuses: [200],
      groups: ['{dotted.label.name="mylabelvalue",instance="testinstance",job="testjob"}'],
    },
  },
  {
    name: "delete by UTF-8 label names",
    steps: [post(UTF8_PATH, TEXT), post(UTF8_BASE64_PATH, TEXT), del(UTF8_PATH), del(UTF8_BASE64_PATH)],
    expected: { statuses: [200, 200, 202, 202], groups: [] },
  },
  {
    name: "an invalid U__ name is left as it is",
    steps: [post("/job/a/U__bad_zz_name/1", "m 1\n")],
    expected: { statuses: [200], groups: ['{U__bad_zz_name="1",job="a"}'] },
  },
  {
    name: "any UTF-8 label name in the path",
    steps: [post("/job/a/%C3%A9/1/foo-bar/2", "m 1\n")],
    expected: { statuses: [200], groups: ['{foo-bar="2",job="a",é="1"}'] },
  },
  {
    name: "reserved label names stay reserved",
    steps: [post("/job/a/__x/1", "m 1\n")],
    expected: { statuses: [400], lastBody: 'improper label name "__x"', groups: [] },
  },
  {
    name: "a scrape without an escaping parameter gets underscores",
    steps: [pushDotted, request("GET", "/metrics")],
    expected: { statuses: [200, 200], lastBody: 'dotted_name_1{instance="",job="a",label_name="v"} 1\n' },
  },
  {
    name: "escaping=underscores",
    steps: [pushDotted, scrapeAs("underscores")],
    expected: {
      statuses: [200, 200],
      lastBody: '# TYPE dotted_name_1 gauge\ndotted_name_1{instance="",job="a",label_name="v"} 1\n',
    },
  },
  {
    name: "escaping=dots",
    steps: [pushDotted, scrapeAs("dots")],
    expected: {
      statuses: [200, 200],
      lastBody:
        '# TYPE dotted_dot_name__1 gauge\ndotted_dot_name__1{instance="",job="a",label_dot_name="v"} 1\n',
    },
  },
  {
    name: "escaping=values",
    steps: [pushDotted, scrapeAs("values")],
    expected: {
      statuses: [200, 200],
      lastBody:
        '# TYPE U__dotted_2e_name__1 gauge\nU__dotted_2e_name__1{instance="",job="a",U__label_2e_name="v"} 1\n',
    },
  },
  {
    name: "escaping=allow-utf-8",
    steps: [pushDotted, scrapeAs("allow-utf-8")],
    expected: {
      statuses: [200, 200],
      lastBody: '# TYPE "dotted.name_1" gauge\n{"dotted.name_1",instance="",job="a","label.name"="v"} 1\n',
    },
  },
];
