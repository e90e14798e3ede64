import { describe, expect, it } from "vitest";
import { escapeHelp, escapeLabelValue, familyHeader, metricText, seriesText } from "./text-writer.ts";

describe("seriesText", () => {
  it("has no braces without labels", () => {
    expect(seriesText("m", [])).toBe("m");
  });

  it("keeps the labels in the order given, empty ones too", () => {
    const labels = [
      ["b", "1"],
      ["a", ""],
    ] as const;
    expect(seriesText("m", labels)).toBe('m{b="1",a=""}');
  });

  it("escapes backslash, quote and line feed in values and nothing else", () => {
    expect(seriesText("m", [["a", 'x\\y"z\n\t{é}\r']])).toBe('m{a="x\\\\y\\"z\\n\t{é}\r"}');
  });

  it("puts a name outside the classic character set into the braces, quoted", () => {
    expect(seriesText("my.metric", [])).toBe('{"my.metric"}');
    expect(seriesText('a"\\\n', [["b", "c"]])).toBe('{"a\\"\\\\\\n",b="c"}');
    expect(seriesText("1m", [])).toBe('{"1m"}');
  });

  it("quotes label names outside the classic character set, those with a colon too", () => {
    const labels = [
      ["a.b", "1"],
      ["a:b", "2"],
      ["_a", "3"],
    ] as const;
    expect(seriesText("a:b", labels)).toBe('a:b{"a.b"="1","a:b"="2",_a="3"}');
  });
});

describe("metricText", () => {
  it("writes a simple metric as one line", () => {
    expect(metricText("m", [["a", "b"]], { kind: "simple", value: 1e6 })).toBe('m{a="b"} 1e+06\n');
  });

  it("writes a summary's quantiles before its sum and count, with quantile last", () => {
    const data = {
      kind: "summary",
      count: 3,
      sum: 0.5,
      quantiles: [
        [0.99, Number.NaN],
        [0.5, -1],
      ],
    } as const;
    expect(metricText("s", [["z", "1"]], data)).toBe(
      's{z="1",quantile="0.99"} NaN\ns{z="1",quantile="0.5"} -1\ns_sum{z="1"} 0.5\ns_count{z="1"} 3\n',
    );
  });

  it("adds the +Inf bucket of a histogram when it is missing, with the count", () => {
    const data = {
      kind: "histogram",
      count: 2e6,
      sum: 1,
      buckets: [{ upperBound: 1, cumulativeCount: 1 }],
    } as const;
    expect(metricText("h", [], data)).toBe(
      'h_bucket{le="1"} 1\nh_bucket{le="+Inf"} 2e+06\nh_sum 1\nh_count 2e+06\n',
    );
  });

  it("keeps the +Inf bucket as it was pushed", () => {
    const buckets = [
      { upperBound: Infinity, cumulativeCount: 7 },
      { upperBound: 1e6, cumulativeCount: 1.5 },
    ];
    expect(metricText("h", [], { kind: "histogram", count: 2, sum: 1, buckets })).toBe(
      'h_bucket{le="+Inf"} 7\nh_bucket{le="1e+06"} 1.5\nh_sum 1\nh_count 2\n',
    );
  });

  it("adds the suffixes of a quoted name within the quotes", () => {
    expect(metricText("my.h", [["a", "b"]], { kind: "histogram", count: 0, sum: 0, buckets: [] })).toBe(
      '{"my.h_bucket",a="b",le="+Inf"} 0\n{"my.h_sum",a="b"} 0\n{"my.h_count",a="b"} 0\n',
    );
  });

  it("writes nothing where there is no data", () => {
    expect(metricText("m", [], { kind: "missing" })).toBe("");
  });
});

describe("familyHeader", () => {
  it("has a HELP line only when there is help", () => {
    expect(familyHeader({ name: "m", help: "", type: "gauge" })).toBe("# TYPE m gauge\n");
    expect(familyHeader({ name: "m", help: "x", type: "counter" })).toBe("# HELP m x\n# TYPE m counter\n");
  });

  it("escapes the help and quotes the name", () => {
    expect(familyHeader({ name: "m.n", help: 'a\\b\n"c"', type: "untyped" })).toBe(
      '# HELP "m.n" a\\\\b\\n"c"\n# TYPE "m.n" untyped\n',
    );
  });

  it("calls a gauge histogram a histogram, which the format has no other word for", () => {
    expect(familyHeader({ name: "h", help: "", type: "gaugehistogram" })).toBe("# TYPE h histogram\n");
  });
});

describe("escaping", () => {
  it("escapes each backslash once", () => {
    expect(escapeLabelValue('\\n"\n')).toBe('\\\\n\\"\\n');
    expect(escapeHelp('\\n"\n')).toBe('\\\\n"\\n');
  });

  it("leaves everything else alone", () => {
    expect(escapeLabelValue("$& é\t'")).toBe("$& é\t'");
    expect(escapeHelp("$& é\t'")).toBe("$& é\t'");
  });
});
