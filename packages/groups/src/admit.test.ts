import {
  type ContentLimits,
  createTextParser,
  decodeMetrics,
  type Family,
  type HistogramData,
  type Label,
  LimitExceeded,
  type Metric,
  type MetricType,
  metricText,
  noLimits,
  parseText,
} from "@pushfleet/exposition";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AdmissionError } from "./admission-error.ts";
import { admit, createAdmission } from "./admit.ts";
import type { AdmittedFamily } from "./admitted.ts";
import { parseGroupPath } from "./path.ts";

const path = (raw: string) => parseGroupPath(raw, { names: "utf8" });
const parse = (body: string) => parseText(new TextEncoder().encode(body), { names: "utf8" });
const push = (raw: string, body: string) => admit(parse(body), path(raw));
const texts = (raw: string, body: string) => push(raw, body).map((family) => family.text);

/** What only protobuf can carry. */
function pushMetrics(raw: string, type: MetricType, ...metrics: Metric[]): AdmittedFamily[] {
  return admit([{ name: "m", help: "", type, metrics }], path(raw));
}

function simple(labels: readonly Label[], value = 1): Metric {
  return { labels, data: { kind: "simple", value } };
}

function histogram(labels: readonly Label[], more: Partial<HistogramData> = {}): Metric {
  return { labels, data: { kind: "histogram", count: 1, sum: 2, buckets: [], ...more } };
}

function summary(labels: readonly Label[]): Metric {
  return { labels, data: { kind: "summary", count: 1, sum: 2, quantiles: [] } };
}

function identitiesOf({ metrics }: AdmittedFamily): readonly string[] {
  return Array.from(metrics, ({ identity }) => identity);
}

function only<T>(items: readonly T[]): T {
  const [first, ...others] = items;
  if (first === undefined || others.length > 0) throw new Error(`${items.length} items instead of one`);
  return first;
}

function refusal(attempt: () => unknown): AdmissionError {
  try {
    attempt();
  } catch (error) {
    if (error instanceof AdmissionError) return error;
    throw error;
  }
  throw new Error("the push was admitted");
}

describe("the labels of an admitted metric", () => {
  test("are those of the body with the grouping labels added, sorted by name", () => {
    expect(texts("/job/a/zone/z/instance/i", 'm{x="1",b="2"} 3\n')).toEqual([
      'm{b="2",instance="i",job="a",x="1",zone="z"} 3\n',
    ]);
  });

  test("come from the path where both have them", () => {
    expect(texts("/job/a/instance/i", 'm{job="b",instance="j"} 3\n')).toEqual([
      'm{instance="i",job="a"} 3\n',
    ]);
  });

  test("include an empty instance when neither path nor body has one", () => {
    expect(texts("/job/a", "m 3\n")).toEqual(['m{instance="",job="a"} 3\n']);
    expect(texts("/job/a", 'm{a="b",z="y"} 3\n')).toEqual(['m{a="b",instance="",job="a",z="y"} 3\n']);
    expect(texts("/job/a", 'm{instance="i"} 3\n')).toEqual(['m{instance="i",job="a"} 3\n']);
    expect(texts("/job/a/instance/", 'm{instance="i"} 3\n')).toEqual(['m{instance="",job="a"} 3\n']);
  });

  test("are listed without the empty ones, which are printed but do not count", () => {
    const { metrics, text, unprinted } = only(push("/job/a/e/", 'm{f=""} 3\n'));
    expect(text).toBe('m{e="",f="",instance="",job="a"} 3\n');
    expect(metrics).toEqual([{ labels: [["job", "a"]], identity: 'm{instance="",job="a"} ' }]);
    expect(unprinted).toEqual(['m{instance="",job="a"} ']);
  });

  test("may be named like members of Object.prototype", () => {
    const body = '# TYPE constructor gauge\nconstructor{toString="__proto__"} 1\n__proto__ 2\n';
    expect(texts("/job/__proto__/hasOwnProperty/x", body)).toEqual([
      'constructor{hasOwnProperty="x",instance="",job="__proto__",toString="__proto__"} 1\n',
      '__proto__{hasOwnProperty="x",instance="",job="__proto__"} 2\n',
    ]);
  });

  test("may be UTF-8, as the name of the family", () => {
    expect(texts("/job/a/instance/i/b.c/d", '{"m.n","e.f"="g"} 1\n')).toEqual([
      '{"m.n","b.c"="d","e.f"="g",instance="i",job="a"} 1\n',
    ]);
  });
});

