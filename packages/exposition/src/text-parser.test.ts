import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ACCEPTED, ACCEPTED_HERE_ONLY, ACCEPTED_UTF8_NAMES } from "./corpus/accepted.ts";
import { MALFORMED, MALFORMED_LEGACY_NAMES } from "./corpus/malformed.ts";
import { ExpositionError, type Family } from "./family.ts";
import type { NameScheme } from "./names.ts";
import { parseText } from "./text-parser.ts";
import { familyHeader, metricText } from "./text-writer.ts";

/** Parses a body given as one character a byte. */
function parse(bytes: string, names: NameScheme = "legacy"): Family[] {
  return parseText(Buffer.from(bytes, "latin1"), { names });
}

function print(families: readonly Family[]): string {
  const lines = (family: Family) =>
    family.metrics.map(({ labels, data }) => metricText(family.name, labels, data));
  return families.map((family) => familyHeader(family) + lines(family).join("")).join("");
}

/** The printed families by name, as upstream scrapes them; one character a byte. */
function printSorted(families: readonly Family[]): string {
  const sorted = families.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return Buffer.from(print(sorted), "utf8").toString("latin1");
}

function refusal(bytes: string, names: NameScheme): ExpositionError | undefined {
  try {
    parse(bytes, names);
    return undefined;
  } catch (error) {
    // Anything else is a defect, and fails the test that asked.
    if (error instanceof ExpositionError) return error;
    throw error;
  }
}

function millisecondsToParse(bytes: string): number {
  const body = Buffer.from(bytes, "latin1");
  const start = performance.now();
  try {
    parseText(body, { names: "utf8" });
  } catch {
    // Whether it is refused matters elsewhere.
  }
  return performance.now() - start;
}

describe("a body is taken and printed as upstream prints it", () => {
  it.each(ACCEPTED)("%j", (body, printed) => {
    expect(printSorted(parse(body, "legacy"))).toBe(printed);
    expect(printSorted(parse(body, "utf8"))).toBe(printed);
  });

  it.each(ACCEPTED_HERE_ONLY)("unlike upstream: %j", (body, printed) => {
    expect(printSorted(parse(body, "legacy"))).toBe(printed);
  });

  it.each(ACCEPTED_UTF8_NAMES)("with UTF-8 names: %j", (body, printed) => {
    expect(printSorted(parse(body, "utf8"))).toBe(printed);
  });
});

describe("a malformed body is refused with upstream's message", () => {
  it.each(MALFORMED)("%j", (body, message) => {
    const expected = `text format parsing error in ${Buffer.from(message, "latin1").toString("utf8")}`;
    expect(refusal(body, "legacy")?.message).toBe(expected);
    expect(refusal(body, "utf8")?.message).toBe(expected);
  });

  it.each(MALFORMED_LEGACY_NAMES)("with legacy names only: %j", (body, message) => {
    const expected = `text format parsing error in ${Buffer.from(message, "latin1").toString("utf8")}`;
    expect(refusal(body, "legacy")?.message).toBe(expected);
    expect(refusal(body, "utf8")?.message).not.toBe(expected);
  });

  it("carries the line as a number too", () => {
    expect(refusal("m 1\n\n# x\nm one\n", "legacy")?.line).toBe(4);
  });
});

describe("what upstream does by accident is not repeated", () => {
  it("a sample without a name is refused even after another sample", () => {
    const expected = "text format parsing error in line 2: invalid metric name";
    expect(refusal('m 1\n{a="b"} 2\n', "utf8")?.message).toBe(expected);
    expect(refusal("m 1\n{} 2\n", "utf8")?.message).toBe(expected);
    expect(refusal('# TYPE m gauge\n{a="b"} 2\n', "utf8")?.message).toBe(expected);
  });

  const MAX_COUNT = 2 ** 64 - 2 ** 11;
  it("a summary's count that is no unsigned integer becomes the nearest one", () => {
    const counts = ["-1", "NaN", "2.9", "1e300", "+Inf"].map((count) => {
      const data = parse(`# TYPE s summary\ns_count ${count}\n`)[0]?.metrics[0]?.data;
      return data?.kind === "summary" ? data.count : undefined;
    });
    expect(counts).toEqual([0, 0, 2, MAX_COUNT, MAX_COUNT]);
  });

  it("invalid UTF-8 in a help text is replaced", () => {
    expect(parse("# HELP m a\xffb\nm 1\n")[0]?.help).toBe("a\ufffdb");
  });
});

