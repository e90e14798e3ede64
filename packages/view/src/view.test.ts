import { execFileSync } from "node:child_process";
import { gunzipSync, gzipSync } from "node:zlib";
import { decodeProtobuf, type EscapingScheme, encodeMetrics, parseText } from "@pushfleet/exposition";
import type { GroupId } from "@pushfleet/groups";
import {
  type Changes,
  type Cursor,
  type GroupStore,
  textOf as linesOf,
  StoreUnavailable,
} from "@pushfleet/store";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { RenderRequest } from "./listing.ts";
import type { Snapshot } from "./snapshot.ts";
import { bodyOf, type FamilyInTest, TestStore } from "./test-store.ts";
import { View } from "./view.ts";

const PLAIN: RenderRequest = { encoding: "text", escaping: "allow-utf-8", gzip: false };
const GZIP: RenderRequest = { ...PLAIN, gzip: true };
const PROTOBUF: RenderRequest = { ...PLAIN, encoding: "protobuf" };

async function textOf(snapshot: Snapshot, request: RenderRequest = PLAIN): Promise<string> {
  return (await bodyOf(snapshot.render(request))).toString();
}

/** Without the two families every group has. */
async function pushedLines(snapshot: Snapshot, escaping: EscapingScheme = "allow-utf-8"): Promise<string[]> {
  const lines = (await textOf(snapshot, { ...PLAIN, escaping })).split("\n");
  return lines.filter((line) => line !== "" && !/^(# \w+ )?push_(failure_)?time_seconds/.test(line));
}

function gauge(name: string, text: string, help = ""): FamilyInTest {
  return { name, type: "gauge", help, text };
}

describe("what a scrape shows", () => {
  test("families are sorted by name, groups within them by key, each with the push times", async () => {
    const store = new TestStore();
    store.put({ job: "b" }, [gauge("size", 'size{instance="",job="b"} 2\n', "How big.")], {
      pushedAtMicros: 1_763_694_960_123_456,
    });
    store.put(
      { job: "a", instance: "x" },
      [
        gauge("size", 'size{instance="x",job="a"} 1\n'),
        { name: "age", type: "counter", text: 'age{instance="x",job="a"} 7\n' },
      ],
      { pushedAtMicros: 0, failedAtMicros: 1_500_000 },
    );
    expect(await textOf(await new View(store.feed).sync())).toBe(
      `# TYPE age counter
age{instance="x",job="a"} 7
# HELP push_failure_time_seconds Last Unix time when changing this group in the Pushgateway failed.
# TYPE push_failure_time_seconds gauge
push_failure_time_seconds{instance="x",job="a"} 1.5
push_failure_time_seconds{instance="",job="b"} 0
# HELP push_time_seconds Last Unix time when changing this group in the Pushgateway succeeded.
# TYPE push_time_seconds gauge
push_time_seconds{instance="x",job="a"} 0
push_time_seconds{instance="",job="b"} 1.763694960123456e+09
# HELP size How big.
# TYPE size gauge
size{instance="x",job="a"} 1
size{instance="",job="b"} 2
`,
    );
  });

  test("a store without groups has an empty body in every form", async () => {
    const snapshot = await new View(new TestStore().feed).sync();
    expect(await textOf(snapshot)).toBe("");
    expect(gunzipSync(await bodyOf(snapshot.render(GZIP))).toString()).toBe("");
    expect(await bodyOf(snapshot.render(PROTOBUF))).toHaveLength(0);
    expect(snapshot.groupCount).toBe(0);
  });

  test("a family is listed only while a group holds a line of it", async () => {
    const store = new TestStore();
    const view = new View(store.feed);
    store.put({ job: "a" }, [gauge("one", 'one{job="a"} 1\n'), gauge("none", "", "Nothing here.")]);
    expect(await pushedLines(await view.sync())).toEqual(["# TYPE one gauge", 'one{job="a"} 1']);
    store.put({ job: "a" }, [gauge("two", 'two{job="a"} 2\n')]);
    expect(await pushedLines(await view.sync())).toEqual(["# TYPE two gauge", 'two{job="a"} 2']);
  });

  test("stored families named like the push times give way to the real ones", async () => {
    const store = new TestStore();
    store.put({ job: "a" }, [
      gauge("push_failure_time_seconds", 'push_failure_time_seconds{instance="",job="a"} 6\n'),
    ]);
    const text = await textOf(await new View(store.feed).sync());
    expect(text).toContain('push_failure_time_seconds{instance="",job="a"} 0\n');
    expect(text).not.toContain(" 6\n");
  });

  test("the help most groups give is printed, of several the first in alphabetical order", async () => {
    const store = new TestStore();
    const view = new View(store.feed);
    const put = (job: string, help: string) => store.put({ job }, [gauge("m", `m{job="${job}"} 1\n`, help)]);
    for (const job of ["a", "b", "c", "d", "e"]) put(job, "");
    put("f", "Beta.");
    put("g", "Alpha.");
    expect(await textOf(await view.sync())).toContain("# HELP m Alpha.\n");
    put("g", "Beta.");
    put("h", "Alpha.");
    expect(await textOf(await view.sync())).toContain("# HELP m Beta.\n");
  });

  test("should two types of a family ever be stored, only the fragments of the commoner one are shown", async () => {
    const store = new TestStore();
    const view = new View(store.feed);
    store.put({ job: "a" }, [{ name: "m", type: "counter", text: 'm{job="a"} 1\n' }]);
    store.put({ job: "b" }, [gauge("m", 'm{job="b"} 2\n')]);
    const third = store.put({ job: "c" }, [gauge("m", 'm{job="c"} 3\n')]);
    expect(await pushedLines(await view.sync())).toEqual(["# TYPE m gauge", 'm{job="b"} 2', 'm{job="c"} 3']);
    store.remove(third);
    expect(await pushedLines(await view.sync())).toEqual(["# TYPE m counter", 'm{job="a"} 1']);
  });

  test("names that are special in JavaScript are names like any other", async () => {
    const store = new TestStore();
    const names = ["__proto__", "constructor", "hasOwnProperty"];
    const id = store.put(
      Object.fromEntries([
        ["job", "__proto__"],
        ["constructor", "toString"],
      ]),
      names.map((name) => gauge(name, `${name}{job="__proto__"} 1\n`, "valueOf")),
    );
    const snapshot = await new View(store.feed).sync();
    expect(await pushedLines(snapshot)).toEqual(
      names.flatMap((name) => [
        `# HELP ${name} valueOf`,
        `# TYPE ${name} gauge`,
        `${name}{job="__proto__"} 1`,
      ]),
    );
    expect(snapshot.group(id)?.families).toHaveLength(3);
  });

  test("groups are given by key and by id", async () => {
    const store = new TestStore();
    const second = store.put({ job: "b" }, []);
    const first = store.put({ job: "a" }, [gauge("m", 'm{job="a"} 1\n')]);
    const snapshot = await new View(store.feed).sync();
    expect([...snapshot.groups()].map((group) => group.id)).toEqual([first, second]);
    expect(snapshot.groupCount).toBe(2);
    expect(snapshot.group(first)?.families.map(({ text }) => linesOf(text))).toEqual(['m{job="a"} 1\n']);
    expect(snapshot.group("none" as GroupId)).toBeUndefined(); // not an id any group can have
  });

  test("a tail follows the pushed families in every form", async () => {
    const store = new TestStore();
    store.put({ job: "a" }, [gauge("m", 'm{job="a"} 1\n')]);
    const snapshot = await new View(store.feed).sync();
    const tail = "# HELP own Mine.\n# TYPE own counter\nown 3\n";
    const plain = await textOf(snapshot, { ...PLAIN, tail });
    expect(plain).toBe((await textOf(snapshot)) + tail);
    expect(gunzipSync(await bodyOf(snapshot.render({ ...GZIP, tail }))).toString()).toBe(plain);
    const protobuf = await bodyOf(snapshot.render({ ...PROTOBUF, tail }));
    expect(decodeProtobuf(protobuf).map((family) => family.name)).toEqual([
      "m",
      "push_failure_time_seconds",
      "push_time_seconds",
      "own",
    ]);
    expect(gunzipSync(await bodyOf(snapshot.render({ ...PROTOBUF, gzip: true, tail })))).toEqual(protobuf);
  });
});

describe("time to live", () => {
  test("a group is gone at the very millisecond it expires, though nobody removed it", async () => {
    const store = new TestStore();
    const view = new View(store.feed);
    const mortal = store.put({ job: "mortal" }, [gauge("m", 'm{job="mortal"} 1\n')], {
      expiresAtMs: store.nowMs + 1000,
    });
    store.put({ job: "other" }, [gauge("m", 'm{job="other"} 1\n')]);
    store.nowMs += 999;
    expect((await view.sync()).group(mortal)).toBeDefined();
    store.nowMs += 1;
    const snapshot = await view.sync();
    expect(snapshot.group(mortal)).toBeUndefined();
    expect(snapshot.groupCount).toBe(1);
    expect(await pushedLines(snapshot)).toEqual(["# TYPE m gauge", 'm{job="other"} 1']);
    expect(await textOf(snapshot)).not.toContain("mortal");
  });

  test("a group that the feed reports after its end never shows", async () => {
    const store = new TestStore();
    store.put({ job: "late" }, [gauge("m", "m 1\n")], { expiresAtMs: store.nowMs });
    expect((await new View(store.feed).sync()).groupCount).toBe(0);
  });

  test("a later push replaces the deadline, earlier or later or none", async () => {
    const store = new TestStore();
    const view = new View(store.feed);
    const put = (job: string, ms: number | null) =>
      store.put({ job }, [], { expiresAtMs: ms === null ? null : store.nowMs + ms });
    const [longer, forever, shorter] = [put("longer", 10), put("forever", 10), put("shorter", 1000)];
    await view.sync();
    put("longer", 100);
    put("forever", null);
    put("shorter", 5);
    store.nowMs += 10;
    const snapshot = await view.sync();
    expect([longer, forever, shorter].map((id) => snapshot.group(id) !== undefined)).toEqual([
      true,
      true,
      false,
    ]);
  });

  test("a group pushed again after it expired is back", async () => {
    const store = new TestStore();
    const view = new View(store.feed);
    store.put({ job: "a" }, [], { expiresAtMs: store.nowMs + 10 });
    store.nowMs += 10;
    expect((await view.sync()).groupCount).toBe(0);
    store.put({ job: "a" }, [], { expiresAtMs: store.nowMs + 10 });
    expect((await view.sync()).groupCount).toBe(1);
  });

  test("what is served while the store is away expires too", async () => {
    const store = new TestStore();
    const view = new View(store.feed);
    expect(await view.last()).toBeNull();
    store.put({ job: "a" }, [], { expiresAtMs: store.nowMs + 3_600_000 });
    store.put({ job: "b" }, [], { expiresAtMs: store.nowMs + 1 });
    await view.sync();
    await expect.poll(async () => (await view.last())?.snapshot.groupCount).toBe(1);
    expect((await view.last())?.ageMs).toBeGreaterThanOrEqual(1);
  });
});

describe("folding", () => {
  test("removed groups vanish whole", async () => {
    const store = new TestStore();
    const view = new View(store.feed);
    const id = store.put({ job: "a" }, [gauge("m", 'm{job="a"} 1\n'), gauge("n", 'n{job="a"} 1\n')]);
    await view.sync();
    store.remove(id);
    expect(await textOf(await view.sync())).toBe("");
  });

  test("a reset forgets what the new listing does not have", async () => {
    const store = new TestStore();
    const view = new View(store.feed);
    store.put({ job: "lost" }, [gauge("m", 'm{job="lost"} 1\n')]);
    await view.sync();
    const successor = new TestStore();
    successor.history = "second";
    successor.put({ job: "kept" }, [gauge("m", 'm{job="kept"} 1\n')]);
    const changes = successor.changes.bind(successor);
    store.changes = changes;
    expect(await pushedLines(await view.sync())).toEqual(["# TYPE m gauge", 'm{job="kept"} 1']);
  });

  test("an earlier snapshot keeps showing its own moment while later ones are made", async () => {
    const store = new TestStore();
    const view = new View(store.feed);
    const put = (job: string, value: number) =>
      store.put({ job }, [gauge("m", `m{job="${job}"} ${value}\n`)]);
    for (let i = 0; i < 200; i++) put(`job-${i}`, 0);
    const early = await view.sync();
    const expected = await textOf(await new View(store.feed).sync());
    const ids = [...early.groups()].map((group) => group.id);
    for (let i = 0; i < 200; i += 3) put(`job-${i}`, 1);
    for (const id of ids.slice(50, 150)) store.remove(id);
    const late = await view.sync();
    expect(await textOf(late)).not.toBe(expected);
    expect(await textOf(early)).toBe(expected);
    expect(gunzipSync(await bodyOf(early.render(GZIP))).toString()).toBe(expected);
    expect([...early.groups()].map((group) => group.id)).toEqual(ids);
    expect(early.group(ids[60] as GroupId)).toBeDefined(); // there are 200 ids
    expect(late.group(ids[60] as GroupId)).toBeUndefined();
  });

  test("nothing changed between two syncs: the same buffers serve both", async () => {
    const store = new TestStore();
    const view = new View(store.feed);
    store.put({ job: "a" }, [gauge("m", 'm{job="a"} 1\n')]);
    const [first, second] = [await view.sync(), await view.sync()];
    expect((await first.render(PLAIN))[0]).toBe((await second.render(PLAIN))[0]);
  });

  test("views that followed different histories print the same bytes, equal to a model of the state", async () => {
    const action = fc.record({
      job: fc.nat(30),
      kind: fc.constantFrom("put", "put", "put", "remove", "sync", "tick"),
      families: fc.uniqueArray(fc.nat(6), { maxLength: 5 }),
      value: fc.nat(3),
      lines: fc.integer({ min: 1, max: 40 }),
      ttl: fc.option(fc.integer({ min: 1, max: 5 }), { nil: null }),
    });
    const check = fc.asyncProperty(fc.array(action, { minLength: 20, maxLength: 120 }), async (actions) => {
      const store = new TestStore();
      const [often, paged] = [new View(store.feed), new View(store.feed, { pageSize: 3 })];
      const ids = new Map<number, GroupId>();
      for (const { job, kind, families, value, lines, ttl } of actions) {
        if (kind === "sync") {
          const snapshot = await often.sync();
          if (value === 0) await snapshot.render(GZIP);
          if (value === 1) await snapshot.render(PLAIN);
        } else if (kind === "tick") {
          store.nowMs += value;
        } else if (kind === "remove") {
          const id = ids.get(job);
          if (id !== undefined) store.remove(id);
        } else {
          const held = families.map((n) =>
            gauge(
              `f_${n}`,
              Array.from({ length: lines }, (_, i) => `f_${n}{i="${i}",job="j${job}ä"} ${value}\n`).join(""),
              "é".repeat(value),
            ),
          );
          const times = { pushedAtMicros: value, expiresAtMs: ttl === null ? null : store.nowMs + ttl };
          ids.set(job, store.put({ job: `j${job}ä` }, held, times));
        }
      }
      await paged.sync();
      const [a, b] = [await often.sync(), await paged.sync()];
      const fresh = await new View(store.feed).sync();
      const plain = await bodyOf(fresh.render(PLAIN));
      expect((await bodyOf(a.render(PLAIN))).equals(plain)).toBe(true);
      expect((await bodyOf(b.render(PLAIN))).equals(plain)).toBe(true);
      for (const snapshot of [a, b, fresh]) {
        expect(gunzipSync(await bodyOf(snapshot.render(GZIP))).equals(plain)).toBe(true);
      }
      expect(plain.toString()).toBe(modelOf(fresh));
      expect([...a.groups()]).toEqual([...fresh.groups()]);
    });
    await fc.assert(check, { seed: 4, numRuns: 60 });
  });
});

/** The exposition of the groups, made the plainest way. */
function modelOf(snapshot: Snapshot): string {
  const families = new Map<string, { helps: string[]; text: string }>();
  const add = (name: string, help: string, text: string) => {
    const family = families.get(name) ?? { helps: [], text: "" };
    families.set(name, {
      helps: help === "" ? family.helps : [...family.helps, help],
      text: family.text + text,
    });
  };
  for (const group of snapshot.groups()) {
    const job = group.labels.find(([name]) => name === "job")?.[1];
    const time = (name: string, word: string, micros: number) =>
      add(
        name,
        `Last Unix time when changing this group in the Pushgateway ${word}.`,
        `${name}{instance="",job="${job}"} ${micros === 0 ? 0 : `${micros}e-06`}\n`,
      );
    time("push_time_seconds", "succeeded", group.pushedAtMicros);
    time("push_failure_time_seconds", "failed", group.failedAtMicros);
    for (const { name, help, text } of group.families) add(name, help, linesOf(text));
  }
  return [...families]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { helps, text }]) => {
      const count = (help: string) => helps.filter((other) => other === help).length;
      const help = [...new Set(helps)].sort((a, b) => count(b) - count(a) || (a < b ? -1 : 1))[0];
      return `${help === undefined ? "" : `# HELP ${name} ${help}\n`}# TYPE ${name} gauge\n${text}`;
    })
    .join("");
}

