import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { gauge, group, histogram } from "../contract/families.ts";
import { type ReadGroup, readGroup } from "../contract/reader.ts";
import { FamilyMemory, namedRegion } from "../contract/replication-reading.ts";
import type { Replication, ShippedFamily, VersionedGroup } from "../replication/replication.ts";
import type { GroupStore } from "../store.ts";
import { type FirstFormatGroup, writeFirstFormat } from "./first-format.fixture.ts";
import { GroupFile } from "./group-file.ts";
import type { PersistenceErrorCode } from "./persistence-error.ts";
import { createEmbeddedStore, EmbeddedStore, type EmbeddedStoreOptions } from "./store.ts";

const [north, south] = [namedRegion("north"), namedRegion("south")];
const [a, b, c] = [group({ job: "a" }), group({ job: "b" }), group({ job: "c" })];
const start = 1_700_000_000_000_000;

let directory: string;
let file: string;
let micros: number;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "pushfleet-region-file-"));
  file = join(directory, "groups.db");
  micros = start;
});
afterEach(() => rmSync(directory, { recursive: true }));

function open(options: EmbeddedStoreOptions = {}): Promise<EmbeddedStore> {
  return createEmbeddedStore({ file, now: () => micros, ...options });
}

function replicationOf({ replication }: EmbeddedStore): Replication {
  if (replication === null) throw new Error("the store belongs to no region");
  return replication;
}

async function listing(store: GroupStore): Promise<ReadGroup[]> {
  const { upserts } = await store.changes(null, 1_000);
  return upserts.map((state) => ({ ...readGroup(state), change: 0 })).sort((x, y) => (x.id < y.id ? -1 : 1));
}

/** All that another region would be told, as text. */
async function told(store: EmbeddedStore): Promise<string> {
  const { states } = await replicationOf(store).changes(null, 1_000, { ownAfter: 0 });
  const sorted = states.toSorted((x, y) => (x.id < y.id ? -1 : 1));
  return JSON.stringify(sorted.map(withTexts), null, 1);
}

function withTexts({ families, ...state }: VersionedGroup<ShippedFamily>) {
  const texts = families.map(({ name, version, family }) => ({
    name,
    version,
    text: family.text.bytes.toString("utf8", family.text.start, family.text.end),
  }));
  return { ...state, families: texts.sort((x, y) => (x.name < y.name ? -1 : 1)) };
}

async function expectRefused(options: EmbeddedStoreOptions, code: PersistenceErrorCode, message: RegExp) {
  const contents = () =>
    readdirSync(directory).map((name) => [name, readFileSync(join(directory, name), "hex")]);
  const before = contents();
  const error = await open(options).then(
    () => new Error("it was opened"),
    (cause: Error) => cause,
  );
  expect(error).toMatchObject({ name: "PersistenceError", code });
  expect(error.message).toMatch(message);
  expect(error.message).not.toContain("\n");
  expect(contents()).toEqual(before);
}

