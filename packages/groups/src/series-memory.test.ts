import {
  createTextParser,
  ExpositionError,
  type Family,
  formatFloat,
  parseText,
} from "@pushfleet/exposition";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AdmissionError } from "./admission-error.ts";
import { admit, createAdmission } from "./admit.ts";
import { TemplatedMetric } from "./admit-known.ts";
import type { AdmittedFamily } from "./admitted.ts";
import { parseGroupPath } from "./path.ts";

type Push = (rawPath: string, body: string) => AdmittedFamily[];

const path = (raw: string) => parseGroupPath(raw, { names: "utf8" });

function withMemory(): Push {
  const parse = createTextParser({ names: "utf8" });
  const admitted = createAdmission();
  return (raw, body) => admitted(parse(Buffer.from(body)), path(raw));
}

const withoutMemory: Push = (raw, body) => admit(parseText(Buffer.from(body), { names: "utf8" }), path(raw));

/** What comes of the push, with the labels that are made on demand. */
function outcome(push: Push, raw: string, body: string): unknown {
  try {
    const admitted = push(raw, body);
    for (const { seriesCount, text } of admitted) expect(seriesCount).toBe(text.split("\n").length - 1);
    return admitted.map((family) => ({
      ...family,
      metrics: Array.from(family.metrics, ({ labels, identity }) => ({ labels, identity })),
    }));
  } catch (error) {
    if (error instanceof AdmissionError) return { code: error.code, message: error.message };
    if (error instanceof ExpositionError) return { message: error.message };
    throw error;
  }
}

const rawPath = fc.constantFrom(
  "/job/a",
  "/job/b",
  "/job/b/instance/i",
  "/job/a/instance/",
  "/job/a/instance/i/k/k",
  "/job/a/zone/z/b/y",
  "/job/a/zone/q%22%5C/b/x",
  "/job/a/zone/",
  "/job/a/U__x_2e_y/1",
  "/job/a/le/1",
  "/job/a/quantile/q",
);
const labelSet = fc.constantFrom(
  "",
  '{k="1"}',
  '{k="2"}',
  '{k="k"}',
  '{k=""}',
  '{a="1"}',
  '{a="1",k="2"}',
  '{k="2",a="1"}',
  '{z="1",c="\\"\\\\"}',
  '{instance="i"}',
  '{instance=""}',
  '{instance="j",job="c",k="3"}',
  '{job="a"}',
  '{le="1"}',
  '{quantile="1"}',
  '{__name="x"}',
  '{"x.y"="1"}',
  '{"x.y"="2",a="0"}',
);
const sample = fc
  .tuple(fc.constantFrom("m", "n", "h_count", "push_time_seconds", "pushfleet_x"), labelSet, fc.nat(3))
  .map(([name, labels, value]) => `${name}${labels} ${value}`);
const line = fc.oneof(
  { weight: 5, arbitrary: sample },
  fc.constantFrom(
    "# TYPE n counter",
    "# TYPE h histogram",
    "# TYPE h summary",
    "h 1",
    "m 1 1",
    '{"m.n",k="2"} 1',
  ),
);
/** Types come first, or the body would be refused more often than not. */
const body = fc
  .uniqueArray(line, { maxLength: 6 })
  .map((lines) => lines.toSorted((a, b) => Number(b.startsWith("#")) - Number(a.startsWith("#"))))
  .map((lines) => lines.filter((each, i) => !lines.slice(0, i).some((other) => typed(other) === typed(each))))
  .map((lines) => lines.map((each) => `${each}\n`).join(""));

function typed(text: string): string {
  return text.startsWith("#") ? text.slice(0, 8) : text;
}

/** The lines of one summary or histogram, or of some of its label sets, in whatever order. */
const distribution = fc
  .record({
    name: fc.constantFrom("h", "h", "h_count", "h_sum", "pushfleet"),
    type: fc.constantFrom("summary", "histogram", "gaugehistogram"),
    lines: fc.array(
      fc.record({
        part: fc.constantFrom("", "", "", "_sum", "_count"),
        labels: fc.oneof({ weight: 3, arbitrary: fc.constantFrom("", '{k="1"}') }, labelSet),
        bound: fc.constantFrom("0.1", "0.5", "0.99", "1", "1.0", "1e6", "+Inf", "-0", "0", "-Inf", "NaN"),
        value: fc.oneof(
          { weight: 9, arbitrary: fc.constantFrom("0", "3", "2.5", "1234567", "0.00001", "+Inf", "NaN") },
          fc.constantFrom("-1", "1 1"),
        ),
      }),
      { minLength: 1, maxLength: 8 },
    ),
  })
  .map(({ name, type, lines }) => {
    const texts = lines.map(({ part, labels, bound, value }) => {
      if (part !== "") return `${name}${part}${labels} ${value}\n`;
      const own = labels === "" ? "{" : `${labels.slice(0, -1)},`;
      return type === "summary"
        ? `${name}${own}quantile="${bound}"} ${value}\n`
        : `${name}_bucket${own}le="${bound}"} ${value}\n`;
    });
    return `# TYPE ${name} ${type}\n${texts.join("")}`;
  });
