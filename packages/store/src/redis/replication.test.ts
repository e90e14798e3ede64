import type { Group } from "@pushfleet/groups";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type RedisServer, startRedis } from "../../../../test/support/redis.ts";
import { gauge, group } from "../contract/families.ts";
import { namedRegion, readChanges } from "../contract/replication-reading.ts";
import type { VersionedGroup } from "../replication/replication.ts";
import { formatVersion, type Version } from "../replication/version.ts";
import { TestRegions } from "./test-regions.ts";

const replace = { mode: "replace" } as const;
const merge = { mode: "merge" } as const;
const a = group({ job: "a" });
const b = group({ job: "b" });

let server: RedisServer;
let redis: Redis;
let regions: TestRegions;

beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.url);
});
afterAll(async () => {
  redis.disconnect();
  await server[Symbol.asyncDispose]();
});
beforeEach(async () => {
  await redis.flushall();
  regions = new TestRegions(server.url);
});
afterEach(() => regions[Symbol.asyncDispose]());

const empty = {
  labels: null,
  floor: null,
  deleted: null,
  life: null,
  pushed: null,
  failed: null,
  families: [],
};

function deletion(target: Group, version: Version): VersionedGroup<never> {
  return { ...empty, id: target.id, floor: version, deleted: version };
}

describe("a store that belongs to a region", () => {
  test("is opened for that region only, and the message says what to set", async () => {
    await regions.open("data", { region: namedRegion("eu") });
    await expect(regions.open("data", { region: namedRegion("us") })).rejects.toThrow(
      /belongs to the region eu, but --federation\.region is us: set it to eu/,
    );
    await expect(regions.open("data")).rejects.toThrow(
      /region eu, but --federation\.region is not set: set it to eu/,
    );
    await regions.open("data", { region: namedRegion("eu") });
  });

  test("can be swept by whoever knows nothing of regions", async () => {
    const eu = await regions.region("eu");
    await eu.push(a, [gauge(a, "m", 1)], { ...replace, ttlMs: 1 });
    const upkeep = await eu.upkeep();
    await expect.poll(async () => (await upkeep.begin()).expire()).toEqual({ groups: 1, more: false });
    expect((await eu.state(a)).status).toBe("expired");
  });

  test("takes as its own what was stored before it belonged to one", async () => {
    const before = await regions.open("eu");
    expect(before.replication).toBeNull();
    for (const family of [gauge(a, "m", 1), gauge(a, "n", 1)]) regions.families.remember(family);
    await before.push(a, [gauge(a, "m", 1), gauge(a, "n", 1)], replace);
    await before.push(a, [gauge(a, "n", 1)], merge);
    await before.recordFailure(b);
    const c = group({ job: "c" });
    await before.push(c, [], replace);
    await before.delete(c.id);
    const [old] = (await before.changes(null, 10)).upserts;
    expect(old).not.toHaveProperty("pushedRegion");

    // As it was when failures did not say that they had created a group, and told times stood alone.
    await redis.hdel(regions.key("eu", `group:${b.id}`), "life");
    const [eu, us] = [await regions.region("eu"), await regions.region("us")];
    const version = `${old?.pushedAtMicros}@eu`;
    expect(await eu.state(a)).toMatchObject({ status: "alive", life: { version }, pushed: { version } });
    expect((await eu.state(a)).families.map((family) => family.version.split("@")[1])).toEqual(["eu", "eu"]);
    const { states } = await readChanges(eu.replication, null, { ownAfter: 0, limit: 10 });
    expect([...states.keys()]).toEqual([a.id, b.id, c.id]);
    expect(await regions.merge(us, states.values())).toEqual(
      Array(3).fill({ kind: "merged", changed: true }),
    );
    for (const each of [a, b, c]) expect(await us.state(each)).toEqual(await eu.state(each));
    const [upsert] = (await eu.store.changes(null, 10)).upserts;
    expect(upsert).toMatchObject({ pushedRegion: "eu", families: [{ region: "eu" }, { region: "eu" }] });
  });
});

