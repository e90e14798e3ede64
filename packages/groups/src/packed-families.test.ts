import { type Family, noLimits, parseText } from "@pushfleet/exposition";
import { expect, test } from "vitest";
import { admit } from "./admit.ts";
import type { AdmittedFamily } from "./admitted.ts";
import { packFamilies, unpackFamilies } from "./packed-families.ts";
import { parseGroupPath } from "./path.ts";

const path = parseGroupPath("/job/a/zone/%C3%B6", { names: "utf8" });
const withExemplar: Family = {
  name: "c",
  help: "",
  type: "counter",
  metrics: [
    { labels: [], data: { kind: "simple", value: 1, exemplar: { labels: [["trace", "x"]], value: 1 } } },
  ],
};

const body = [
  '# HELP m Ünicode\n# TYPE m gauge\nm{b="2"} 1\nm{b="1"} 2\nm{e=""} 3\nm{instance="i"} 4\nm{x="\\n\\"\\\\"} 5\n',
  '# TYPE s summary\ns{quantile="0.5"} 1\ns_sum 2\ns_count 3\n',
  '# TYPE h histogram\nh_bucket{x="1",le="+Inf"} 2\nh_sum{x="1"} 2\nh_count{x="1"} 2\n',
  '{"dotted.name","a.b"="c"} 7\n',
].join("");
const admitted = admit([...parseText(Buffer.from(body), { names: "utf8" }), withExemplar], path, noLimits);

/** All there is of a family, whatever makes it. */
function told({ name, type, help, text, metrics, unprinted, proto, seriesCount }: AdmittedFamily) {
  const metricCount = metrics.length;
  return {
    name,
    type,
    help,
    text,
    metrics: [...metrics],
    metricCount,
    unprinted,
    proto: proto && [...proto],
    seriesCount,
  };
}

test("families come out as they were packed, from another thread too", () => {
  const packed = packFamilies(admitted);
  const received = structuredClone(packed, {
    transfer: [packed.texts.buffer, packed.labels.buffer, packed.protos.buffer],
  });
  expect(packed.texts).toHaveLength(0);
  const unpacked = unpackFamilies(received);
  expect(unpacked.map(told)).toEqual(admitted.map(told));
  expect(admitted.filter(({ proto }) => proto !== undefined)).toHaveLength(1);
  expect(admitted.flatMap(({ unprinted }) => unprinted)).toHaveLength(1);
  for (const { text, bytes = [] } of unpacked) expect(Buffer.from(bytes).toString()).toBe(text);
});

test("metrics can be gone through more than once, and in part", () => {
  const [family] = unpackFamilies(packFamilies(admitted));
  const [first] = family?.metrics ?? [];
  expect([...(family?.metrics ?? [])][0]).toEqual(first);
});

test("no families are none", () => {
  expect(unpackFamilies(packFamilies([]))).toEqual([]);
});
