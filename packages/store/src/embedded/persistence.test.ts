import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { gauge, group, histogram, withEmptyLabel } from "../contract/families.ts";
import { type ReadGroup, readGroup } from "../contract/reader.ts";
import { type GroupStore, StoreUnavailable } from "../store.ts";
import { GroupFile } from "./group-file.ts";
import type { PersistenceErrorCode } from "./persistence-error.ts";
import { createEmbeddedStore, EmbeddedStore } from "./store.ts";

let directory: string;
let file: string;
const a = group({ job: "a" });
const b = group({ job: "b", instance: "x" });

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "pushfleet-persistence-"));
  file = join(directory, "groups.db");
});
afterEach(() => rmSync(directory, { recursive: true }));

async function listing(store: GroupStore): Promise<ReadGroup[]> {
  const { upserts, more } = await store.changes(null, 100_000);
  expect(more).toBeFalse();
  return upserts.map((state) => ({ ...readGroup(state), change: 0 })).sort((x, y) => (x.id < y.id ? -1 : 1));
}

/** What a restart finds. */
async function listingOf(path: string): Promise<ReadGroup[]> {
  const store = await createEmbeddedStore({ file: path });
  try {
    return await listing(store);
  } finally {
    await store.close();
  }
}

describe("a restart", () => {
  test("finds everything as it was", async () => {
    const store = await createEmbeddedStore({ file });
    const strange = group({ job: "__proto__", 'a"b': "\u0000\n💥" });
    const full = { ...gauge(a, "m", 1), help: "help \u0000 \n 💥", proto: new Uint8Array([0, 255, 10]) };
    await store.push(a, [full, histogram(a, "h", 2)], { mode: "replace", ttlMs: 3_600_000 });
    await store.push(a, [gauge(a, "later", 1)], { mode: "merge", ttlMs: 7_200_000 });
    await store.push(strange, [gauge(strange, "constructor", 1)], { mode: "merge" });
    await store.recordFailure(b);
    await store.recordFailure(a);
    await store.push(b, [gauge(b, "gone", 1)], { mode: "merge" });
    await store.push(b, [], { mode: "replace" });
    const before = await listing(store);
    await store.close();
    expect(readdirSync(directory)).toEqual(["groups.db"]);
    expect(await listingOf(file)).toEqual(before);
    expect(before).toHaveLength(3);
  });

  test("keeps the consistency check, unprinted identities included", async () => {
    const store = await createEmbeddedStore({ file });
    const wide = group({ job: "b" });
    await store.push(
      wide,
      [withEmptyLabel(gauge(wide, "m", 1, [{ instance: "x" }])), histogram(wide, "h", 1)],
      {
        mode: "replace",
      },
    );
    await store.close();
    const again = await createEmbeddedStore({ file });
    const code = async (families: Parameters<GroupStore["push"]>[1]) =>
      await again.push(b, families, { mode: "merge" }).catch((error: { code: string }) => error.code);
    expect(await code([gauge(b, "m", 1)])).toBe("duplicate-series");
    expect(await code([gauge(b, "h", 1)])).toBe("type-conflict");
    expect(await code([gauge(b, "h_sum", 1)])).toBe("suffix-collision");
    await again.close();
  });

  test("forgets what was deleted, expired or replaced, but for the versions of removals", async () => {
    let micros = 1_700_000_000_000_000;
    const store = await createEmbeddedStore({ file, now: () => micros });
    await store.push(a, [gauge(a, "m", 1)], { mode: "replace", ttlMs: 10 });
    await store.push(b, [gauge(b, "m", 1)], { mode: "replace" });
    micros += 10_000;
    await store.expire(10);
    await store.delete(b.id);
    await store.close();

    const raw = new GroupFile(file);
    const { groups, tombstones, lastVersionMicros } = raw.load();
    raw.close();
    expect(groups).toEqual([]);
    const [start, deletion] = [{ micros: micros - 10_000 }, { micros: micros + 1 }];
    expect(tombstones).toMatchObject([
      { id: a.id, floor: start, deleted: null, life: start, removedAtMicros: micros },
      { id: b.id, floor: deletion, deleted: deletion, life: null, removedAtMicros: micros + 1 },
    ]);
    expect(lastVersionMicros).toBe(micros + 1);
  });

  test("a group created again by a merge keeps the version of its removal as its floor", async () => {
    const store = await createEmbeddedStore({ file, now: () => 5_000 });
    await store.push(a, [gauge(a, "m", 1)], { mode: "replace" });
    await store.delete(a.id);
    await store.close();
    const again = await createEmbeddedStore({ file, now: () => 5_000 });
    await again.push(a, [gauge(a, "m", 1)], { mode: "merge" });
    await again.close();
    const raw = new GroupFile(file);
    expect(raw.load()).toMatchObject({
      groups: [{ floor: { micros: 5_001 }, deleted: { micros: 5_001 }, pushedAtMicros: 5_002 }],
      tombstones: [],
    });
    raw.close();
  });

  test("does not turn the clock back", async () => {
    let micros = 1_700_000_000_000_000;
    const store = await createEmbeddedStore({ file, now: () => micros });
    await store.push(a, [], { mode: "replace" });
    await store.close();
    micros -= 3_600_000_000;
    const again = await createEmbeddedStore({ file, now: () => micros });
    await again.push(b, [], { mode: "replace" });
    const [first, second] = (await listing(again))
      .map(({ pushedAtMicros }) => pushedAtMicros)
      .sort((x, y) => x - y);
    expect(first).toBe(1_700_000_000_000_000);
    expect(second).toBe(1_700_000_000_000_001);
    await again.close();
  });

  test("keeps no more tombstones than it may", async () => {
    const store = await createEmbeddedStore({ file, tombstones: 3 });
    for (let index = 0; index < 10; index++) {
      const passing = group({ job: `${index}` });
      await store.push(passing, [], { mode: "replace" });
      await store.delete(passing.id);
    }
    await store.close();
    await (await createEmbeddedStore({ file, tombstones: 2 })).close();
    const raw = new GroupFile(file);
    expect(raw.load().tombstones).toHaveLength(2);
    raw.close();
  });

  test("begins a new history", async () => {
    const store = await createEmbeddedStore({ file });
    const { cursor } = await store.changes(null, 10);
    await store.close();
    const again = await createEmbeddedStore({ file });
    expect((await again.changes(cursor, 10)).reset).toBeTrue();
    await again.close();
  });
});