describe("what another region pushed", () => {
  test("is told with its region, and deleted on the condition of its time", async () => {
    const [eu, us] = [await regions.region("eu"), await regions.region("us-2")];
    await us.push(a, [gauge(a, "m", 1)]);
    expect(await regions.carry(us, eu, a)).toEqual([{ kind: "merged", changed: true }]);
    const [upsert] = (await eu.store.changes(null, 10)).upserts;
    expect(upsert).toMatchObject({ pushedRegion: "us-2", families: [{ name: "m", region: "us-2" }] });
    const at = upsert?.pushedAtMicros ?? 0;
    expect(await eu.store.delete(a.id, { ifPushedAtMicros: 2 })).toBeFalse();
    expect(await eu.store.delete(a.id, { ifPushedAtMicros: at })).toBeTrue();
  });

  test("can be deleted on the condition of the time that is told", async () => {
    const [eu, us] = [await regions.region("eu"), await regions.region("us-2")];
    await us.push(a, [], { ...replace, times: { pushedAtMicros: 5_000, failedAtMicros: 7_000 } });
    await regions.carry(us, eu, a);
    expect((await eu.store.changes(null, 10)).upserts[0]).toMatchObject({
      pushedAtMicros: 5_000,
      failedAtMicros: 7_000,
    });
    expect(await eu.store.delete(a.id, { ifPushedAtMicros: 5_000 })).toBeTrue();
  });

  test("keeps its version when a push here leaves it beside its own families", async () => {
    const [eu, us] = [await regions.region("eu"), await regions.region("us")];
    await us.push(a, [gauge(a, "m", 1), gauge(a, "n", 1), gauge(a, "o", 1)]);
    await regions.carry(us, eu, a);
    const before = await us.state(a);
    await eu.push(a, [gauge(a, "n", 2)], merge);
    const { families: after } = await eu.state(a);
    expect(after.map(({ name, version }) => [name, version.split("@")[1]])).toEqual([
      ["m", "us"],
      ["n", "eu"],
      ["o", "us"],
    ]);
    expect(after[0]).toEqual(before.families[0]);
    const [upsert] = (await eu.store.changes(null, 10)).upserts;
    expect(upsert).toMatchObject({ pushedRegion: "eu" });
    await regions.carry(eu, us, a);
    expect(await us.state(a)).toEqual(await eu.state(a));
    // One that was left there goes as any other does.
    await eu.push(a, [gauge(a, "n", 3)], replace);
    expect(await redis.hgetall(eu.key("families"))).toEqual({ n: "g 1" });
  });

  test("is counted under the limits of a push here as if it had been pushed here", async () => {
    const [eu, us] = [await regions.region("eu"), await regions.region("us")];
    await us.push(a, [gauge(a, "m", 1)]);
    await us.push(a, [gauge(a, "n", 1)], merge);
    await regions.carry(us, eu, a);
    const limits = { "group.max-series": 2, "job.max-groups": 9, "store.max-groups": 9 };
    await expect(eu.push(a, [gauge(a, "o", 1)], { ...merge, limits })).rejects.toThrow(
      /group\.max-series|series/,
    );
    await eu.push(a, [gauge(a, "n", 1)], { ...merge, limits });
  });

  test("changes nothing when it is known, and takes no change number then", async () => {
    const [eu, us] = [await regions.region("eu"), await regions.region("us")];
    await us.push(a, [gauge(a, "m", 1)], { ...replace, ttlMs: 60_000 });
    await us.push(a, [gauge(a, "n", 1)], { ...merge, ttlMs: 60_000 });
    await us.store.recordFailure(a);
    await us.store.delete(b.id);
    await regions.carry(us, eu, a);
    await regions.carry(us, eu, b);
    const { cursor } = await eu.store.end();
    const hash = await redis.hgetall(eu.key(`group:${a.id}`));
    expect(await regions.carry(us, eu, a)).toEqual([{ kind: "merged", changed: false }]);
    expect(await regions.carry(us, eu, b)).toEqual([{ kind: "merged", changed: false }]);
    expect((await eu.store.end()).cursor).toEqual(cursor);
    expect(await redis.hgetall(eu.key(`group:${a.id}`))).toEqual(hash);
  });

  test("does not make the layout of a group unknown that has the same families", async () => {
    const [eu, us] = [await regions.region("eu"), await regions.region("us")];
    await eu.push(a, [gauge(a, "m", 1)]);
    const layout = await redis.hget(eu.key(`group:${a.id}`), "layout_id");
    await regions.carry(eu, us, a);
    await us.push(a, [gauge(a, "m", 2)]);
    await regions.carry(us, eu, a);
    expect(layout).not.toBe("");
    expect(await redis.hget(eu.key(`group:${a.id}`), "layout_id")).toBe(layout);
  });
});

