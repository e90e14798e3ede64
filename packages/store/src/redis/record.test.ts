import fc from "fast-check";
import { expect, test } from "vitest";
import { counter, gauge, group, histogram, withEmptyLabel } from "../contract/families.ts";
import {
  decodeRecord,
  encodeRecord,
  escapeLine,
  familyField,
  familyOfField,
  unescapeLine,
} from "./record.ts";

const version = "1700000000000001";
const owner = group({ job: "a b" });

test.each([
  ["a gauge", gauge(owner, "m", 1)],
  ["a gauge histogram", histogram(owner, "h", 2, "gaugehistogram")],
  ["several series with help", { ...counter(owner, "c", 3, [{ x: "1" }, { x: "2" }]), help: "two of them" }],
  ["help that looks like more of the record", { ...gauge(owner, "m", 1), help: ' 7 \\n\nm{job="a b"} 1\n' }],
  ["binary protobuf", { ...gauge(owner, "m", 1), proto: new Uint8Array([0, 10, 13, 128, 255]) }],
  ["protobuf and help", { ...gauge(owner, "m", 1), help: "h", proto: new Uint8Array([1]) }],
  ["no series at all", { ...gauge(owner, "m", 1), text: "", metrics: [] }],
  ["any Unicode", gauge(group({ job: "💥 ü\n" }), "m", 1)],
] as const)("a record holds %s", (_, family) => {
  const { metrics, ...stored } = family;
  expect(decodeRecord(family.name, version + encodeRecord(family))).toEqual({
    family: { ...stored, metricCount: metrics.length, pushedAtMicros: Number(version) },
    unprinted: [],
  });
});

test("identities that are not printed are kept beside the text", () => {
  const family = withEmptyLabel(gauge(owner, "m", 1, [{ x: "1" }, { x: "ü" }]));
  const { family: decoded, unprinted } = decodeRecord("m", version + encodeRecord(family));
  expect(decoded.text).toBe(family.text);
  expect(unprinted).toEqual(family.metrics.map(({ identity }) => identity));
});

test("help stays on the first line, where no series is looked for", () => {
  const [header] = encodeRecord({ ...gauge(owner, "m", 1), help: 'x\nm{job="a"} 1' }).split("\n");
  expect(header).toContain('x\\nm{job="a"} 1');
});

test("escaping gives one line, which unescaping undoes", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("\\", "\n", "n", "a") }), (text) => {
      expect(escapeLine(text)).not.toContain("\n");
      expect(unescapeLine(escapeLine(text))).toBe(text);
      expect(familyOfField(familyField(text))).toBe(text);
    }),
  );
});
