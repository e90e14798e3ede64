import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Family, SeriesHead } from "./family.ts";
import { ExpositionError } from "./family.ts";
import { LineMemory } from "./line-memory.ts";
import type { NameScheme } from "./names.ts";
import { createTextParser, parseText } from "./text-parser.ts";

type Parse = (body: Uint8Array) => Family[];

/** What comes of the body, without the heads: those only a parser with a memory gives. */
function outcome(parse: Parse, body: string): unknown {
  try {
    return parse(Buffer.from(body, "utf8")).map((family) => ({
      ...family,
      metrics: family.metrics.map(({ head: _, ...metric }) => metric),
    }));
  } catch (error) {
    if (error instanceof ExpositionError) return { message: error.message, line: error.line };
    throw error;
  }
}

function heads(parse: Parse, body: string): (SeriesHead | undefined)[] {
  return parse(Buffer.from(body)).flatMap((family) => family.metrics.map(({ head }) => head));
}

/** Lines that mean different things depending on those before them, and lines on the edge of being refused. */
const line = fc.oneof(
  fc.constantFrom(
    "# HELP m first",
    "# HELP m second",
    "# HELP m with \\\\ and \\n",
    "# HELP h_count part",
    "# HELP m é",
    "# HELP m",
    "# TYPE m ",
    "# TYPE m nonsense",
    "# TYPE h_count counter",
    "# a remark",
    "",
    "  ",
    "é",
    "m{",
    'm{a="1",a="2"} 1',
    'm{a="1"',
    "m5",
    "m5 3",
  ),
  fc
    .tuple(
      fc.constantFrom("m", "h", "x"),
      fc.constantFrom("gauge", "counter", "summary", "histogram", "untyped"),
    )
    .map(([name, type]) => `# TYPE ${name} ${type}`),
  fc
    .tuple(
      fc.constantFrom(
        "m ",
        "m\t",
        "  m ",
        "m",
        "m{} ",
        'm{a="1"} ',
        'm{a="1"}',
        'm{ a = "1" , } ',
        'm{a="é"} ',
        'm{a="\\"b c\\""} ',
        'm{le="1"} ',
        'm{le="x"} ',
        'm{quantile="0.5",a="1"} ',
        '{"m",a="1"} ',
        '{a="1","m"} ',
        '{"m.n"} ',
        '{le="1","h"} ',
        "h_count ",
        "h_sum ",
        "h ",
        'h_bucket{le="1"} ',
        'h_bucket{le="+Inf",a="1"} ',
        "x ",
        "constructor ",
        "__proto__ ",
      ),
      fc.constantFrom(
        ..."0 1 5 -1 -0 +1 12.5 -3.25 .5 5. . - 1e3 1.7e+09 1e-7 1e 1e400 NaN +Inf -inf 123456789012345 1234567890123456".split(
          " ",
        ),
        "1 ",
        "1\t",
        "1 1700000000000",
        "1 x",
        "1\r",
        "0x1",
        "1_0",
        "",
        "é",
      ),
    )
    .map(([before, value]) => before + value),
);
const body = fc
  .tuple(fc.array(line, { maxLength: 12 }), fc.boolean())
  .map(([lines, isEnded]) => lines.join("\n") + (isEnded ? "\n" : ""));

describe("a parser with a memory", () => {
  test.each<NameScheme>(["legacy", "utf8"])("does what one without does, with %s names", (names) => {
    fc.assert(
      fc.property(fc.array(body, { minLength: 1, maxLength: 6 }), (bodies) => {
        const parse = createTextParser({ names });
        // Twice each, so that even the first line of the first body is recalled.
        for (const each of [...bodies, ...bodies]) {
          expect(outcome(parse, each)).toEqual(outcome((bytes) => parseText(bytes, { names }), each));
        }
      }),
      { numRuns: 1500 },
    );
  });

  test("knows a series from the second time on, whatever its value", () => {
    const parse = createTextParser({ names: "legacy" });
    expect(heads(parse, 'm{a="1"} 1\nm 2\n')).toEqual([undefined, undefined]);
    const known = heads(parse, 'm{a="1"} 3\nm 4.5\n');
    expect(known).toEqual([
      { name: "m", labels: [["a", "1"]] },
      { name: "m", labels: [] },
    ]);
    const [first, second] = heads(parse, 'm NaN\nm{a="1"} 1.7e9\n');
    expect(first).toBe(known[1]);
    expect(second).toBe(known[0]);
  });

  test("keeps the head of a series whose value or end of line was unusual in between", () => {
    const parse = createTextParser({ names: "legacy" });
    parse(Buffer.from("m 1\n"));
    const [before] = heads(parse, "m 1\n");
    parse(Buffer.from("m 1 \nn 1 1700000000000\n"));
    expect(heads(parse, "m 1\n")[0]).toBe(before);
    expect(before).toBeDefined();
  });

  test("takes a line anew when its family has become a histogram", () => {
    const parse = createTextParser({ names: "legacy" });
    const line = 'm_bucket{le="1"} 2\n';
    parse(Buffer.from(line));
    expect(parse(Buffer.from(`# TYPE m histogram\n${line}`))).toEqual([
      {
        name: "m",
        help: "",
        type: "histogram",
        metrics: [
          {
            labels: [],
            data: {
              kind: "histogram",
              count: 0,
              sum: 0,
              buckets: [{ upperBound: 1, cumulativeCount: 2 }],
            },
          },
        ],
      },
    ]);
    expect(parse(Buffer.from(line))[0]?.metrics[0]?.labels).toEqual([["le", "1"]]);
  });

  test("refuses a negative count in a line it knows", () => {
    const parse = createTextParser({ names: "legacy" });
    const body = (count: number) => Buffer.from(`# TYPE h histogram\nh_count ${count}\n`);
    parse(body(1));
    parse(body(2));
    expect(() => parse(body(-1))).toThrow(/line 2: negative count for histogram "h"/);
  });

  test("takes up a line again after a flood of lines that never repeat", () => {
    const parse = createTextParser({ names: "legacy" });
    for (let i = 0; i < 2000; i++) {
      const lines = Array.from({ length: 12 }, (_, j) => `m{n="${i}-${j}"} 1\n`);
      parse(Buffer.from(lines.join("")));
    }
    const body = 'm{a="1"} 1\nm{a="2"} 1\nm{a="3"} 1\n';
    for (let i = 0; i < 20; i++) parse(Buffer.from(body));
    expect(heads(parse, body)).not.toContain(undefined);
  });

  test("refuses a repeated HELP or TYPE line also when it knows it", () => {
    const parse = createTextParser({ names: "legacy" });
    parse(Buffer.from("# HELP m h\n# TYPE m gauge\nm 1\n"));
    expect(() => parse(Buffer.from("# HELP m h\n# HELP m h\n"))).toThrow(/line 2: second HELP line/);
    expect(() => parse(Buffer.from("m 1\n# TYPE m gauge\n"))).toThrow(/line 2: second TYPE line/);
  });
});