describe("a file of the first format", () => {
  const replaced: FirstFormatGroup = {
    group: a,
    pushedAt: start + 20,
    failedAt: start + 30,
    expiresAt: start / 1000 + 3_600_000,
    floor: start + 10,
    families: [
      [{ ...gauge(a, "m", 1), help: "help \n 💥", proto: new Uint8Array([0, 255, 10]) }, start + 10],
      [histogram(a, "h", 2), start + 20],
    ],
  };
  const takenOver: FirstFormatGroup = {
    group: b,
    pushedAt: start - 5_000_000,
    failedAt: 0,
    expiresAt: null,
    floor: start + 40,
    families: [[gauge(b, "m", 3), start + 40]],
  };
  const onlyFailed = {
    group: c,
    pushedAt: 0,
    failedAt: start + 50,
    expiresAt: null,
    floor: start + 45,
    families: [],
  };
  const gone = group({ job: "gone" });

  const write = (): void =>
    writeFirstFormat(file, [replaced, takenOver, onlyFailed], [[gone.id, start + 60]]);

  test("is shown as it was, with and without a region, and after further restarts", async () => {
    write();
    const first = await open();
    const shown = await listing(first);
    await first.close();
    expect(shown).toHaveLength(3);
    expect(shown.find(({ id }) => id === a.id)).toEqual({
      id: a.id,
      labels: a.labels,
      pushedAtMicros: start + 20,
      failedAtMicros: start + 30,
      expiresAtMs: start / 1000 + 3_600_000,
      change: 0,
      families: [
        {
          name: "h",
          type: "histogram",
          help: "",
          text: histogram(a, "h", 2).text,
          metricCount: 1,
          pushedAtMicros: start + 20,
        },
        {
          name: "m",
          type: "gauge",
          help: "help \n 💥",
          text: gauge(a, "m", 1).text,
          metricCount: 1,
          pushedAtMicros: start + 10,
          proto: new Uint8Array([0, 255, 10]),
        },
      ],
    });
    expect(shown.find(({ id }) => id === b.id)?.pushedAtMicros).toBe(start - 5_000_000);

    const again = await open({ region: north });
    const inRegion = await listing(again);
    await again.close();
    expect(inRegion).toEqual(
      shown.map((each) => ({
        ...each,
        ...(each.pushedAtMicros > 0 && { pushedRegion: north }),
        families: each.families.map((family) => ({ ...family, region: north })),
      })),
    );
  });

  test("tells other regions of all that was in it, as of its own region", async () => {
    write();
    const store = await open({ region: north });
    const at = (after: number) => ({ micros: start + after, region: north });
    const states = JSON.parse(await told(store)) as { id: string }[];
    expect(states.find(({ id }) => id === b.id)).toMatchObject({
      floor: at(40),
      deleted: null,
      life: { version: at(40), expiresAtMs: null },
      pushed: { version: at(40), atMicros: start - 5_000_000 },
      failed: null,
      families: [{ name: "m", version: at(40) }],
    });
    expect(states.find(({ id }) => id === c.id)).toMatchObject({
      floor: at(45),
      life: { version: at(50) },
      pushed: null,
      failed: { version: at(50) },
    });
    expect(states.find(({ id }) => id === gone.id)).toMatchObject({
      labels: null,
      floor: at(60),
      deleted: at(60),
      life: null,
    });
    await store.push(a, [], { mode: "merge" });
    const { clockMicros } = await replicationOf(store).changes(null, 10, { ownAfter: 0 });
    expect(clockMicros).toBeGreaterThan(start + 60);
    await store.close();
  });

  test("is of the present format or as it was, and whole, whenever its first user is killed", async () => {
    write();
    const before = readFileSync(file);
    const store = await open({ region: north });
    const expected = await told(store);
    // As a kill leaves them: all of the upgrade is in the WAL, and the header of the file is still that of the first format.
    const wal = readFileSync(`${file}-wal`);
    expect(readFileSync(file).readUInt32BE(60)).toBe(1);
    await store.close();
    let upgraded = 0;
    for (let cut = wal.length; cut > 0; cut -= 1_000) {
      writeFileSync(file, before);
      writeFileSync(`${file}-wal`, wal.subarray(0, cut));
      const again = await open({ region: north });
      expect(await told(again)).toBe(expected);
      await again.close();
      expect(readFileSync(file).readUInt32BE(60)).toBe(2);
      upgraded++;
    }
    expect(upgraded).toBeGreaterThan(5);
  });

  test("that is damaged is left untouched", async () => {
    write();
    const good = readFileSync(file);
    const spoilt = Buffer.from(good);
    spoilt.writeUInt8(good.readUInt8(good.indexOf("help \n")) ^ 1, good.indexOf("help \n"));
    writeFileSync(file, spoilt);
    await expectRefused({ region: north }, "damaged", /is not as it was written/);
    writeFileSync(file, good.subarray(0, good.length - 4096));
    await expectRefused({}, "damaged", /is damaged/);
  });
});

describe("the region of a file", () => {
  test("is that of the first who opens it in one, for all that is in it", async () => {
    const without = await open();
    await without.push(a, [gauge(a, "m", 1)], { mode: "replace" });
    await without.delete(b.id);
    expect(without.replication).toBeNull();
    expect((await listing(without))[0]).not.toHaveProperty("pushedRegion");
    await without.close();

    const claimed = await open({ region: north });
    expect(await listing(claimed)).toMatchObject([
      { id: a.id, pushedRegion: north, families: [{ region: north }] },
    ]);
    await claimed.close();
    await expectRefused(
      { region: south },
      "other-region",
      /belongs to the region north; .*--federation\.region/,
    );
    await expectRefused({}, "other-region", /belongs to the region north; .*--federation\.region/);
    await (await open({ region: north })).close();
  });

  test("is damage when it is not told once", async () => {
    await (await open({ region: north })).close();
    const raw = new DatabaseSync(file);
    raw.exec("DELETE FROM store");
    raw.close();
    await expectRefused({ region: north }, "damaged", /to which region it belongs/);
  });
});