describe("gzip", () => {
  test("other programs take it as one whole member, and it is at most twice as long as gzip -6 would make it", async () => {
    const store = new TestStore();
    for (let i = 0; i < 3000; i++) {
      const value = ((i * 7919) % 100_003) / 7;
      store.put({ job: `job-${i}` }, [
        gauge("m", `m{instance="",job="job-${i}"} ${value}\n`, "Some number."),
      ]);
    }
    const snapshot = await new View(store.feed).sync();
    const plain = await bodyOf(snapshot.render(PLAIN));
    const packed = await bodyOf(snapshot.render(GZIP));
    execFileSync("gzip", ["-t"], { input: packed });
    expect(execFileSync("gzip", ["-dc"], { input: packed, maxBuffer: 1e9 }).equals(plain)).toBe(true);
    expect(packed.length).toBeLessThan(2 * gzipSync(plain, { level: 6 }).length);
  });
});

describe("escaping", () => {
  async function escaped(families: readonly FamilyInTest[], scheme: EscapingScheme): Promise<string[]> {
    const store = new TestStore();
    store.put({ job: "a" }, families);
    return pushedLines(await new View(store.feed).sync(), scheme);
  }
  const utf8 = gauge("my.name", '{"my.name",instance="",job="a","x.y"="a,\\"b.c"} 1\n', "Dotted.");

  test("names that are not legacy names are rewritten by the scheme asked for", async () => {
    expect(await escaped([utf8], "allow-utf-8")).toEqual([
      '# HELP "my.name" Dotted.',
      '# TYPE "my.name" gauge',
      '{"my.name",instance="",job="a","x.y"="a,\\"b.c"} 1',
    ]);
    expect(await escaped([utf8], "underscores")).toEqual([
      "# HELP my_name Dotted.",
      "# TYPE my_name gauge",
      'my_name{instance="",job="a",x_y="a,\\"b.c"} 1',
    ]);
    expect((await escaped([utf8], "dots"))[2]).toBe('my_dot_name{instance="",job="a",x_dot_y="a,\\"b.c"} 1');
    expect((await escaped([utf8], "values"))[2]).toBe(
      'U__my_2e_name{instance="",job="a",U__x_2e_y="a,\\"b.c"} 1',
    );
  });

  test("a family whose escaped name is another's is escaped by values, and sorted as it is printed", async () => {
    const lines = await escaped(
      [utf8, gauge("my_name", 'my_name{job="a"} 2\n'), gauge("Z", 'Z{job="a"} 3\n')],
      "underscores",
    );
    expect(lines).toEqual([
      "# HELP U__my_2e_name Dotted.",
      "# TYPE U__my_2e_name gauge",
      'U__my_2e_name{instance="",job="a",x_y="a,\\"b.c"} 1',
      "# TYPE Z gauge",
      'Z{job="a"} 3',
      "# TYPE my_name gauge",
      'my_name{job="a"} 2',
    ]);
  });

  test("two families that would become one both keep a name of their own, even if someone took the values escaping", async () => {
    const lines = await escaped(
      [gauge("a.b", '{"a.b"} 1\n'), gauge("a-b", '{"a-b"} 2\n'), gauge("U__a_2e_b", "U__a_2e_b 3\n")],
      "underscores",
    );
    expect(lines.filter((line) => !line.startsWith("#"))).toEqual([
      "U__a_2d_b 2",
      "U__a_2e_b 3",
      "U__a_2e_b_ 1",
    ]);
  });

  test("a histogram's suffixes count as its names", async () => {
    const text = '{"h.x_bucket",le="+Inf"} 1\n{"h.x_sum"} 1\n{"h.x_count"} 1\n';
    const lines = await escaped(
      [{ name: "h.x", type: "histogram", text }, gauge("h_x_count", "h_x_count 9\n")],
      "underscores",
    );
    expect(lines.filter((line) => !line.startsWith("#"))).toEqual([
      'U__h_2e_x_bucket{le="+Inf"} 1',
      "U__h_2e_x_sum 1",
      "U__h_2e_x_count 1",
      "h_x_count 9",
    ]);
  });

  test("labels that would become one stay two, in one metric or in two", async () => {
    const family = gauge("m", 'm{"a.b"="1",a_b="2"} 1\nm{"a.b"="3"} 2\nm{a_b="3"} 3\n');
    expect(await escaped([family], "underscores")).toEqual([
      "# TYPE m gauge",
      'm{U__a_2e_b="1",a_b="2"} 1',
      'm{U__a_2e_b="3"} 2',
      'm{a_b="3"} 3',
    ]);
  });

  test("colons and leading dots make no label name that scrapers refuse", async () => {
    const lines = await escaped([gauge("m", 'm{"a:b"="1"} 1\nm{"..name.."="2"} 2\n')], "underscores");
    expect(lines.slice(1)).toEqual(['m{a_b="1"} 1', 'm{U___2e__2e_name_2e__2e_="2"} 2']);
  });

  test("UTF-8 names in grouping labels are escaped in the push times too", async () => {
    const store = new TestStore();
    store.put({ job: "a", "data.center": "x" }, []);
    const text = await textOf(await new View(store.feed).sync(), { ...PLAIN, escaping: "underscores" });
    expect(text).toContain('push_failure_time_seconds{data_center="x",instance="",job="a"} 0\n');
  });

  test("what needs no escaping is sent from the same buffers whatever the scheme", async () => {
    const store = new TestStore();
    for (let i = 0; i < 100; i++)
      store.put({ job: `j${i}` }, [gauge("legacy", `legacy{job="j${i}"} ${i}\n`), utf8]);
    const snapshot = await new View(store.feed).sync();
    const as = await snapshot.render(PLAIN);
    const shared = (await snapshot.render({ ...PLAIN, escaping: "values" })).filter((buffer) =>
      as.includes(buffer),
    );
    expect(Buffer.concat(shared).toString()).toContain('legacy{job="j50"} 50\n');
  });

  test("escaped text follows later changes", async () => {
    const store = new TestStore();
    const view = new View(store.feed);
    const put = (n: number) => store.put({ job: "a" }, [gauge("a.b", `{"a.b",n="${n}"} 1\n`)]);
    put(1);
    await pushedLines(await view.sync(), "underscores");
    put(2);
    store.put({ job: "b" }, [gauge("a_b", "a_b 1\n")]);
    expect(await pushedLines(await view.sync(), "underscores")).toContain('U__a_2e_b{n="2"} 1');
  });
});

