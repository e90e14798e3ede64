import { PassThrough } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import fc from "fast-check";
import { expect, test } from "vitest";
import { MetricLines } from "./metric-lines.ts";

async function through(chunks: readonly Buffer[], prefix = "::m ") {
  const lines = new MetricLines(prefix);
  const out = new PassThrough();
  const [passed] = await Promise.all([buffer(out), pipeline(chunks, lines, out)]);
  return { passed: passed.toString(), kept: lines.lines, dropped: lines.dropped };
}

test("lines with the prefix are kept, all others pass as they are", async () => {
  const text = "one\n::m rows 1\r\n\n ::m not at the start\n::mother\n::m \n::m size 2\ntwo";
  expect(await through([Buffer.from(text)])).toEqual({
    passed: "one\n\n ::m not at the start\n::mother\ntwo",
    kept: ["rows 1", "", "size 2"],
    dropped: 0,
  });
});

test("how the output is cut into chunks changes nothing", async () => {
  const line = fc.constantFrom("::m a 1", "::m", ":", "", "text", " ::m x", '::m ü{a="b"} 2');
  await fc.assert(
    fc.asyncProperty(fc.array(line), fc.boolean(), fc.array(fc.nat(12)), async (lines, endsOpen, sizes) => {
      const bytes = Buffer.from(lines.join("\n") + (endsOpen ? "" : "\n"));
      const chunks: Buffer[] = [];
      let at = 0;
      for (const size of [...sizes, bytes.length]) {
        chunks.push(bytes.subarray(at, at + size));
        at += size;
      }
      expect(await through(chunks)).toEqual(await through([bytes]));
    }),
  );
});

test("a line that is too long is left out to its end, and takes no others along", async () => {
  const part = Buffer.alloc(1024 * 1024, "x");
  const chunks = [Buffer.from("::m a 1\n::m "), ...Array(6).fill(part), Buffer.from("\n::m b 2\nout\n")];
  expect(await through(chunks)).toEqual({ passed: "out\n", kept: ["a 1", "b 2"], dropped: 1 });
});

test("what cannot become a metric passes before its line ends", () => {
  const lines = new MetricLines("::m ");
  const read = () => (lines.read() as Buffer | null)?.toString() ?? "";
  lines.write("Name? ");
  expect(read()).toBe("Name? ");
  lines.write("yes\n::");
  expect(read()).toBe("yes\n");
  lines.write("x");
  expect(read()).toBe("::x");
});