describe("the families", () => {
  it("keep the order of the body, of metrics and labels too", () => {
    const families = parse('b{y="1",x="2"} 1\na 1\nb{x="0"} 2\n');
    expect(families.map(({ name }) => name)).toEqual(["b", "a"]);
    expect(families[0]?.metrics.map(({ labels }) => labels)).toEqual([
      [
        ["y", "1"],
        ["x", "2"],
      ],
      [["x", "0"]],
    ]);
  });

  it("have text for UTF-8 and unescaped characters", () => {
    const [family] = parse('# HELP m caf\xc3\xa9 \\\\ \\n\nm{a="\xf0\x9f\x98\xb1\\"\\\\\\n"} 1\n');
    expect(family?.help).toBe("café \\ \n");
    expect(family?.metrics[0]?.labels).toEqual([["a", '😱"\\\n']]);
  });

  it("have the type that a TYPE line says, in any case", () => {
    const types = [
      "counter",
      "Gauge",
      "SUMMARY",
      "untyped",
      "histogram",
      "gaugehistogram",
      "Gauge_Histogram",
    ];
    expect(types.map((type) => parse(`# TYPE m ${type}\nm 1\n`)[0]?.type)).toEqual([
      "counter",
      "gauge",
      "summary",
      "untyped",
      "histogram",
      "gaugehistogram",
      "gaugehistogram",
    ]);
  });

  it("have the timestamps that were pushed, and none else", () => {
    const [family] = parse("m 1 1700000000123\nm 2 -5\nm 3 +7 \t\nm 4 -9223372036854775808\nm 5\n");
    expect(family?.metrics.map((metric) => metric.timestampMs)).toEqual([
      1700000000123,
      -5,
      7,
      -(2 ** 63),
      undefined,
    ]);
    expect(family?.metrics[4]).not.toHaveProperty("timestampMs");
  });

  it("put a summary or histogram together from lines anywhere, whatever the order of labels", () => {
    const families = parse(
      [
        "# TYPE h histogram",
        'h_bucket{a="1",b="2",le="1"} 3',
        'h_bucket{a="2",b="1",le="1"} 4',
        "# TYPE s summary",
        's{quantile="0.5"} 0.1',
        'h_count{b="2",a="1"} 5 12',
        's_sum{a=""} 6',
        'h_sum{b="1",a="2"} 7',
        "",
      ].join("\n"),
    );
    const [h, s] = families;
    expect(h?.metrics).toEqual([
      {
        labels: [
          ["a", "1"],
          ["b", "2"],
        ],
        data: { kind: "histogram", count: 5, sum: 0, buckets: [{ upperBound: 1, cumulativeCount: 3 }] },
        timestampMs: 12,
      },
      {
        labels: [
          ["a", "2"],
          ["b", "1"],
        ],
        data: { kind: "histogram", count: 0, sum: 7, buckets: [{ upperBound: 1, cumulativeCount: 4 }] },
      },
    ]);
    // An empty label makes another metric here; admission is where the two meet.
    expect(s?.metrics).toEqual([
      { labels: [], data: { kind: "summary", count: 0, sum: 0, quantiles: [[0.5, 0.1]] } },
      { labels: [["a", ""]], data: { kind: "summary", count: 0, sum: 6, quantiles: [] } },
    ]);
  });

  it("do not mix metrics whose labels only look alike when joined", () => {
    const [family] = parse(
      '# TYPE s summary\ns_sum{a="b",c="d"} 1\ns_sum{a="b\\",c=\\"d"} 2\ns_sum{a="bc",d=""} 3\n',
    );
    expect(family?.metrics).toHaveLength(3);
  });

  it("reads a view into a larger buffer, and only that", () => {
    const whole = Buffer.from("garbage{m 1\ngarbage{");
    expect(print(parseText(whole.subarray(8, 12), { names: "legacy" }))).toBe("# TYPE m untyped\nm 1\n");
  });
});

