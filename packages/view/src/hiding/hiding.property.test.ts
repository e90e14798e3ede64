import { gunzipSync } from "node:zlib";
import {
  decodeProtobuf,
  familyHeader,
  type Label,
  type Metric,
  type MetricType,
} from "@pushfleet/exposition";
import {
  AdmissionError,
  type AdmittedFamily,
  admit,
  groupOf,
  type PathLabels,
  parseGroupPath,
} from "@pushfleet/groups";
import { collides, type RegionId, suffixRivals } from "@pushfleet/store";
import fc from "fast-check";
import { expect, test } from "vitest";
import { bodyOf, type FamilyInTest, TestStore } from "../test-store.ts";
import { View } from "../view.ts";
import type { HiddenReason } from "./hidden.ts";

const here = "eu" as RegionId;
const plain = { encoding: "text", escaping: "allow-utf-8", gzip: false } as const;

/** A family as a store holds it, with each metric's own lines. */
interface Held {
  readonly key: string;
  readonly family: AdmittedFamily;
  readonly parts: readonly { readonly identity: string; readonly lines: string }[];
  readonly micros: number;
  readonly region: RegionId;
}

const groups = [
  "/job/a",
  "/job/a/x/1",
  "/job/a/x/2",
  "/job/a/y/1",
  "/job/a/x/1/y/1",
  "/job/a/instance/i",
  "/job/b",
  "/job/b/x/1",
].map((path) => parseGroupPath(path, { names: "utf8" }));
const names = ["h", "h_count", "h_sum", "h_count_count", "m", "my.name"] as const;
const extras: readonly (readonly Label[])[] = [
  [],
  [["x", "1"]],
  [["x", "2"]],
  [["y", "1"]],
  [
    ["x", "1"],
    ["y", "1"],
  ],
  [["z", ""]],
  [["instance", "i"]],
  [["z", 'a="",\\']],
];

function metric(
  type: MetricType,
  labels: readonly Label[],
  options: { value: number; isRich: boolean },
): Metric {
  const { value, isRich } = options;
  const exemplar = { labels: [["trace", "1"]] as Label[], value };
  if (type === "summary")
    return { labels, data: { kind: "summary", count: value, sum: value, quantiles: [[0.5, value]] } };
  if (type === "histogram") {
    const bucket = { upperBound: 1, cumulativeCount: value, ...(isRich && { exemplar }) };
    return { labels, data: { kind: "histogram", count: value, sum: value, buckets: [bucket] } };
  }
  const isCounter = type === "counter" && isRich;
  return { labels, data: { kind: "simple", value, ...(isCounter && { exemplar }) } };
}

const spec = fc.record({
  name: fc.constantFrom(...names),
  type: fc.constantFrom<MetricType>("gauge", "gauge", "counter", "summary", "histogram"),
  help: fc.constantFrom("", "A", "B"),
  labels: fc.uniqueArray(fc.nat(extras.length - 1), { minLength: 1, maxLength: 3 }),
  isRich: fc.boolean(),
  value: fc.nat(3),
  micros: fc.integer({ min: 1, max: 12 }),
  region: fc.constantFrom("eu", "us"),
});

const action = fc.record({
  kind: fc.constantFrom("put", "put", "put", "put", "put", "remove", "sync", "sync", "tick"),
  group: fc.nat(groups.length - 1),
  families: fc.uniqueArray(spec, { selector: ({ name }) => name, maxLength: 4 }),
  ttl: fc.option(fc.integer({ min: 1, max: 5 }), { nil: null }),
});

type Spec = typeof spec extends fc.Arbitrary<infer T> ? T : never;

/** Undefined when no push could bring it. */
function heldOf(labels: PathLabels, key: string, each: Spec): Held | undefined {
  const { name, type, help, isRich, value, micros } = each;
  const metrics = each.labels.map((i) => metric(type, extras[i] ?? [], { value, isRich }));
  try {
    const [family] = admit([{ name, type, help, metrics }], labels);
    if (family === undefined) return undefined;
    const parts = metrics.flatMap((one) =>
      admit([{ name, type, help, metrics: [one] }], labels).map(({ metrics: [admitted], text }) => ({
        identity: admitted?.identity ?? "",
        lines: text,
      })),
    );
    const inOrder = parts.sort((a, b) => family.text.indexOf(a.lines) - family.text.indexOf(b.lines));
    return { key, family, parts: inOrder, micros, region: each.region as RegionId };
  } catch (error) {
    if (error instanceof AdmissionError) return undefined;
    throw error;
  }
}

function inTest({ family, micros, region }: Held): FamilyInTest {
  const { name, type, help, text, proto, metrics } = family;
  const metricCount = metrics.length;
  return { name, type, help, text, metricCount, pushedAtMicros: micros, region, ...(proto && { proto }) };
}