describe("an admitted family", () => {
  test("keeps name, type and help, and has no bytes where text says it all", () => {
    const family = only(push("/job/a/instance/i", "# HELP m Some help.\n# TYPE m counter\nm 3\n"));
    expect(family).toEqual({
      name: "m",
      type: "counter",
      help: "Some help.",
      text: 'm{instance="i",job="a"} 3\n',
      metrics: [
        {
          labels: [
            ["instance", "i"],
            ["job", "a"],
          ],
          identity: 'm{instance="i",job="a"} ',
        },
      ],
      unprinted: [],
      seriesCount: 1,
    });
  });

  test("has its metrics by number of labels, then by values in the order of label names", () => {
    const body = 'm{b="2",a="2"} 1\nm{z="0"} 2\nm{b="1",a="2"} 3\nm{a="1",b="9"} 4\nm 5\n';
    expect(texts("/job/j/instance/i", body)).toEqual([
      [
        'm{instance="i",job="j"} 5',
        'm{instance="i",job="j",z="0"} 2',
        'm{a="1",b="9",instance="i",job="j"} 4',
        'm{a="2",b="1",instance="i",job="j"} 3',
        'm{a="2",b="2",instance="i",job="j"} 1',
        "",
      ].join("\n"),
    ]);
  });

  test("of summaries or histograms is identified by its _count lines", () => {
    const body =
      '# TYPE s summary\ns{quantile="0.5"} 1\ns_sum 2\ns_count 3\n' +
      '# TYPE h histogram\nh_bucket{x="1",le="1"} 1\nh_bucket{x="1",le="+Inf"} 2\nh_sum{x="1"} 2\nh_count{x="1"} 2\n';
    const [s, h] = push("/job/a/instance/i", body);
    expect(s?.text).toBe(
      's{instance="i",job="a",quantile="0.5"} 1\ns_sum{instance="i",job="a"} 2\ns_count{instance="i",job="a"} 3\n',
    );
    expect(s && identitiesOf(s)).toEqual(['s_count{instance="i",job="a"} ']);
    expect(h?.text).toContain('h_bucket{instance="i",job="a",x="1",le="+Inf"} 2\n');
    expect(h && identitiesOf(h)).toEqual(['h_count{instance="i",job="a",x="1"} ']);
  });

  test("has a line starting with each identity that is not said to be unprinted", () => {
    const families = push(
      "/job/a",
      'm{x=""} 1\nm{x="1"} 2\n# TYPE s summary\ns{y=""} 1\ns{y="2"} 1\n# TYPE g gauge\ng 1\ng{instance="i"} 2\n',
    );
    for (const family of families) {
      const lines = family.text.split("\n");
      for (const identity of identitiesOf(family)) {
        const isPrinted = lines.some((line) => line.startsWith(identity));
        expect(isPrinted).toBe(!family.unprinted.includes(identity));
      }
    }
    expect(families.flatMap(({ unprinted }) => unprinted)).not.toBeEmpty();
  });

  test("prints a simple metric as metricText does", () => {
    const labels: Label[] = [
      ["instance", "i"],
      ["job", 'a"\n\\'],
    ];
    for (const value of [0, -0, 1e6, 0.1, Number.NaN, Number.POSITIVE_INFINITY]) {
      const family = only(pushMetrics("/job/a%22%0A%5C/instance/i", "gauge", simple([], value)));
      expect(family.text).toBe(metricText("m", labels, { kind: "simple", value }));
    }
  });

  test("holds protobuf with the same labels where text cannot say it all", () => {
    const native = {
      isFloat: false,
      schema: 3,
      zeroThreshold: 0.001,
      zeroCount: 0,
      negativeSpans: [],
      negativeDeltas: [],
      negativeCounts: [],
      positiveSpans: [{ offset: 0, length: 1 }],
      positiveDeltas: [1],
      positiveCounts: [],
    };
    const family = only(
      pushMetrics("/job/a", "histogram", histogram([["x", "2"]]), histogram([["x", "1"]], { native })),
    );
    expect(family.proto).toBeDefined();
    expect(decodeMetrics(family.proto ?? new Uint8Array()).map((metric) => metric.labels)).toEqual(
      ["1", "2"].map((x) => [
        ["instance", ""],
        ["job", "a"],
        ["x", x],
      ]),
    );
  });
});

