import type { AdmittedFamily } from "@pushfleet/groups";
import fc from "fast-check";
import { expect, test } from "vitest";
import { counter, gauge, group, histogram, withEmptyLabel } from "../contract/families.ts";
import { textOf } from "../text-span.ts";
import {
  createFamilyReader,
  decodeSeries,
  encodeLayout,
  encodePushed,
  escapeLine,
  unescapeLine,
} from "./pushed-families.ts";

const version = 1_700_000_000_000_001;
const owner = group({ job: "a b" });
const other = gauge(owner, "other", 4);

function stored(families: readonly AdmittedFamily[]) {
  return { layout: Buffer.from(encodeLayout(families)), pushed: Buffer.from(encodePushed(families)) };
}

function shown(
  { metrics, unprinted: _unprinted, seriesCount: _, ...family }: AdmittedFamily,
  pushedAtMicros: number,
) {
  return { ...family, metricCount: metrics.length, pushedAtMicros };
}

const cases = [
  ["a gauge", gauge(owner, "m", 1)],
  ["a gauge histogram", histogram(owner, "h", 2, "gaugehistogram")],
  ["several series with help", { ...counter(owner, "c", 3, [{ x: "1" }, { x: "2" }]), help: "two of them" }],
  ["help that looks like more of it", { ...gauge(owner, "m", 1), help: ' 7 \\n\ngm\nm{job="a b"} 1\n' }],
  ["binary protobuf", { ...gauge(owner, "m", 1), proto: new Uint8Array([0, 10, 13, 128, 255]) }],
  ["protobuf and help", { ...gauge(owner, "m", 1), help: "h", proto: new Uint8Array([1]) }],
  ["no series at all", { ...gauge(owner, "m", 1), text: "", metrics: [] }],
  ["any Unicode", { ...gauge(group({ job: "💥 ü\n" }), "mü\n\t?", 1), help: "💥" }],
] as const;

test.each(cases)("what is written of %s beside others is read again", (_, family) => {
  const readFamilies = createFamilyReader();
  const pushed = [other, family, histogram(owner, "h2", 1)];
  for (const round of [0, 1]) {
    const fields = { ...stored(pushed), pushedAtMicros: version + round, leftovers: [] };
    const read = readFamilies(fields).map((each) => ({ ...each, text: textOf(each.text) }));
    expect(read).toEqual(pushed.map((each) => shown(each, version + round)));
  }
});

test.each(cases)("%s is read as a leftover", (_, family) => {
  const { layout, pushed } = stored([family]);
  const leftovers = [Buffer.concat([Buffer.from(`${version}`), layout, pushed])];
  const last = stored([other]);
  const fields = { pushed: last.pushed, layout: Buffer.from(`?${encodeLayout([other])}`), leftovers };
  const read = createFamilyReader()({ ...fields, pushedAtMicros: version + 1 });
  expect(read.map((each) => ({ ...each, text: textOf(each.text) }))).toEqual([
    shown(other, version + 1),
    shown(family, version),
  ]);
});

test("identities that are not printed are kept beside the text", () => {
  const family = withEmptyLabel(gauge(owner, "m", 1, [{ x: "1" }, { x: "ü" }]));
  const { layout, pushed } = stored([family]);
  expect(decodeSeries(layout, pushed)).toEqual({
    text: family.text,
    unprinted: Array.from(family.metrics, ({ identity }) => identity),
  });
});

test("a layout has two lines for each family, whatever their names and help", () => {
  const layout = encodeLayout([{ ...gauge(owner, "x\ny", 1), help: 'x\nm{job="a"} 1' }, other]);
  expect(layout).toBe('gx\\ny\nx\\nm{job="a"} 1\ngother\n\n');
});

test("escaping gives one line, which unescaping undoes", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("\\", "\n", "n", "a") }), (text) => {
      expect(escapeLine(text)).not.toContain("\n");
      expect(unescapeLine(escapeLine(text))).toBe(text);
    }),
  );
});