describe("versions", () => {
  test("made here are higher than all that were seen", async () => {
    const eu = await regions.region("eu");
    const soon = (await eu.replication.standing()).nowMicros + 30_000_000;
    await eu.replication.merge([deletion(a, { micros: soon, region: namedRegion("us") })]);
    await eu.push(b, []);
    const [state] = await eu.replication.groups([b.id]);
    expect(state?.pushed?.version.micros).toBeWithin(soon + 1, soon + 10);
  });

  test("too far ahead are refused with all that came with them, and move no clock", async () => {
    const eu = await regions.region("eu", { maxAheadMs: 1_000 });
    const { nowMicros } = await eu.replication.standing();
    const [near, far] = [nowMicros + 500_000, nowMicros + 5_000_000];
    const us = namedRegion("us");
    const outcomes = await eu.replication.merge([
      {
        ...deletion(a, { micros: near, region: us }),
        failed: { version: { micros: far, region: us }, atMicros: 1 },
      },
      deletion(b, { micros: near, region: us }),
    ]);
    const [refused, taken] = outcomes;
    expect(refused?.kind === "ahead" && refused.aheadMs).toBeWithin(4_000, 5_001);
    expect(taken).toEqual({ kind: "merged", changed: true });
    expect(await eu.replication.groups([a.id])).toEqual([]);
    const { last } = await readChanges(eu.replication, null, { ownAfter: 0, limit: 10 });
    expect(last.clockMicros).toBeWithin(near, near + 10);
  });

  test("of the same microsecond are ordered by the bytes of the regions, whatever the locale of the server", async () => {
    const eu = await regions.region("eu");
    const { nowMicros: micros } = await eu.replication.standing();
    const at = (name: string) => ({ micros, region: namedRegion(name) });
    await eu.replication.merge([deletion(a, at("us1"))]);
    await eu.replication.merge([deletion(a, at("us-1"))]);
    expect((await eu.state(a)).floor).toBe(formatVersion(at("us1")));
    await eu.replication.merge([deletion(a, at("us1-a"))]);
    expect((await eu.state(a)).floor).toBe(formatVersion(at("us1-a")));
  });
});

describe("the changes for other regions", () => {
  test("are of groups in which something happened here lately", async () => {
    const [eu, us] = [await regions.region("eu"), await regions.region("us")];
    await us.push(a, [gauge(a, "m", 1)]);
    await regions.carry(us, eu, a);
    await eu.push(b, [gauge(b, "m", 1)]);
    const first = await readChanges(eu.replication, null, { ownAfter: 0, limit: 10 });
    expect([...first.states.keys()]).toEqual([b.id]);
    // What is told of one that was pushed here before another region pushed to it is not lost with that.
    await eu.push(a, [gauge(a, "n", 1)], merge);
    await regions.carry(eu, us, a);
    await us.push(a, [gauge(a, "m", 2)], merge);
    await regions.carry(us, eu, a);
    const ownAfter = first.last.clockMicros;
    const second = await readChanges(eu.replication, first.last.cursor, { ownAfter, limit: 10 });
    expect([...second.states.keys()]).toEqual([a.id]);
    const third = await readChanges(eu.replication, first.last.cursor, {
      ownAfter: second.last.clockMicros,
      limit: 10,
    });
    expect(third.states.size).toBe(0);
    expect(third.last).toMatchObject({ reset: false, more: false });
  });

  test("tell of deleted groups from the beginning, and begin anew when those were forgotten", async () => {
    const eu = await regions.region("eu", { tombstones: 0, tombstoneRetentionMs: 0 });
    for (let i = 0; i < 3; i++) await eu.push(group({ job: "x", instance: `${i}` }), []);
    const start = await eu.replication.changes(null, 2, { ownAfter: 0 });
    expect(start).toMatchObject({ reset: true, more: true });
    await eu.store.delete(a.id);
    // Forgotten at once, and it came after the listing began.
    expect(await eu.replication.changes(start.cursor, 2, { ownAfter: 0 })).toMatchObject({
      reset: true,
      more: true,
    });
    const lasting = await regions.region("us");
    await lasting.store.delete(a.id);
    const { states } = await readChanges(lasting.replication, null, { ownAfter: 0, limit: 10 });
    expect([...states.values()]).toMatchObject([{ id: a.id, labels: null, life: null }]);
  });

  test("end a page, and a look at groups, when it grows heavy, and miss nothing", async () => {
    const eu = await regions.region("eu");
    const groups = Array.from({ length: 6 }, (_, index) => group({ job: "big", instance: `${index}` }));
    for (const each of groups) await eu.push(each, [gauge(each, "m", 1, [{ padding: "x".repeat(900_000) }])]);
    const page = await eu.replication.changes(null, 100, { ownAfter: 0 });
    expect(page.states).toHaveLength(3);
    expect(page.more).toBeTrue();
    const { states } = await readChanges(eu.replication, null, { ownAfter: 0, limit: 100 });
    expect([...states.keys()]).toEqual(groups.map(({ id }) => id));
    expect((await eu.replication.groups(groups.map(({ id }) => id))).map(({ id }) => id)).toEqual(
      groups.map(({ id }) => id),
    );
    const us = await regions.region("us");
    const outcomes = await us.replication.merge(
      [...states.values()].map((state) => regions.families.arriving(state)),
    );
    expect(outcomes).toEqual(Array(6).fill({ kind: "merged", changed: true }));
  });
});