describe("whatever the bytes", () => {
  const schemes = fc.constantFrom<NameScheme>("legacy", "utf8");
  const fragments = [
    ...'{}=,"\\\n #\t\r@:_.-+\xff\xc3\xa9',
    "\n",
    " 1\n",
    "# TYPE ",
    "# HELP ",
    " summary\n",
    " histogram\n",
    "h",
    "h_bucket",
    "s_count",
    'le="1"',
    'quantile="0.5"',
    '{a="b"}',
    "NaN",
    "__name__",
  ];

  it("nothing but an ExpositionError is thrown", () => {
    const bodies = fc.oneof(
      fc.array(fc.constantFrom(...fragments), { maxLength: 40 }).map((parts) => parts.join("")),
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString("latin1")),
    );
    fc.assert(
      fc.property(bodies, schemes, (body, names) => {
        const error = refusal(body, names);
        if (error !== undefined) expect(error.message).toMatch(/^text format parsing error in line \d+: /);
      }),
      { numRuns: 3000 },
    );
  });

  it("what was printed reads back and prints the same", () => {
    const anyText = fc.string({ unit: "grapheme", maxLength: 8 });
    const anyName = fc.oneof(
      fc.constantFrom("m", "h_count", "__proto__", "le"),
      anyText.map((text) => `${text}.`),
    );
    const anyLabels = fc.uniqueArray(fc.tuple(anyName, anyText), {
      selector: ([name]) => name,
      maxLength: 4,
    });
    const anyNumber = fc.double();
    const anyFamily: fc.Arbitrary<Family> = fc.record({
      name: anyName,
      // A help text loses the blanks it starts with, as upstream.
      help: anyText.filter((text) => !/^[ \t]/.test(text)),
      type: fc.constantFrom("counter", "gauge", "untyped"),
      metrics: fc.array(
        fc.record({
          labels: anyLabels,
          data: fc.record({ kind: fc.constant("simple" as const), value: anyNumber }),
        }),
        { minLength: 1, maxLength: 4 },
      ),
    });
    const anyHistogram: fc.Arbitrary<Family> = fc.record({
      name: fc.constantFrom("x", "x.y"),
      help: fc.constant(""),
      type: fc.constant("histogram"),
      metrics: fc.uniqueArray(
        fc.record({
          labels: anyLabels.map((labels) => labels.filter(([name]) => name !== "le")),
          data: fc.record({
            kind: fc.constant("histogram" as const),
            count: fc.nat(),
            sum: anyNumber,
            buckets: fc.array(
              fc.record({ upperBound: fc.double({ noNaN: true }), cumulativeCount: fc.nat() }),
            ),
          }),
        }),
        { selector: ({ labels }) => JSON.stringify(labels.toSorted()), minLength: 1, maxLength: 3 },
      ),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.oneof(anyFamily, anyHistogram), { selector: ({ name }) => name, maxLength: 4 }),
        (families) => {
          const text = print(families);
          expect(print(parseText(Buffer.from(text), { names: "utf8" }))).toBe(text);
        },
      ),
      { numRuns: 500 },
    );
  });

  const SIZE = 1 << 20;
  const repeated = (part: string) => part.repeat(SIZE / part.length);
  const numbered = (part: (i: number) => string) =>
    Array.from({ length: SIZE / 16 }, (_, i) => part(i)).join("");
  it.each([
    ["braces", repeated("{")],
    ["backslashes", `m{a="${repeated("\\\\")}"} 1\n`],
    ["backslashes in a help text", `# HELP m ${repeated("\\\\")}\n`],
    ["backslashes and no quote", `m{a="${repeated("\\\\")}`],
    ["quotes", `m{a=${repeated('"')}`],
    ["blanks", repeated(" ")],
    ["blanks before a type's end", `# TYPE m ${repeated(" ")}x\n`],
    ["blanks within a type", `# TYPE m gauge${repeated(" ")}x\n`],
    ["blanks within a timestamp", `m 1 2${repeated(" ")}x\n`],
    ["digits", `m ${repeated("1")}x\n`],
    ["timestamp digits", `m 1 ${repeated("0")}x\n`],
    ["labels", `m{${numbered((i) => `label${i}="",`)}} 1\n`],
    ["lines, with a backslash at the end of all", `${repeated('m{a="bcd"} 1\n')}m{a="\\\\"} 1\n`],
    ["bytes that are not UTF-8", `m{a="${repeated("\xff")}"} 1\n`],
    ["metrics of one histogram", `# TYPE h histogram\n${numbered((i) => `h_sum{a="${i}"} 1\n`)}`],
    [
      "buckets of two histograms in turns",
      `# TYPE h histogram\n${numbered((i) => `h{a="${i % 2}",le="1"} 1\n`)}`,
    ],
  ])("1 MB of %s takes no more than a moment", (_, body) => {
    // Some ms to 150 ms; quadratic behaviour would take minutes.
    expect(millisecondsToParse(body)).toBeLessThan(5_000);
  });
});