describe("families that are left out", () => {
  test("are the push times, which the gateway sets itself", () => {
    expect(texts("/job/a", "push_time_seconds 1\npush_failure_time_seconds 2\nm 3\n")).toEqual([
      'm{instance="",job="a"} 3\n',
    ]);
  });

  test("are those without metrics, and earlier ones of the same name", () => {
    const family = (name: string, ...metrics: Metric[]): Family => ({
      name,
      help: "",
      type: "gauge",
      metrics,
    });
    const families = [family("m", simple([], 1)), family("n"), family("m", simple([], 2))];
    expect(admit(families, path("/job/a")).map(({ text }) => text)).toEqual(['m{instance="",job="a"} 2\n']);
  });

  test("make an empty push when nothing is left", () => {
    expect(push("/job/a", "")).toEqual([]);
  });
});

describe("a push is refused", () => {
  test("when any metric has a timestamp, even one that would be left out", () => {
    for (const body of ["m 1\nn 2 1234\n", "push_time_seconds 1 1234\n", "m 1 0\n"]) {
      expect(refusal(() => push("/job/a", body))).toMatchObject({
        code: "timestamps",
        message: "pushed metrics must not have timestamps",
      });
    }
  });

  test("when the body has a series twice", () => {
    expect(refusal(() => push("/job/a", 'm{x="1"} 1\nm{x="1"} 2\n'))).toMatchObject({
      code: "duplicate-series",
      message:
        'collected metric "m" { label:{name:"instance" value:""} label:{name:"job" value:"a"} label:{name:"x" value:"1"} ' +
        "untyped:{value:2} } was collected before with the same name and label values",
    });
  });

  test("when grouping labels make two series equal", () => {
    expect(refusal(() => push("/job/a", 'm{job="1"} 1\nm{job="2"} 2\n')).code).toBe("duplicate-series");
    const twoSummaries = '# TYPE s summary\ns_sum{job="1"} 1\ns_sum{job="2"} 1\n';
    expect(refusal(() => push("/job/a", twoSummaries)).code).toBe("duplicate-series");
  });

  test("when two series differ in empty labels only, which Prometheus cannot tell apart", () => {
    expect(refusal(() => push("/job/a", 'm{x=""} 1\nm 2\n')).code).toBe("duplicate-series");
    expect(refusal(() => push("/job/a", 'm{instance=""} 1\nm 2\n')).code).toBe("duplicate-series");
  });

  test.each([
    ["gauge", "GAUGE"],
    ["counter", "COUNTER"],
    ["untyped", "UNTYPED"],
    ["summary", "SUMMARY"],
    ["histogram", "HISTOGRAM"],
    ["gaugehistogram", "GAUGE_HISTOGRAM"],
  ] as const)("when a %s has no data of its type", (type, shown) => {
    expect(
      refusal(() => pushMetrics("/job/a/instance/i", type, { labels: [], data: { kind: "missing" } })),
    ).toMatchObject({
      code: "kind-mismatch",
      message: `collected metric "m" { label:{name:"instance" value:"i"} label:{name:"job" value:"a"} } is not a ${shown}`,
    });
  });

  test("when a label name is there twice, even one the path overrides", () => {
    const twice: Label[] = [
      ["x", "1"],
      ["x", "2"],
    ];
    expect(refusal(() => pushMetrics("/job/a/instance/i", "gauge", simple(twice)))).toMatchObject({
      code: "bad-label",
      message: expect.stringMatching(
        /^collected metric "m" \{ .* \} has two or more labels with the same name: x$/,
      ),
    });
    for (const raw of ["/job/a/x/3", "/job/a/x/3/y/4", "/job/a/z/3"]) {
      expect(refusal(() => pushMetrics(raw, "gauge", simple(twice))).code).toBe("bad-label");
    }
  });

  test("when a label name is empty or reserved", () => {
    for (const name of ["", "__name__", "__proto__"]) {
      expect(refusal(() => pushMetrics("/job/a", "gauge", simple([[name, "x"]])))).toMatchObject({
        code: "bad-label",
        message: expect.stringMatching(new RegExp(` has a label with an invalid name: ${name}$`)),
      });
    }
  });

  test("when a summary has a quantile label or a histogram an le label, from the body or the path", () => {
    const attempts = [
      () => pushMetrics("/job/a", "summary", summary([["quantile", "x"]])),
      () => pushMetrics("/job/a/quantile/x", "summary", summary([])),
      () => pushMetrics("/job/a", "histogram", histogram([["le", "x"]])),
      () => pushMetrics("/job/a/le/x", "gaugehistogram", histogram([])),
    ];
    expect(attempts.map((attempt) => refusal(attempt).message.replace(/^.*\} /, ""))).toEqual([
      'must not have an explicit "quantile" label',
      'must not have an explicit "quantile" label',
      'must not have an explicit "le" label',
      'must not have an explicit "le" label',
    ]);
    expect(texts("/job/a/le/x", 'm{quantile="y"} 1\n')).toEqual([
      'm{instance="",job="a",le="x",quantile="y"} 1\n',
    ]);
  });

  test.each([
    ["x_count", "summary", "summary"],
    ["x_sum", "histogram", "histogram"],
    ["x_bucket", "histogram", "histogram"],
    ["x_bucket", "gaugehistogram", "histogram"],
  ] as const)(
    "when a family %s is pushed beside a %s x, whose lines have that name",
    (suffixed, type, shown) => {
      const metric = type === "summary" ? summary([]) : histogram([]);
      const families: Family[] = [
        { name: "x", help: "", type, metrics: [metric] },
        { name: suffixed, help: "", type: "gauge", metrics: [simple([])] },
      ];
      for (const ordered of [families, families.toReversed()]) {
        expect(refusal(() => admit(ordered, path("/job/a")))).toMatchObject({
          code: "suffix-collision",
          message: `collected metric named "${suffixed}" collides with previously collected ${shown} named "x"`,
        });
      }
    },
  );

  test("but not for suffixes that the type does not add", () => {
    expect(push("/job/a", "# TYPE x summary\nx_sum 1\n# TYPE x_bucket gauge\nx_bucket 1\n")).toHaveLength(2);
    expect(push("/job/a", "# TYPE x gauge\nx 1\n# TYPE x_count gauge\nx_count 1\n")).toHaveLength(2);
  });

  test.each([
    ["pushgateway_build_info 1\n", "pushgateway_build_info"],
    ["pushgateway_http_requests_total 1\n", "pushgateway_http_requests_total"],
    ["pushfleet_anything 1\n", "pushfleet_anything"],
    ["# TYPE pushgateway_http summary\npushgateway_http_sum 1\n", "pushgateway_http_count"],
    ["# TYPE pushfleet histogram\npushfleet_sum 1\n", "pushfleet_count"],
    ['{"pushfleet.groups"} 1\n', "pushfleet_groups"],
    ['{"push.time_seconds"} 1\n', "push_time_seconds"],
  ])("when it would mix with the gateway's own metrics: %j", (body, reserved) => {
    const error = refusal(() => push("/job/a", body));
    expect(error.code).toBe("reserved-name");
    expect(error.message).toContain(
      `would mix with "${reserved}", a name reserved for the gateway's own metrics`,
    );
  });

  test("but not for names that only look like the gateway's own", () => {
    const body =
      "pushgateway_build_info_x 1\npushfleetx 1\nmy_pushfleet_x 1\n# TYPE pushgateway gauge\npushgateway 1\n";
    expect(push("/job/a", body)).toHaveLength(4);
  });

  test("when a family has no name", () => {
    const nameless: Family = { name: "", help: "", type: "gauge", metrics: [simple([])] };
    expect(refusal(() => admit([nameless], path("/job/a"))).code).toBe("bad-name");
  });
});

