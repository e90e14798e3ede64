import { expect, test } from "vitest";
import { familiesOf } from "./custom-metrics.ts";

function read(text: string) {
  const warnings: string[] = [];
  const families = familiesOf(text, { source: "etl.prom", warn: (message) => void warnings.push(message) });
  return { families, warnings };
}

test("families come one by one, with types and help", () => {
  const text = '# HELP a Help.\n# TYPE a gauge\na{x="1"} 1\nb 2\na{x="2"} 3';
  expect(read(text)).toEqual({
    families: [
      { name: "a", text: '# HELP a Help.\n# TYPE a gauge\na{x="1"} 1\na{x="2"} 3\n' },
      { name: "b", text: "# TYPE b untyped\nb 2\n" },
    ],
    warnings: [],
  });
});

test("a line that is wrong is left out and told, by its own number", () => {
  const { families, warnings } = read("a 1\noops\n\nb x\nc 3\n");
  expect(families.map(({ name }) => name)).toEqual(["a", "c"]);
  expect(warnings).toEqual([
    expect.stringMatching(/^etl\.prom: .*line 2: .*; the line is left out$/),
    expect.stringContaining("line 4"),
  ]);
});

test("a file that is something else altogether is left alone", () => {
  const { families, warnings } = read("oops\n".repeat(1000));
  expect(families).toBeEmpty();
  expect(warnings.at(-1)).toBe("etl.prom: no metrics are taken from it, because too many lines are wrong");
  expect(warnings.length).toBeLessThan(30);
});

test("a timestamp stays, so that the gateway can say what it thinks of it", () => {
  expect(read("a 1 1700000000000\n").families).toEqual([
    { name: "a", text: "# TYPE a untyped\na 1 1700000000000\n" },
  ]);
});