describe("protobuf", () => {
  const families: FamilyInTest[] = [
    gauge("plain", 'plain{instance="",job="a"} 1.5\nplain{instance="",job="a",k="v"} 2\n', "Help."),
    {
      name: "s",
      type: "summary",
      text: 's{job="a",quantile="0.5"} 1\ns_sum{job="a"} 2\ns_count{job="a"} 3\n',
    },
    {
      name: "h",
      type: "histogram",
      text: 'h_bucket{job="a",le="1"} 1\nh_bucket{job="a",le="+Inf"} 2\nh_sum{job="a"} 3\nh_count{job="a"} 2\n',
    },
    gauge("utf.8", '{"utf.8",job="a"} 4\n'),
  ];

  test.each<EscapingScheme>(["allow-utf-8", "underscores", "values"])(
    "says the same as the text (%s)",
    async (escaping) => {
      const store = new TestStore();
      store.put({ job: "a" }, families);
      store.put({ job: "b" }, [gauge("plain", 'plain{instance="",job="b"} 3\n')]);
      const snapshot = await new View(store.feed).sync();
      const protobuf = await bodyOf(snapshot.render({ ...PROTOBUF, escaping }));
      const text = await bodyOf(snapshot.render({ ...PLAIN, escaping }));
      expect(decodeProtobuf(protobuf)).toEqual(parseText(text, { names: "utf8" }));
      expect(gunzipSync(await bodyOf(snapshot.render({ ...PROTOBUF, escaping, gzip: true })))).toEqual(
        protobuf,
      );
    },
  );

  test("stored protobuf bytes are sent as they are, among fragments made from text, escaped or not", async () => {
    const exemplar = { labels: [["trace", "x"]] as const, value: 1 };
    const metric = { labels: [["a.b", "1"]] as const, data: { kind: "simple" as const, value: 5, exemplar } };
    const proto = encodeMetrics("counter", [metric]);
    const store = new TestStore();
    store.put({ job: "a" }, [{ name: "c", type: "counter", text: 'c{"a.b"="1"} 5\n', proto }]);
    store.put({ job: "b" }, [{ name: "c", type: "counter", text: 'c{"a.b"="2"} 6\n' }]);
    const snapshot = await new View(store.feed).sync();
    const [as] = decodeProtobuf(await bodyOf(snapshot.render(PROTOBUF)));
    expect(as?.metrics[0]).toEqual(metric);
    expect(as?.metrics[1]?.labels).toEqual([["a.b", "2"]]);
    const [escaped] = decodeProtobuf(await bodyOf(snapshot.render({ ...PROTOBUF, escaping: "underscores" })));
    expect(escaped?.metrics[0]).toEqual({ ...metric, labels: [["a_b", "1"]] });
    expect(escaped?.metrics[1]?.labels).toEqual([["a_b", "2"]]);
  });
});