describe("a restart in a region", () => {
  test("finds what other regions told as it was", async () => {
    const memory = new FamilyMemory();
    const foreign = await createEmbeddedStore({ region: south, now: () => micros + 5_000_000 });
    const family = (owner: typeof a, name: string, value: number) =>
      memory.remember(gauge(owner, name, value));
    await foreign.push(a, [family(a, "m", 1), family(a, "n", 2)], { mode: "replace", ttlMs: 3_600_000 });
    await foreign.recordFailure(a);
    await foreign.push(b, [family(b, "m", 1)], {
      mode: "merge",
      times: { pushedAtMicros: 5, failedAtMicros: 0 },
    });
    await foreign.delete(c.id);
    const ended = group({ job: "ended" });
    await foreign.push(ended, [], { mode: "merge", ttlMs: 1 });
    const { states } = await replicationOf(foreign).changes(null, 100, { ownAfter: 0 });

    const store = await open({ region: north });
    await store.push(a, [gauge(a, "own", 1)], { mode: "merge" });
    micros += 6_000_000;
    await replicationOf(store).merge(states.map((state) => memory.arriving(state)));
    await store.push(b, [gauge(b, "own", 1)], { mode: "merge" });
    const everything = async (from: EmbeddedStore) => {
      const known = await replicationOf(from).groups([a.id, b.id, c.id, ended.id]);
      return known.map(withTexts);
    };
    const [before, shown] = [await everything(store), await listing(store)];
    await store.close();
    const again = await open({ region: north });
    expect(await everything(again)).toEqual(before);
    expect(await listing(again)).toEqual(shown);
    const regions = before.flatMap(({ families }) => families.map(({ version }) => version.region));
    expect(regions.sort()).toEqual([north, south, south, south]);
    await again.push(a, [], { mode: "merge" });
    const [state] = await replicationOf(again).groups([a.id]);
    expect(state?.life?.version.micros).toBeGreaterThan(micros);
    await again.close();
  });

  test("keeps the clock, but not at the time of another region that is ahead", async () => {
    const foreign = await createEmbeddedStore({ region: south, now: () => micros + 50_000_000 });
    await foreign.push(b, [], { mode: "replace" });
    const { states } = await replicationOf(foreign).changes(null, 100, { ownAfter: 0 });
    const store = await open({ region: north });
    await store.push(a, [], { mode: "replace", ttlMs: 20_000 });
    await replicationOf(store).merge(states.map((state) => ({ ...state, families: [] })));
    await store.close();
    const again = await open({ region: north });
    expect((await again.end()).nowMs).toBe(start / 1000);
    expect(await again.expire(10)).toBe(0);
    await again.push(b, [], { mode: "merge" });
    const [state] = await replicationOf(again).groups([b.id]);
    expect(state?.life?.version).toEqual({ micros: start + 50_000_001, region: north });
    await again.close();
  });

  test("a merge that cannot be written is not in effect", async () => {
    const foreign = await createEmbeddedStore({ region: south, now: () => micros });
    const big = { ...gauge(a, "big", 1), help: "x".repeat(1_000_000) };
    await foreign.push(a, [big], { mode: "replace" });
    const { states } = await replicationOf(foreign).changes(null, 100, { ownAfter: 0 });
    const arriving = states.map((state) => ({
      ...state,
      families: state.families.map(({ name, version }) => ({ name, version, family: big })),
    }));
    await (await open({ region: north })).close();
    const full = new GroupFile(file, north);
    full.database.exec("PRAGMA max_page_count = 8");
    const store = new EmbeddedStore({ region: north, now: () => micros }, full);
    await expect(replicationOf(store).merge(arriving)).rejects.toMatchObject({ name: "StoreUnavailable" });
    expect(await replicationOf(store).groups([a.id])).toEqual([]);
    await store.close();
  });
});