describe("whatever labels path and body have", () => {
  const names = fc.constantFrom("a", "b", "instance", "job", "k", "z", "toString");
  const values = fc.constantFrom("", "1", "2");
  const labelSets = fc.uniqueArray(fc.tuple(names, values), { selector: ([name]) => name });

  test("the text holds each name once, in order, with the path's value first and the body's second", () => {
    fc.assert(
      fc.property(labelSets, labelSets, (own, grouping) => {
        const pathLabels = path(`/job/j${grouping.map(([name, value]) => `/${name}/${value}`).join("")}`);
        const expected = new Map<string, string>([["instance", ""], ...own, ...pathLabels]);
        const inOrder = [...expected].sort(([a], [b]) => (a < b ? -1 : 1));
        const family: Family = { name: "m", help: "", type: "gauge", metrics: [simple(own)] };

        const { text, metrics } = only(admit([family], pathLabels));
        expect(text).toBe(metricText("m", inOrder, { kind: "simple", value: 1 }));
        expect(only([...metrics]).labels).toEqual(inOrder.filter(([, value]) => value !== ""));
      }),
    );
  });
});

test.each([
  ["histogram", 'h_bucket{le="1"} 1\nh_bucket{le="1.0"} 2\n', "bucket"],
  ["summary", 'h{quantile="0.5"} 1\nh{quantile="0.5"} 2\n', "quantile"],
])(
  "a %s with a bound given twice is refused, because a scrape would hold one series twice",
  (type, lines, what) => {
    expect(() => push("/job/a", `# TYPE h ${type}\n${lines}`)).toThrow(`has the same ${what} more than once`);
  },
);