/** A store whose answers are given by hand. */
class HeldStore {
  readonly calls: { since: Cursor | null; limit: number; answer: PromiseWithResolvers<Changes> }[] = [];

  changes(since: Cursor | null, limit: number): Promise<Changes> {
    const answer = Promise.withResolvers<Changes>();
    this.calls.push({ since, limit, answer });
    return answer.promise;
  }

  answer(call: number, changes: Partial<Changes> = {}): void {
    const cursor = { history: "h", change: call + 1 };
    this.calls[call]?.answer.resolve({
      upserts: [],
      removals: [],
      cursor,
      nowMs: 0,
      reset: false,
      more: false,
      ...changes,
    });
  }

  get feed(): GroupStore {
    return this as unknown as GroupStore; // a view reads nothing but `changes`
  }
}

describe("sharing a sync", () => {
  test("callers during a sync share the one after it, never the one that runs", async () => {
    const store = new HeldStore();
    const view = new View(store.feed);
    const first = view.sync();
    const [second, third] = [view.sync(), view.sync()];
    expect(store.calls).toHaveLength(1);
    store.answer(0);
    const snapshot = await first;
    await expect.poll(() => store.calls.length).toBe(2);
    const fourth = view.sync();
    store.answer(1);
    expect(await second).toBe(await third);
    expect(await second).not.toBe(snapshot);
    await expect.poll(() => store.calls.length).toBe(3);
    store.answer(2);
    expect((await fourth).cursor.change).toBe(3);
  });

  test("a refresh is a sync in small pages, and hurries as soon as somebody asks for a sync, who gets the one after it", async () => {
    const store = new HeldStore();
    const view = new View(store.feed, { pageSize: 100 });
    const refresh = view.refresh();
    expect(view.refresh()).toBe(refresh);
    store.answer(0, { more: true });
    await expect.poll(() => store.calls.length).toBe(2);
    const sync = view.sync();
    store.answer(1, { more: true });
    await expect.poll(() => store.calls.length).toBe(3);
    store.answer(2);
    expect((await refresh).cursor.change).toBe(3);
    await expect.poll(() => store.calls.length).toBe(4);
    expect(view.refresh()).not.toBe(refresh);
    store.answer(3);
    expect((await sync).cursor.change).toBe(4);
    expect(store.calls.map(({ limit }) => limit)).toEqual([20, 20, 100, 100]);
  });

  test("a refresh ends however much there is: what is beyond thousands of groups it reads in whole pages", async () => {
    const store = new HeldStore();
    const refresh = new View(store.feed, { pageSize: 100 }).refresh();
    for (let call = 0; store.calls.at(-1)?.limit === 20; call++) {
      store.answer(call, { more: true });
      await expect.poll(() => store.calls.length, { interval: 1 }).toBe(call + 2);
    }
    expect(store.calls).toHaveLength(201);
    store.answer(200);
    expect((await refresh).cursor.change).toBe(201);
  });

  test("a sync asks from where the last page left off and folds no page before it has all", async () => {
    const source = new TestStore();
    source.put({ job: "a" }, [gauge("m", 'm{job="a"} 1\n')]);
    const upserts = (await source.changes(null, 10)).upserts;
    const store = new HeldStore();
    const view = new View(store.feed);
    const first = view.sync();
    store.answer(0, { reset: true });
    await first;
    const paged = view.sync();
    store.answer(1, { upserts, more: true });
    await expect.poll(() => store.calls.length).toBe(3);
    expect(store.calls.map((call) => call.since?.change)).toEqual([undefined, 1, 2]);
    expect((await view.last())?.snapshot.groupCount).toBe(0);
    store.answer(2);
    expect((await paged).groupCount).toBe(1);
  });

  test("a failed sync rejects its callers, and the next goes on from the last good state", async () => {
    const source = new TestStore();
    source.put({ job: "a" }, [gauge("m", 'm{job="a"} 1\n')]);
    const store = new HeldStore();
    const view = new View(store.feed);
    const good = view.sync();
    store.answer(0, { upserts: (await source.changes(null, 10)).upserts, reset: true });
    await good;

    const [failing, waiting] = [view.sync(), view.sync()];
    store.answer(1, { upserts: [], removals: [...(await good).groups()].map(({ id }) => id), more: true });
    await expect.poll(() => store.calls.length).toBe(3);
    store.calls[2]?.answer.reject(new StoreUnavailable("gone"));
    await expect(failing).rejects.toThrow(StoreUnavailable);
    expect((await view.last())?.snapshot.groupCount).toBe(1);
    await expect.poll(() => store.calls.length).toBe(4);
    expect(store.calls[3]?.since?.change).toBe(1);
    store.answer(3);
    expect((await waiting).groupCount).toBe(1);
  });

  test("a reset between two pages starts over", async () => {
    const source = new TestStore();
    source.put({ job: "old" }, []);
    const old = (await source.changes(null, 10)).upserts;
    const successor = new TestStore();
    successor.put({ job: "new" }, []);
    const store = new HeldStore();
    const view = new View(store.feed);
    const sync = view.sync();
    store.answer(0, { upserts: old, reset: true, more: true });
    await expect.poll(() => store.calls.length).toBe(2);
    store.answer(1, { upserts: (await successor.changes(null, 10)).upserts, reset: true });
    expect([...(await sync).groups()].map((group) => group.labels)).toEqual([[["job", "new"]]]);
  });
});

describe("size", () => {
  test("100,000 groups in random order, then nine in ten removed, fold in seconds and print in order", async () => {
    const store = new TestStore();
    const view = new View(store.feed, { pageSize: 50_000 });
    const ids: GroupId[] = [];
    const count = 100_000;
    for (let i = 0; i < count; i++) {
      const job = `job-${String((i * 61_681) % count).padStart(6, "0")}`;
      ids.push(store.put({ job }, [gauge("m", `m{instance="",job="${job}"} ${i}\n`)]));
    }
    const all = await view.sync();
    expect(all.groupCount).toBe(count);
    const lines = await pushedLines(all);
    expect(lines).toHaveLength(count + 1);
    expect(lines.slice(1)).toEqual(lines.slice(1).sort());
    ids.forEach((id, i) => {
      if (i % 10 !== 0) store.remove(id);
    });
    const rest = await view.sync();
    expect(rest.groupCount).toBe(count / 10);
    expect(await bodyOf(rest.render(PLAIN))).toEqual(
      await bodyOf((await new View(store.feed).sync()).render(PLAIN)),
    );
    expect(gunzipSync(await bodyOf(rest.render(GZIP)))).toEqual(await bodyOf(rest.render(PLAIN)));
  });
});
