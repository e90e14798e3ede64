import { createTextParser, type Family, parseText } from "@pushfleet/exposition";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AdmissionError } from "./admission-error.ts";
import { admit, createAdmission } from "./admit.ts";
import type { AdmittedFamily } from "./admitted.ts";
import { parseGroupPath } from "./path.ts";
import { TemplatedMetric } from "./series-memory.ts";

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
    return push(raw, body).map((family) => ({
      ...family,
      metrics: family.metrics.map(({ labels, identity, identityIsPrinted }) => ({
        labels,
        identity,
        identityIsPrinted,
      })),
    }));
  } catch (error) {
    if (error instanceof AdmissionError) return { code: error.code, message: error.message };
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

describe("admission with a memory", () => {
  test("does what admission without does", () => {
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
      { numRuns: 1000 },
    );
  });

  test("makes use of it once a series was pushed before, from whatever group", () => {
    const push = withMemory();
    const text = 'm{k="2",zz="y"} 1\nm{k="1",zz="x"} 2\n';
    const isTemplated = (families: AdmittedFamily[]) =>
      families.flatMap((family) => family.metrics.map((metric) => metric instanceof TemplatedMetric));
    expect(isTemplated(push("/job/a/u/1", text))).toEqual([false, false]);
    const second = push("/job/b/u/2", text);
    expect(isTemplated(second)).toEqual([true, true]);
    expect(second[0]?.text).toBe(
      'm{instance="",job="b",k="1",u="2",zz="x"} 2\nm{instance="",job="b",k="2",u="2",zz="y"} 1\n',
    );
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
    expect(push("/job/a", lines)[0]?.metrics[0]?.identity).toBe('m{instance="",job="a",k="800"} ');
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