/** With all its lines, and the bounds in order, as clients send them. */
const tidyDistribution = fc
  .record({
    name: fc.constantFrom("h", "my.h"),
    labels: fc.constantFrom("", 'b="x",', 'k="1",z="\\\\",'),
    type: fc.constantFrom("summary", "histogram"),
    bounds: fc.uniqueArray(fc.constantFrom(0.1, 0.5, 1, 2.5, 1e7, Number.POSITIVE_INFINITY)),
    value: fc.oneof(fc.nat(), fc.double({ min: 0, noDefaultInfinity: true })),
  })
  .map(({ name, labels, type, bounds, value }) => {
    const line = (suffix: string, bound: string) => `{"${name}${suffix}",${labels}${bound}} ${value}\n`;
    const boundLines = bounds
      .toSorted((a, b) => a - b)
      .map((bound) => {
        const text = formatFloat(bound);
        return type === "summary" ? line("", `quantile="${text}"`) : line("_bucket", `le="${text}"`);
      });
    return `# TYPE "${name}" ${type}\n${boundLines.join("")}${line("_sum", "")}${line("_count", "")}`;
  });

describe("admission with a memory", () => {
  test.each([
    ["simple metrics", body],
    ["summaries and histograms", distribution],
    ["tidy summaries and histograms", tidyDistribution],
    ["several families", fc.tuple(body, distribution, tidyDistribution).map((bodies) => bodies.join(""))],
  ])("does what admission without does, for %s", (_, body) => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(rawPath, body), { minLength: 1, maxLength: 5 }),
        fc.array(rawPath, { minLength: 1, maxLength: 3 }),
        (pushes, otherPaths) => {
          const push = withMemory();
          const elsewhere = pushes.flatMap(([, each]) => otherPaths.map((other) => [other, each] as const));
          for (const [raw, each] of [...pushes, ...pushes, ...elsewhere, ...pushes]) {
            expect(outcome(push, raw, each)).toEqual(outcome(withoutMemory, raw, each));
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  test("makes use of it once a series was pushed before, from whatever group", () => {
    const push = withMemory();
    const text = 'm{k="2",zz="y"} 1\nm{k="1",zz="x"} 2\n';
    const isTemplated = (families: AdmittedFamily[]) =>
      families.flatMap((family) => Array.from(family.metrics, (metric) => metric instanceof TemplatedMetric));
    expect(isTemplated(push("/job/a/u/1", text))).toEqual([false, false]);
    const second = push("/job/b/u/2", text);
    expect(isTemplated(second)).toEqual([true, true]);
    expect(second[0]?.text).toBe(
      'm{instance="",job="b",k="1",u="2",zz="x"} 2\nm{instance="",job="b",k="2",u="2",zz="y"} 1\n',
    );
  });

  test("makes use of it for summaries and histograms too, and adds a missing bucket", () => {
    const push = withMemory();
    const text =
      '# TYPE h histogram\nh_bucket{k="1",le="0.5"} 1\nh_sum{k="1"} 2.5\nh_count{k="1"} 3e6\n' +
      '# TYPE s summary\ns{quantile="0.9"} NaN\ns_sum 0\ns_count 0\n';
    expect(outcome(push, "/job/a", text)).toEqual(outcome(push, "/job/a", text));
    const families = push("/job/a", text);
    expect(
      families.flatMap(({ metrics }) => Array.from(metrics, (metric) => metric instanceof TemplatedMetric)),
    ).toEqual([true, true]);
    expect(families.map((family) => family.text)).toEqual([
      'h_bucket{instance="",job="a",k="1",le="0.5"} 1\n' +
        'h_bucket{instance="",job="a",k="1",le="+Inf"} 3e+06\n' +
        'h_sum{instance="",job="a",k="1"} 2.5\nh_count{instance="",job="a",k="1"} 3e+06\n',
      's{instance="",job="a",quantile="0.9"} NaN\n' +
        's_sum{instance="",job="a"} 0\ns_count{instance="",job="a"} 0\n',
    ]);
  });

  test("takes a line for what it is in each body", () => {
    const push = withMemory();
    const line = "h_count 1\n";
    for (const text of [`# TYPE h histogram\n${line}`, `# TYPE h_count histogram\n${line}`, line]) {
      for (let i = 0; i < 3; i++) {
        expect(outcome(push, "/job/a", text)).toEqual(outcome(withoutMemory, "/job/a", text));
      }
    }
  });

  test("finds a bound that is given twice, also when it knows the lines", () => {
    const push = withMemory();
    for (const [type, lines, what] of [
      ["histogram", 'h_bucket{le="1"} 1\nh_bucket{le="1.0"} 2\n', "bucket"],
      ["summary", 'h{quantile="0.5"} 1\nh{quantile="0.5"} 2\n', "quantile"],
    ]) {
      for (let i = 0; i < 3; i++) {
        expect(() => push("/job/a", `# TYPE h ${type}\n${lines}`)).toThrow(
          `has the same ${what} more than once`,
        );
      }
    }
  });

  test("finds a series that is pushed twice, also when it knows it", () => {
    const push = withMemory();
    push("/job/a", "m 1\n");
    expect(() => push("/job/a", "m 1\nm 2\n")).toThrow(/was collected before with the same name/);
    expect(() => push("/job/a", 'm 1\nm{job="b"} 2\n')).toThrow(/was collected before with the same name/);
  });

  test("sorts many series that come in the wrong order", () => {
    const push = withMemory();
    const lines = Array.from({ length: 200 }, (_, i) => `m{k="${String(999 - i)}"} ${i}\n`).join("");
    expect(outcome(push, "/job/a", lines)).toEqual(outcome(push, "/job/a", lines));
    const [first] = push("/job/a", lines)[0]?.metrics ?? [];
    expect(first?.identity).toBe('m{instance="",job="a",k="800"} ');
  });

  test("takes families that come without heads, as from protobuf", () => {
    const family: Family = {
      name: "m",
      help: "",
      type: "gauge",
      metrics: [{ labels: [], data: { kind: "simple", value: 1 } }],
    };
    const admitted = createAdmission();
    expect(admitted([family], path("/job/a"))).toEqual(admit([family], path("/job/a")));
  });
});