/** What scrapes show, without the push times, and what they hide: by going through everything, the oldest first. */
function model(held: readonly Held[]): { text: string; series: string[]; hidden: string[] } {
  const byAge = held.toSorted(
    (a, b) =>
      a.micros - b.micros ||
      compare(a.region, b.region) ||
      compare(a.key, b.key) ||
      compare(a.family.name, b.family.name),
  );
  const shownTypes = new Map<string, MetricType | null>();
  const seen = new Set<string>();
  const hidden: string[] = [];
  const shown: { key: string; family: AdmittedFamily; text: string }[] = [];
  for (const { family } of byAge) {
    const { name, type } = family;
    if (shownTypes.has(name)) continue;
    const isTaken = suffixRivals(name, type).some((rival) => {
      const other = shownTypes.get(rival.name);
      return other !== undefined && other !== null && collides(rival, other);
    });
    shownTypes.set(name, isTaken ? null : type);
  }
  const firstTypes = new Map<string, MetricType>();
  for (const { family } of byAge) if (!firstTypes.has(family.name)) firstTypes.set(family.name, family.type);
  for (const { key, family, parts } of byAge) {
    const { name, type } = family;
    const hide = (reason: HiddenReason, whole: boolean) => hidden.push(`${key} ${name} ${reason} ${whole}`);
    if (firstTypes.get(name) !== type) hide("type", true);
    else if (shownTypes.get(name) === null) hide("suffix", true);
    else {
      const left = parts.filter(({ identity }) => !seen.has(identity));
      for (const { identity } of left) seen.add(identity);
      if (left.length < parts.length) hide("series", left.length === 0);
      if (left.length > 0) shown.push({ key, family, text: left.map(({ lines }) => lines).join("") });
    }
  }
  let text = "";
  for (const name of [...new Set(shown.map(({ family }) => family.name))].sort()) {
    const ofName = shown.filter(({ family }) => family.name === name).sort((a, b) => compare(a.key, b.key));
    const helps = ofName.map(({ family }) => family.help).filter((help) => help !== "");
    const count = (help: string) => helps.filter((other) => other === help).length;
    const [help = ""] = [...new Set(helps)].sort((a, b) => count(b) - count(a) || compare(a, b));
    text += familyHeader({ name, help, type: ofName[0]?.family.type ?? "untyped" });
    text += ofName.map((each) => each.text).join("");
  }
  return { text, series: [...seen].sort(), hidden: hidden.sort() };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

test("what shows and what is hidden depends on what is stored and on nothing else, and no two families or series collide", async () => {
  const reasons = new Set<string>();
  const check = fc.asyncProperty(fc.array(action, { minLength: 10, maxLength: 60 }), async (actions) => {
    const store = new TestStore();
    const [often, paged] = [
      new View(store.feed, { region: here }),
      new View(store.feed, { region: here, pageSize: 2 }),
    ];
    const stored = new Map<string, { held: Held[]; expiresAtMs: number | null }>();
    for (const { kind, group, families, ttl } of actions) {
      const path = groups[group];
      if (path === undefined) continue;
      const { id, labels, key } = groupOf(path);
      if (kind === "sync") await often.sync();
      else if (kind === "tick") store.nowMs += 1;
      else if (kind === "remove") {
        store.remove(id);
        stored.delete(key);
      } else {
        const held = families.flatMap((each) => heldOf(path, key, each) ?? []);
        const expiresAtMs = ttl === null ? null : store.nowMs + ttl;
        stored.set(key, { held, expiresAtMs });
        store.put(Object.fromEntries(labels), held.map(inTest), { expiresAtMs });
      }
    }
    const alive = [...stored.values()].filter(
      ({ expiresAtMs }) => expiresAtMs === null || expiresAtMs > store.nowMs,
    );
    const expected = model(alive.flatMap(({ held }) => held));
    for (const line of expected.hidden) reasons.add(line.split(" ").slice(-2).join(" "));
    await paged.sync();
    for (const view of [often, paged, new View(store.feed, { region: here })]) {
      const snapshot = await view.sync();
      const text = (await bodyOf(snapshot.render(plain))).toString();
      expect(withoutPushTimes(text)).toBe(expected.text);
      expect(gunzipSync(await bodyOf(snapshot.render({ ...plain, gzip: true }))).toString()).toBe(text);
      const hidden = [...snapshot.groups()].flatMap(({ id, labels }) =>
        [...snapshot.hidden.of(id)].map(
          ([name, { reason, whole }]) => `${groupOf(labels).key} ${name} ${reason} ${whole}`,
        ),
      );
      expect(hidden.sort()).toEqual(expected.hidden);
      expect(snapshot.hidden.count).toBe(expected.hidden.length);
      const told = decodeProtobuf(await bodyOf(snapshot.render({ ...plain, encoding: "protobuf" })));
      const metrics = told.filter(({ name }) => !name.startsWith("push_")).flatMap((each) => each.metrics);
      expect(metrics).toHaveLength(expected.series.length);
    }
  });
  await fc.assert(check, { seed: 7, numRuns: 100 });
  expect([...reasons].sort()).toEqual(["series false", "series true", "suffix true", "type true"]);
}, 120_000);

function withoutPushTimes(text: string): string {
  return text.replaceAll(/^(# \w+ )?push_(failure_)?time_seconds.*\n/gm, "");
}