describe("a line memory", () => {
  const learn = (memory: LineMemory, text: string) =>
    memory.learn({
      kind: "sample",
      text,
      name: "m",
      labels: [],
      boundName: undefined,
      bound: Number.NaN,
    });

  test("starts over when it is full", () => {
    const memory = new LineMemory();
    let most = 0;
    for (let i = 0; i < 40_000; i++) {
      learn(memory, `m{n="${i}"} `);
      most = Math.max(most, memory.size);
    }
    expect(most).toBe(16_384);
    expect(memory.size).toBeLessThan(16_384);
    expect(memory.find('m{n="39999"} ')).toBeDefined();
    expect(memory.find('m{n="0"} ')).toBeUndefined();
  });

  test("is full by characters too, and does not take long lines", () => {
    const memory = new LineMemory();
    for (let i = 0; i < 10_000; i++) learn(memory, `m{n="${String(i).padStart(500, "0")}"} `);
    expect(memory.size * 500).toBeLessThan(2 ** 21 + 1000);
    learn(memory, `m{n="${"0".repeat(600)}"} `);
    expect(memory.find(`m{n="${"0".repeat(600)}"} `)).toBeUndefined();
  });

  test("is of no more use to a body after 512 unknown lines", () => {
    const memory = new LineMemory();
    memory.startBody();
    for (let i = 0; i < 512; i++) {
      expect(memory.isOfUse).toBe(true);
      expect(memory.find(`m{n="${i}"} `)).toBeUndefined();
    }
    expect(memory.isOfUse).toBe(false);
    expect(memory.isLearning).toBe(false);
    memory.startBody();
    expect(memory.isOfUse).toBe(true);
  });

  test("learns one line in four bodies, and one for each recalled, once it was filled in vain", () => {
    const memory = new LineMemory();
    for (let i = 0; i < 16_384; i++) {
      expect(memory.isLearning).toBe(true);
      learn(memory, `m{n="${i}"} `);
    }
    expect(memory.isLearning).toBe(false);
    let learned = 0;
    for (let i = 0; i < 40; i++) {
      memory.startBody();
      if (!memory.isLearning) continue;
      learn(memory, `m{n="later ${i}"} `);
      learned++;
    }
    expect(learned).toBe(10);
    memory.paid();
    expect(memory.isLearning).toBe(true);
  });

  test("is soon of no use to a body when nothing pays", () => {
    const memory = new LineMemory();
    for (let i = 0; i < 16_384; i++) learn(memory, `m{n="${i}"} `);
    memory.startBody();
    for (let i = 0; i < 3; i++) memory.find("unknown ");
    expect(memory.isOfUse).toBe(false);
  });
});

describe("a value", () => {
  const value = (text: string) => {
    const data = parseText(Buffer.from(`m ${text}\n`), { names: "legacy" })[0]?.metrics[0]?.data;
    return data?.kind === "simple" ? data.value : undefined;
  };

  test("is rounded right, however it is written", () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 10n ** 18n }),
        fc.nat(19),
        fc.option(fc.integer({ min: -30, max: 30 }), { nil: undefined }),
        fc.constantFrom("", "-"),
        (digits, point, exponent, sign) => {
          const all = String(digits);
          const at = Math.min(point, all.length);
          const mantissa = `${all.slice(0, at)}.${all.slice(at)}`;
          const text = `${sign}${mantissa}${exponent === undefined ? "" : `e${exponent}`}`;
          expect(value(text)).toBe(Number(text));
        },
      ),
      { numRuns: 5000 },
    );
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
        expect(value(String(number))).toBe(Number(String(number)));
      }),
      { numRuns: 5000 },
    );
  });
});