describe("a removal", () => {
  test("is remembered without a group too, and tells others to remove it", async () => {
    const [eu, us, none] = [
      await regions.region("eu"),
      await regions.region("us"),
      await regions.open("none"),
    ];
    await us.push(a, [gauge(a, "m", 1)]);
    const late = (await us.replication.groups([a.id])).map((state) => regions.families.arriving(state));
    expect(await eu.store.delete(a.id)).toBeFalse();
    expect(await eu.replication.merge(late)).toEqual([{ kind: "merged", changed: false }]);
    expect((await eu.store.changes(null, 10)).upserts).toEqual([]);
    const { cursor } = await us.store.end();
    await regions.carry(eu, us, a);
    expect(await us.store.changes(cursor, 10)).toMatchObject({ upserts: [], removals: [a.id] });
    await none.delete(a.id);
    expect(await redis.hlen(regions.key("none", "floors"))).toBe(0);
  });

  test("is forgotten only when it is older than the retention and there are too many", async () => {
    const eu = await regions.region("eu", { tombstones: 2, tombstoneRetentionMs: 3_600_000 });
    const { nowMicros } = await eu.replication.standing();
    const groups = Array.from({ length: 6 }, (_, index) => group({ job: "x", instance: `${index}` }));
    const us = namedRegion("us");
    const old = groups
      .slice(0, 3)
      .map((each) => deletion(each, { micros: nowMicros - 3_600_000_000, region: us }));
    await eu.replication.merge(old);
    expect(await redis.zcard(eu.key("removed"))).toBe(2);
    for (const each of groups.slice(3)) await eu.store.delete(each.id);
    expect(await redis.zcard(eu.key("removed"))).toBe(3);
    expect((await eu.replication.groups(groups.map(({ id }) => id))).map(({ id }) => id)).toEqual(
      groups.slice(3).map(({ id }) => id),
    );
    expect((await redis.hkeys(eu.key("floors"))).sort()).toEqual(
      groups
        .slice(3)
        .map(({ id }) => id)
        .sort(),
    );
  });
});

test("whoever sweeps keeps to the retention without knowing it", async () => {
  const eu = await regions.region("eu", { tombstoneRetentionMs: 3_600_000 });
  const { nowMicros } = await eu.replication.standing();
  const us = namedRegion("us");
  await eu.replication.merge([
    deletion(a, { micros: nowMicros - 3_601_000_000, region: us }),
    deletion(b, { micros: nowMicros - 3_500_000_000, region: us }),
  ]);
  const upkeep = await eu.upkeep(0);
  await (await upkeep.begin()).expire();
  expect(await redis.hkeys(eu.key("floors"))).toEqual([b.id]);
});

test("what is gone is told of for the retention, however much is remembered", async () => {
  const eu = await regions.region("eu", { tombstoneRetentionMs: 3_600_000 });
  const { nowMicros } = await eu.replication.standing();
  const us = namedRegion("us");
  await eu.replication.merge([
    deletion(a, { micros: nowMicros - 3_601_000_000, region: us }),
    deletion(b, { micros: nowMicros - 3_500_000_000, region: us }),
  ]);
  expect(await redis.hlen(eu.key("floors"))).toBe(2);
  expect((await eu.replication.groups([a.id, b.id])).map(({ id }) => id)).toEqual([b.id]);
  expect((await eu.replication.versions(null, 10)).groups.map(({ id }) => id)).toEqual([b.id]);
});