describe("the series of an admitted family", () => {
  test.each([
    ["a gauge", 'm 1\nm{x="1"} 2\n'],
    ["a summary", '# TYPE s summary\ns{quantile="0.5"} 1\ns{quantile="0.9"} 1\ns_sum 1\ns_count 2\n'],
    ["a histogram", '# TYPE h histogram\nh_bucket{le="1"} 1\nh_bucket{le="+Inf"} 2\nh_sum 1\nh_count 2\n'],
    ["a histogram without its last bucket", '# TYPE h histogram\nh_bucket{le="1"} 1\nh_count 2\n'],
    [
      "a histogram with its last bucket first",
      '# TYPE h histogram\nh_bucket{le="+Inf"} 2\nh_bucket{le="1"} 1\n',
    ],
  ])("are the lines of its text: %s", (_, body) => {
    const family = only(push("/job/a", body));
    expect(family.seriesCount).toBe(family.text.split("\n").length - 1);
  });
});

describe("limits of labels", () => {
  const limited = (limits: Partial<ContentLimits>, raw: string, body = "") =>
    admit(parse(body), path(raw), { ...noLimits, ...limits });
  const remembered = createAdmission();
  const again = (limits: Partial<ContentLimits>, raw: string, body: string) => {
    const parseAgain = createTextParser({ names: "utf8" });
    for (let i = 0; i < 3; i++) remembered(parseAgain(Buffer.from(body)), path(raw));
    return remembered(parseAgain(Buffer.from(body)), path(raw), { ...noLimits, ...limits });
  };

  test.each([
    ["at first", limited],
    ["when the series is known", again],
  ])("grouping labels count, those that override others once and empty ones not: %s", (_, attempt) => {
    const body = 'm{a="1",zone="2",b=""} 3\n';
    expect(attempt({ "push.max-labels": 3 }, "/job/j/zone/z/instance/", body)).toHaveLength(1);
    const refused = () => attempt({ "push.max-labels": 2 }, "/job/j/zone/z", 'm{a="1",zone="2"} 3\n');
    expect(refused).toThrow(LimitExceeded);
    expect(refused).toThrow('a series of "m" has more than 2 labels');
  });

  test("a group alone may have too many or too long ones, whatever is pushed", () => {
    expect(limited({ "push.max-labels": 2 }, "/job/j/a/1")).toEqual([]);
    expect(() => limited({ "push.max-labels": 2 }, "/job/j/a/1/b/2")).toThrow("a series of this group");
    expect(() => limited({ "push.max-label-name-length": 3 }, "/job/j/zone/1")).toThrow(
      'the label name "zone" of this group is longer than 3 bytes',
    );
    expect(limited({ "push.max-label-value-length": 4 }, "/job/%C3%BC%C3%BC")).toEqual([]);
    expect(() => limited({ "push.max-label-value-length": 3 }, "/job/%C3%BC%C3%BC")).toThrow(
      'the value of label "job" of this group is longer than 3 bytes',
    );
  });
});