test("a missing directory is created with the file", async () => {
  const deep = join(directory, "deep", "er", "groups.db");
  await (await createEmbeddedStore({ file: deep })).close();
  expect(readdirSync(dirname(deep))).toEqual(["groups.db"]);
});

test("changes shows nothing that a crash could take back", async () => {
  const store = await createEmbeddedStore({ file });
  const push = store.push(a, [gauge(a, "m", 1)], { mode: "replace" });
  const shown = await listing(store);
  const crashed = crashImage("crashed.db");
  await push;
  await store.close();
  expect(shown).toHaveLength(1);
  expect(await listingOf(crashed)).toEqual(shown);
});

test("kill -9 loses no acknowledged push and leaves no half of one", async () => {
  const child = spawn(process.execPath, [join(import.meta.dirname, "push-until-killed.fixture.ts"), file], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const acknowledged = new Map<string, number>();
  let lines = 0;
  for await (const line of createInterface(child.stdout)) {
    const [pusher = "", number = ""] = line.split(" ");
    acknowledged.set(pusher, Number(number));
    if (++lines === 500) child.kill("SIGKILL");
  }
  await exited;
  expect(child.signalCode).toBe("SIGKILL");
  const states = await listingOf(file);
  expect(states).toHaveLength(4);
  for (const { labels, families } of states) {
    const [m, n] = families.map(({ text }) => Number(text.slice(text.lastIndexOf(" "))));
    expect(m).toBe(n);
    const pusher = labels.find(([name]) => name === "instance")?.[1] ?? "";
    expect(m).toBeGreaterThanOrEqual(acknowledged.get(pusher) ?? Number.NaN);
  }
});

/** The file and its WAL as a crash at this moment would leave them. */
function crashImage(name: string): string {
  const image = join(directory, name);
  copyFileSync(file, image);
  copyFileSync(`${file}-wal`, `${image}-wal`);
  return image;
}

describe("a file that cannot be used", () => {
  /** Names and hashes of all files in the directory. */
  const fingerprints = () =>
    readdirSync(directory).map((name) => [
      name,
      createHash("sha256")
        .update(readFileSync(join(directory, name)))
        .digest("hex"),
    ]);

  async function expectRefused(path: string, code: PersistenceErrorCode, message: RegExp): Promise<void> {
    const before = fingerprints();
    const error = await createEmbeddedStore({ file: path }).then(
      () => new Error("it was opened"),
      (cause: Error) => cause,
    );
    expect(error).toMatchObject({ name: "PersistenceError", code });
    expect(error.message).toMatch(message);
    expect(error.message).toContain(path);
    expect(error.message).not.toContain("\n");
    expect(fingerprints()).toEqual(before);
  }

  /** 20 groups with some text, closed cleanly. */
  async function writeGroups(): Promise<Buffer> {
    const store = await createEmbeddedStore({ file });
    for (let index = 0; index < 20; index++) {
      const each = group({ job: `job-${index}` });
      await store.push(
        each,
        [
          gauge(
            each,
            "some_metric",
            index,
            [...Array(20).keys()].map((n) => ({ n: `${n}` })),
          ),
        ],
        {
          mode: "replace",
        },
      );
    }
    await store.delete(group({ job: "job-7" }).id);
    await store.close();
    return readFileSync(file);
  }

  test.each([
    ["text", "# TYPE m gauge\nm 1\n".repeat(50)],
    ["a gob file, as a Pushgateway writes it", Buffer.from("0dff810402ff820001ff8000".repeat(40), "hex")],
    ["a few bytes", "x"],
    ["zeros", Buffer.alloc(8192)],
    ["a cut header", Buffer.from("SQLite format 3\0")],
  ])("%s is foreign", async (_, content) => {
    writeFileSync(file, content);
    await expectRefused(file, "foreign", /was not written by Pushfleet; it was left untouched/);
  });

  test("another application's database is foreign, in either journal mode", async () => {
    for (const mode of ["delete", "wal"]) {
      rmSync(file, { force: true });
      const other = new DatabaseSync(file);
      other.exec(`PRAGMA journal_mode = ${mode}; CREATE TABLE groups (id); INSERT INTO groups VALUES (1)`);
      other.close();
      await expectRefused(file, "foreign", /another application/);
    }
  });

  test("an empty file is damaged, not new", async () => {
    writeFileSync(file, "");
    await expectRefused(file, "damaged", /is empty/);
  });

  test("a WAL without its file is damaged, not new", async () => {
    writeFileSync(`${file}-wal`, "something");
    await expectRefused(file, "damaged", /is missing/);
  });

  test("a directory is inaccessible", async () => {
    await expectRefused(directory, "inaccessible", /cannot be read \(EISDIR/);
    await expectRefused(join("/dev/null", "groups.db"), "inaccessible", /cannot be created/);
  });

  test("another format version is refused", async () => {
    await writeGroups();
    const raw = new DatabaseSync(file);
    raw.exec("PRAGMA user_version = 99");
    raw.close();
    await expectRefused(file, "unknown-version", /unknown format version 99/);
  });

  test("a missing page is damage", async () => {
    const good = await writeGroups();
    for (const length of [good.length - 4096, 3 * 4096 + 100, 4096]) {
      writeFileSync(file, good.subarray(0, length));
      await expectRefused(file, "damaged", /is damaged/);
    }
  });

  test("an overwritten page is damage, unless it is one that holds nothing", async () => {
    const good = await writeGroups();
    const pages = Array.from({ length: good.length / 4096 - 1 }, (_, index) => index + 1);
    const spoilt = pages.flatMap((page) =>
      [0x00, 0xff].map((byte) => Buffer.from(good).fill(byte, page * 4096, (page + 1) * 4096)),
    );
    expect(await refusals(spoilt)).toBeGreaterThan(pages.length);
  });

  test.each(["job-13", 'some_metric{instance="",job="job-4'])(
    "one bit of %s flipped is damage, unless it is a remainder of former times",
    async (text) => {
      const good = await writeGroups();
      const flipped: Buffer[] = [];
      for (let place = good.indexOf(text); place >= 0; place = good.indexOf(text, place + 1)) {
        const copy = Buffer.from(good);
        copy.writeUInt8(good.readUInt8(place) ^ 1, place);
        flipped.push(copy);
      }
      expect(await refusals(flipped)).toBeGreaterThan(1);
    },
  );

  /** How many of these versions of the file are refused; the others must hold just what the good one holds. */
  async function refusals(versions: readonly Buffer[]): Promise<number> {
    const good = await listingOf(file);
    let refused = 0;
    for (const content of versions) {
      writeFileSync(file, content);
      const store = await createEmbeddedStore({ file }).catch(() => undefined);
      if (store === undefined) {
        await expectRefused(file, "damaged", /is damaged/);
        refused++;
      } else {
        expect(await listing(store)).toEqual(good);
        await store.close();
      }
    }
    return refused;
  }

  test("damage behind the WAL of a crash leaves both as they were", async () => {
    await writeGroups();
    const store = await createEmbeddedStore({ file });
    await store.push(a, [gauge(a, "m", 1)], { mode: "replace" });
    const image = crashImage("crashed.db");
    await store.close();
    const good = readFileSync(image);
    writeFileSync(image, Buffer.from(good).fill(0, 4096));
    await expectRefused(image, "damaged", /is damaged/);
    writeFileSync(image, good);
    expect(await listingOf(image)).toHaveLength(20);
  });

  test("a file in use is refused, and its user undisturbed", async () => {
    const store = await createEmbeddedStore({ file });
    await store.push(a, [gauge(a, "m", 1)], { mode: "replace" });
    await expectRefused(file, "in-use", /is in use by another process; only one process may use it/);
    await store.push(b, [gauge(b, "m", 1)], { mode: "replace" });
    await store.close();
    expect(await listingOf(file)).toHaveLength(2);
  });
});

describe("a full disk", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }));
  afterEach(() => void vi.useRealTimers());

  const big = gauge(
    a,
    "big",
    1,
    [...Array(5_000).keys()].map((n) => ({ n: `${n}` })),
  );

  async function fill(): Promise<{ store: EmbeddedStore; data: GroupFile }> {
    const data = new GroupFile(file);
    const store = new EmbeddedStore({}, data);
    await store.push(a, [gauge(a, "m", 1)], { mode: "replace" });
    const [row] = data.database.prepare("PRAGMA page_count").all();
    data.database.exec(`PRAGMA max_page_count = ${Number(row?.["page_count"])}`);
    return { store, data };
  }

  test("refuses all pushes of the commit, shows none of them, and keeps what was acknowledged", async () => {
    const { store } = await fill();
    const before = await listing(store);
    const results = await Promise.allSettled([
      store.push(b, [gauge(b, "m", 1)], { mode: "replace" }),
      store.push(a, [big], { mode: "merge" }),
      store.recordFailure(a),
    ]);
    for (const result of results) {
      expect(result).toMatchObject({ status: "rejected", reason: { name: "StoreUnavailable" } });
    }
    expect(await listing(store)).toEqual(before);
    await store.close();
    expect(await listingOf(file)).toEqual(before);
  });

  test("readers are told to start again", async () => {
    const { store } = await fill();
    const { cursor } = await store.changes(null, 10);
    await expect(store.push(a, [big], { mode: "merge" })).rejects.toThrow(StoreUnavailable);
    expect(await store.changes(cursor, 10)).toMatchObject({ reset: true, upserts: [{ id: a.id }] });
    await store.close();
  });

  test("is tried again after a second, not before, and forgotten when there is room", async () => {
    const { store, data } = await fill();
    await expect(store.push(a, [big], { mode: "merge" })).rejects.toThrow(/full/);
    data.database.exec("PRAGMA max_page_count = 1000000");
    await expect(store.push(b, [], { mode: "merge" })).rejects.toThrow(StoreUnavailable);
    await expect(store.ready()).rejects.toThrow(StoreUnavailable);
    vi.advanceTimersByTime(1_000);
    await store.ready();
    await store.push(a, [big], { mode: "merge" });
    const after = await listing(store);
    expect(after[0]?.families).toHaveLength(2);
    await store.close();
    expect(await listingOf(file)).toEqual(after);
  });
});

test("10,000 groups of 5 families are loaded within seconds", async () => {
  const store = await createEmbeddedStore({ file });
  const names = ["m1", "m2", "m3", "m4", "m5"];
  await Promise.all(
    Array.from({ length: 10_000 }, (_, index) => {
      const each = group({ job: `job-${index % 100}`, instance: `host-${index}` });
      return store.push(
        each,
        names.map((name) => gauge(each, name, index, [{ n: "1" }, { n: "2" }])),
        {
          mode: "replace",
        },
      );
    }),
  );
  await store.close();
  // The best of some, for the machine may be busy with other things. 200 ms on two idle cores.
  let fastest = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 5; round++) {
    const start = performance.now();
    const again = await createEmbeddedStore({ file });
    fastest = Math.min(fastest, performance.now() - start);
    await again.close();
  }
  expect(fastest).toBeLessThan(5_000);
  const again = await createEmbeddedStore({ file });
  expect(await listing(again)).toHaveLength(10_000);
  await again.close();
});
