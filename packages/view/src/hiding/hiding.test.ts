import { decodeProtobuf, encodeMetrics, type Metric } from "@pushfleet/exposition";
import type { RegionId } from "@pushfleet/store";
import { expect, test } from "vitest";
import type { Snapshot } from "../snapshot.ts";
import { bodyOf, type FamilyInTest, TestStore } from "../test-store.ts";
import { View } from "../view.ts";

const [eu, us] = ["eu" as RegionId, "us" as RegionId];

async function shown(snapshot: Snapshot): Promise<string[]> {
  const body = await bodyOf(snapshot.render({ encoding: "text", escaping: "allow-utf-8", gzip: false }));
  const lines = body.toString().split("\n");
  return lines.filter((line) => line !== "" && !/^(# \w+ )?push_(failure_)?time_seconds/.test(line));
}

/** The text is the sample lines. */
function family(text: string, rest: Partial<FamilyInTest> = {}): FamilyInTest {
  return { name: /^\w+/.exec(text)?.[0] ?? "", type: "gauge", region: eu, text, ...rest };
}

const at = (pushedAtMicros: number, region = eu) => ({ pushedAtMicros, region });

test("of two types the older shows, the other is told with the group in its way, and is back when that is gone", async () => {
  const store = new TestStore();
  const view = new View(store.feed, { region: eu });
  const younger = store.put({ job: "a" }, [
    family('m{job="a"} 1\n', at(20)),
    family('n{job="a"} 1\n', at(20)),
  ]);
  const older = store.put({ job: "b" }, [family('m{job="b"} 2\n', { type: "counter", ...at(10, us) })]);
  const snapshot = await view.sync();
  expect(await shown(snapshot)).toEqual([
    "# TYPE m counter",
    'm{job="b"} 2',
    "# TYPE n gauge",
    'n{job="a"} 1',
  ]);
  expect(snapshot.hidden.count).toBe(1);
  expect(view.hidden).toBe(snapshot.hidden);
  expect([...snapshot.hidden.of(younger)]).toEqual([
    [
      "m",
      expect.objectContaining({
        reason: "type",
        whole: true,
        because:
          'It is a gauge here, and an older family of the name is a counter: in the group {job="b"}, pushed in the region us.',
      }),
    ],
  ]);
  expect(snapshot.hidden.of(older).size).toBe(0);
  // Groups are given with what is hidden.
  expect(snapshot.group(younger)?.families.map(({ name }) => name)).toEqual(["m", "n"]);

  store.remove(older);
  expect(await shown(await view.sync())).toContain('m{job="a"} 1');
  expect(view.hidden.count).toBe(0);
  expect(snapshot.hidden.count).toBe(1);
});

test("a push that changes nothing but the version makes a family the younger one", async () => {
  const store = new TestStore();
  const view = new View(store.feed, { region: eu });
  store.put({ job: "a" }, [family('m{job="a"} 1\n', at(10))]);
  store.put({ job: "b" }, [family('m{job="b"} 2\n', { type: "counter", ...at(20, us) })]);
  expect(await shown(await view.sync())).toEqual(["# TYPE m gauge", 'm{job="a"} 1']);
  store.put({ job: "a" }, [family('m{job="a"} 1\n', at(30))]);
  expect(await shown(await view.sync())).toEqual(["# TYPE m counter", 'm{job="b"} 2']);
});

test("of one microsecond the region decides, and where there is none the group", async () => {
  const store = new TestStore();
  const view = new View(store.feed, { region: eu });
  const put = (job: string, type: "gauge" | "counter", region: RegionId | undefined) => {
    const { region: _, ...rest } = family(`m{job="${job}"} 1\n`, { type, pushedAtMicros: 10 });
    store.put({ job }, [{ ...rest, ...(region && { region }) }]);
  };
  put("a", "gauge", us);
  put("b", "counter", eu);
  expect(await shown(await view.sync())).toEqual(["# TYPE m counter", 'm{job="b"} 1']);
  put("a", "gauge", undefined);
  put("b", "counter", undefined);
  expect(await shown(await view.sync())).toEqual(["# TYPE m gauge", 'm{job="a"} 1']);
});

test("of names that collide by a suffix the younger is hidden in all groups, until the older expires", async () => {
  const store = new TestStore();
  const view = new View(store.feed, { region: eu });
  const summary = 'h_sum{job="a"} 1\nh_count{job="a"} 1\n';
  store.put({ job: "a" }, [family(summary, { name: "h", type: "summary", ...at(10) })], {
    expiresAtMs: store.nowMs + 5,
  });
  const ids = ["b", "c"].map((job) => store.put({ job }, [family(`h_count{job="${job}"} 7\n`, at(20, us))]));
  const snapshot = await view.sync();
  expect(await shown(snapshot)).toEqual(["# TYPE h summary", 'h_sum{job="a"} 1', 'h_count{job="a"} 1']);
  for (const id of ids) {
    expect(snapshot.hidden.of(id).get("h_count")).toMatchObject({
      reason: "suffix",
      whole: true,
      because:
        'Its name collides with the older summary "h": in the group {job="a"}, pushed in the region eu.',
    });
  }
  store.nowMs += 5;
  expect(await shown(await view.sync())).toEqual([
    "# TYPE h_count gauge",
    'h_count{job="b"} 7',
    'h_count{job="c"} 7',
  ]);
});

test("a series that two groups of a job hold shows once, with all lines of it, and the rest of the younger family stays", async () => {
  const store = new TestStore();
  const view = new View(store.feed, { region: eu });
  const lines = (labels: string, value: number) =>
    `h_bucket{${labels},le="+Inf"} ${value}\nh_sum{${labels}} ${value}\nh_count{${labels}} ${value}\n`;
  const histogram = { name: "h", type: "histogram" } as const;
  const younger = store.put({ job: "a" }, [
    family(lines('instance="",job="a"', 1) + lines('instance="i",job="a"', 2), { ...histogram, ...at(20) }),
  ]);
  const older = store.put({ job: "a", instance: "i" }, [
    family(lines('instance="i",job="a",none=""', 3), { ...histogram, ...at(10, us) }),
  ]);
  const snapshot = await view.sync();
  expect(await shown(snapshot)).toEqual([
    "# TYPE h histogram",
    ...lines('instance="i",job="a",none=""', 3).trimEnd().split("\n"),
    ...lines('instance="",job="a"', 1).trimEnd().split("\n"),
  ]);
  expect(snapshot.hidden.of(younger).get("h")).toMatchObject({
    reason: "series",
    whole: false,
    because:
      '1 of 2 of its series are held by an older family of the name: in the group {instance="i",job="a"}, pushed in the region us.',
  });
  store.remove(older);
  expect(await shown(await view.sync())).toHaveLength(7);
});

test("what is hidden of a family with protobuf of its own is hidden there too", async () => {
  const store = new TestStore();
  const exemplar = { labels: [["trace", "1"]] as [string, string][], value: 1 };
  const metric = (instance: string): Metric => ({
    labels: [
      ["instance", instance],
      ["job", "a"],
    ],
    data: { kind: "simple", value: 1, exemplar },
  });
  const counter = { type: "counter", proto: encodeMetrics("counter", [metric(""), metric("i")]) } as const;
  store.put({ job: "a" }, [
    family('m{instance="",job="a"} 1\nm{instance="i",job="a"} 1\n', { ...counter, ...at(20) }),
  ]);
  store.put({ job: "a", instance: "i" }, [
    family('m{instance="i",job="a"} 3\n', { type: "counter", ...at(10) }),
  ]);
  const snapshot = await new View(store.feed, { region: eu }).sync();
  const body = await bodyOf(snapshot.render({ encoding: "protobuf", escaping: "allow-utf-8", gzip: false }));
  const [m] = decodeProtobuf(body);
  expect(m?.metrics).toEqual([{ ...metric("i"), data: { kind: "simple", value: 3 } }, metric("")]);
});

test("help of what is hidden is not printed", async () => {
  const store = new TestStore();
  store.put({ job: "a" }, [family('m{job="a"} 1\n', { help: "A gauge.", ...at(10) })]);
  for (const job of ["b", "c"]) {
    store.put({ job }, [family(`m{job="${job}"} 1\n`, { type: "counter", help: "A counter.", ...at(20) })]);
  }
  const view = new View(store.feed, { region: eu });
  expect(await shown(await view.sync())).toEqual(["# HELP m A gauge.", "# TYPE m gauge", 'm{job="a"} 1']);
});

test("what stays hidden leaves the bytes of the rest as they are", async () => {
  const store = new TestStore();
  const view = new View(store.feed, { region: eu });
  store.put({ job: "a" }, [family('m{job="a"} 1\n', at(10))]);
  store.put({ job: "b" }, [family('m{job="b"} 1\n', { type: "counter", ...at(20, us) })]);
  const before = await view.sync();
  const hidden = before.hidden;
  store.put({ job: "c" }, [family('n{job="c"} 1\n', at(30))]);
  const after = await view.sync();
  expect(await shown(after)).toContain('m{job="a"} 1');
  // Nothing in conflict has changed, so nothing was decided.
  expect(after.hidden).toBe(hidden);
});

test("a view of no region hides nothing by age", async () => {
  const store = new TestStore();
  const view = new View(store.feed);
  store.put({ job: "a" }, [family('m{instance="i",job="a"} 1\n', at(20))]);
  store.put({ job: "a", instance: "i" }, [family('m{instance="i",job="a"} 3\n', at(10))]);
  expect(await shown(await view.sync())).toHaveLength(3);
  expect(view.hidden.count).toBe(0);
});
