import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type RedisServer, startRedis } from "../../../../test/support/redis.ts";
import { counter, gauge, group, histogram } from "../contract/families.ts";
import { randomOperation, run, seededRandom } from "../contract/model.ts";
import { type GroupStore, InconsistentPush, StoreUnavailable } from "../store.ts";
import { createRedisStore, type RedisStoreOptions } from "./store.ts";

const a = group({ job: "a" });
const b = group({ job: "b" });
const replace = { mode: "replace" } as const;

let server: RedisServer;
let redis: Redis;
let handles: GroupStore[];

const open = async (options: Partial<RedisStoreOptions> = {}): Promise<GroupStore> => {
  const store = await createRedisStore({ url: server.url, ...options });
  handles.push(store);
  return store;
};

beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.url);
  redis.on("error", () => {}); // some tests kill the server
});
afterAll(async () => {
  redis.disconnect();
  await server[Symbol.asyncDispose]();
});
beforeEach(async () => {
  handles = [];
  await redis.flushall();
});
afterEach(async () => {
  await Promise.all(handles.map((store) => store.close()));
});

/** Resolves when the store can be written again. */
async function untilReady(store: GroupStore): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (performance.now() < deadline) {
    const ready = await store.ready().then(
      () => true,
      () => false,
    );
    if (ready) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error("the store does not become ready again");
}

describe("at start", () => {
  test("a server that cannot be reached is named, without the password", async () => {
    const opening = createRedisStore({ url: "redis://:secret@127.0.0.1:1" });
    await expect(opening).rejects.toThrow(StoreUnavailable);
    await expect(opening).rejects.toThrow(/^cannot connect to Redis at 127\.0\.0\.1:1: .*ECONNREFUSED/);
  });

  test("a wrong password is said to be one", async () => {
    await using guarded = await startRedis({ settings: { requirepass: "right" } });
    const url = (password: string) => guarded.url.replace("//", `//:${password}@`);
    await expect(createRedisStore({ url: url("wrong") })).rejects.toThrow(/WRONGPASS/);
    await (await createRedisStore({ url: url("right") })).close();
  });

  test("a server that may evict any key is refused", async () => {
    await using evicting = await startRedis({ settings: { "maxmemory-policy": "allkeys-lru" } });
    await expect(createRedisStore({ url: evicting.url })).rejects.toThrow(
      /maxmemory-policy allkeys-lru would drop pushed metrics/,
    );
  });

  test("data of an unknown schema is refused", async () => {
    await open({ keyPrefix: "future:{0}:" });
    await redis.hset("future:{0}:state", "schema", "4");
    await expect(open({ keyPrefix: "future:{0}:" })).rejects.toThrow(
      /schema 4, but this gateway knows schema 3/,
    );
  });

  test("the database of the URL is used", async () => {
    const store = await open({ url: `${server.url}/3` });
    await store.push(a, [gauge(a, "m", 1)], replace);
    expect(await redis.dbsize()).toBe(0);
  });
});

test("stores with different prefixes do not meet", async () => {
  const [one, other] = [await open({ keyPrefix: "one:{0}:" }), await open({ keyPrefix: "other:{0}:" })];
  await one.push(a, [gauge(a, "m", 1)], replace);
  await other.push(b, [counter(b, "m", 1)], replace);
  expect((await one.changes(null, 10)).upserts.map(({ id }) => id)).toEqual([a.id]);
  expect(await other.wipe()).toBe(1);
  expect((await one.changes(null, 10)).upserts).toHaveLength(1);
  for (const key of await redis.keys("*")) expect(key).toMatch(/^(one|other):\{0\}:/);
});

test("5,000 families are pushed, replaced and deleted as a few are", async () => {
  const store = await open();
  const names = Array.from({ length: 5_000 }, (_, index) => `family_${index}`);
  const pushed = names.map((name) => gauge(a, name, 1));
  await store.push(a, pushed, replace);
  await store.push(b, [gauge(b, "family_4999", 1)], replace);
  await expect(
    store.push(b, [...names.slice(1).map((name) => gauge(b, name, 1)), counter(b, "family_0", 1)], replace),
  ).rejects.toMatchObject({ code: "type-conflict" });
  await store.push(a, pushed, { mode: "merge" });
  expect((await store.changes(null, 10)).upserts.find(({ id }) => id === a.id)?.families).toHaveLength(5_000);
  await store.push(
    a,
    names.map((name) => histogram(a, `${name}_h`, 1)),
    replace,
  );
  await store.push(
    b,
    [...names.slice(1).map((name) => gauge(b, name, 1)), counter(b, "family_0", 1)],
    replace,
  );
  await store.push(a, [], replace);
  expect(await redis.hlen("pushfleet:{0}:families")).toBe(5_000);
  expect(await store.delete(b.id)).toBeTrue();
  expect(await redis.hlen("pushfleet:{0}:families")).toBe(0);
});

test("a page of the change feed ends early rather than keep Redis busy, and the pages fold to everything", async () => {
  const store = await open();
  const text = (owner: typeof a) => gauge(owner, "m", 1, [{ padding: "x".repeat(900_000) }]);
  const groups = Array.from({ length: 6 }, (_, index) => group({ job: "big", instance: `${index}` }));
  for (const each of groups) await store.push(each, [text(each)], replace);
  let page = await store.changes(null, 100);
  const seen = page.upserts.map(({ id }) => id);
  expect(seen).toHaveLength(3);
  while (page.more) {
    page = await store.changes(page.cursor, 100);
    seen.push(...page.upserts.map(({ id }) => id));
  }
  expect(seen).toEqual(groups.map(({ id }) => id));
});

test("names and help that look like stored lines harm nobody", async () => {
  const store = await open();
  const narrow = group({ job: "a", instance: "x" });
  const odd = "line\nend \\n 1 * m";
  const [series = ""] = gauge(narrow, "m", 1).text.split("\n");
  await store.push(a, [{ ...gauge(a, "m", 1), help: `help\n${series}\n` }, gauge(a, odd, 1)], replace);
  await store.push(narrow, [gauge(narrow, "m", 1), { ...gauge(narrow, odd, 1), help: "\n" }], replace);
  const { upserts } = await store.changes(null, 10);
  for (const { families } of upserts)
    expect(families.map(({ name }) => name)).toIncludeSameMembers(["m", odd]);
  await expect(store.push(b, [counter(b, odd, 1)], replace)).rejects.toThrow(InconsistentPush);
});

test("of two stores racing with different types of one name exactly one wins", async () => {
  const [one, other] = [await open(), await open()];
  for (let round = 0; round < 100; round++) {
    const name = `m${round}`;
    const outcomes = await Promise.allSettled([
      one.push(a, [gauge(a, name, 1)], { mode: "merge" }),
      other.push(b, [counter(b, name, 1)], { mode: "merge" }),
    ]);
    expect(outcomes.map(({ status }) => status)).toIncludeSameMembers(["fulfilled", "rejected"]);
  }
});

test("of two stores racing with one series in groups of new shapes exactly one wins", async () => {
  const [one, other] = [await open(), await open()];
  for (let round = 0; round < 50; round++) {
    const left = group({ job: "j", [`left${round}`]: "1" });
    const right = group({ job: "j", [`right${round}`]: "1" });
    const outcomes = await Promise.allSettled([
      one.push(left, [gauge(left, "m", 1, [{ [`right${round}`]: "1" }])], replace),
      other.push(right, [gauge(right, "m", 1, [{ [`left${round}`]: "1" }])], replace),
    ]);
    expect(outcomes.map(({ status }) => status)).toIncludeSameMembers(["fulfilled", "rejected"]);
  }
});

test("after random operations every count is what a recount of the groups gives", async () => {
  const store = await open({ tombstones: 50 });
  const random = seededRandom(7);
  for (let step = 0; step < 2_000; step++) {
    const operation = randomOperation(random);
    if (operation.kind === "push" && step < 1_900 && random() < 0.2) {
      const pushing = store.push(operation.group, operation.families, { mode: operation.mode, ttlMs: 1 });
      await pushing.catch((error: unknown) => expect(error).toBeInstanceOf(InconsistentPush));
    } else {
      await run(operation, store);
    }
    if (random() < 0.05) await store.expire(1);
  }
  await store.expire(1000);

  const prefix = "pushfleet:{0}:";
  const groups = await redis.keys(`${prefix}group:*`);
  const [families, shapes, jobs] = [
    new Map<string, string>(),
    new Map<string, number>(),
    new Map<string, number>(),
  ];
  for (const key of groups) {
    const { shape = "", job = "", layout = "", left_series, ...fields } = await redis.hgetall(key);
    shapes.set(shape, (shapes.get(shape) ?? 0) + 1);
    jobs.set(job, (jobs.get(job) ?? 0) + 1);
    const leftovers = Object.entries(fields).filter(([field]) => field.startsWith("f:"));
    expect(leftovers.length > 0).toBe(layout.startsWith("?"));
    // Before the lines of a leftover are name, help and sizes.
    const lines = leftovers.map(([, value]) => value.split("\n").length - 4);
    expect(left_series).toBe(leftovers.length === 0 ? undefined : `${lines.reduce((a, b) => a + b)}`);
    const inLayout = layout
      .replace("?", "")
      .split("\n")
      .filter((_, line) => line % 2 === 0);
    const held = [
      ...inLayout.filter((line) => line !== "").map((line) => [line.slice(1), line.charAt(0)] as const),
      ...leftovers.map(([field, value]) => [field.slice(2), value.charAt(16)] as const),
    ];
    for (const [name, type] of held) {
      const [letter, holders = "0"] = families.get(name)?.split(" ") ?? [type];
      expect(letter).toBe(type);
      families.set(name, `${letter} ${Number(holders) + 1}`);
    }
  }
  const stored = async (key: string) => new Map(Object.entries(await redis.hgetall(prefix + key)));
  expect(families.size).toBeGreaterThan(1);
  expect(await stored("families")).toEqual(families);
  expect(await stored("shapes")).toEqual(new Map([...shapes].map(([shape, count]) => [shape, `${count}`])));
  expect(await stored("jobs")).toEqual(new Map([...jobs].map(([job, count]) => [job, `${count}`])));
  const ids = groups.map((key) => key.slice(`${prefix}group:`.length));
  expect(await redis.zrange(`${prefix}changes`, "0", "-1")).toIncludeSameMembers(ids);
  const removed = await redis.zrange(`${prefix}removed`, "0", "-1");
  expect(removed.filter((id) => ids.includes(id))).toEqual([]);
  expect(await redis.hkeys(`${prefix}floors`)).toIncludeSameMembers(removed);
});

describe("when Redis", () => {
  test("is flushed under running gateways, readers start anew and pushes go on", async () => {
    const [store, other] = [await open(), await open()];
    await store.push(a, [gauge(a, "m", 1)], replace);
    await other.push(b, [gauge(b, "m", 1)], replace);
    const before = await store.changes(null, 10);
    await redis.flushall();
    const flushed = await store.changes(before.cursor, 10);
    expect(flushed).toMatchObject({ reset: true, upserts: [], more: false });
    await store.push(a, [counter(a, "m", 1)], replace);
    await expect(other.push(b, [gauge(b, "m", 1)], replace)).rejects.toMatchObject({ code: "type-conflict" });
    await other.push(b, [counter(b, "m", 1)], replace);
    const after = await store.changes(flushed.cursor, 10);
    expect(after).toMatchObject({ reset: true, more: false });
    expect(after.upserts.map(({ id }) => id)).toEqual([a.id, b.id]);
    // A history as short as the one before is another all the same.
    expect(await store.changes(before.cursor, 10)).toMatchObject({ reset: true });
  });

  test("forgets its scripts, they are sent again", async () => {
    const store = await open();
    await store.push(a, [gauge(a, "m", 1)], replace);
    await redis.script("FLUSH");
    await Promise.all([
      store.push(a, [gauge(a, "m", 2)], replace),
      store.push(b, [gauge(b, "m", 2)], replace),
      store.changes(null, 10),
    ]);
    expect((await store.changes(null, 10)).upserts).toHaveLength(2);
  });

  test("is out of memory, pushes are told so and deletions go on", async () => {
    await using small = await startRedis();
    const admin = new Redis(small.url);
    const store = await open({ url: small.url });
    await store.push(a, [gauge(a, "m", 1)], replace);
    await admin.config("SET", "maxmemory", "1");
    await expect(store.push(a, [gauge(a, "m", 2)], replace)).rejects.toThrow(StoreUnavailable);
    await expect(store.ready()).rejects.toThrow(/OOM/);
    expect(await store.delete(a.id)).toBeTrue();
    admin.disconnect();
  });

  test("becomes a replica, pushes are told that it is read-only", async () => {
    await using demoted = await startRedis();
    const admin = new Redis(demoted.url);
    const store = await open({ url: demoted.url });
    await admin.replicaof(server.host, server.port);
    await expect(store.push(a, [gauge(a, "m", 1)], replace)).rejects.toThrow(StoreUnavailable);
    await expect(store.ready()).rejects.toThrow(/READONLY|LOADING/);
    await admin.replicaof("NO", "ONE");
    await untilReady(store);
    await store.push(a, [gauge(a, "m", 1)], replace);
    admin.disconnect();
  });

  test("hangs, what waits for it fails after the timeout, and works again afterwards", async () => {
    await using hanging = await startRedis();
    const store = await open({ url: hanging.url, timeoutMs: 200 });
    await hanging.pause();
    await expect(store.push(a, [gauge(a, "m", 1)], replace)).rejects.toThrow(StoreUnavailable);
    await hanging.resume();
    await untilReady(store);
    await store.push(a, [gauge(a, "m", 1)], replace);
  });

  test("is killed under load, every push is answered, and all works again after a restart", async () => {
    await using fragile = await startRedis();
    const store = await open({ url: fragile.url });
    const { cursor } = await store.changes(null, 10);
    let acknowledged = 0;
    const push = () => store.push(a, [gauge(a, "m", 1)], replace).then(() => acknowledged++);
    const pusher = async (): Promise<unknown> => {
      try {
        for (;;) await push();
      } catch (error) {
        return error;
      }
    };
    const pushers = Array.from({ length: 16 }, pusher);
    while (acknowledged < 1_000) await push();
    await fragile.kill();
    for (const error of await Promise.all(pushers)) {
      expect(error).toBeInstanceOf(StoreUnavailable);
      expect(error).toHaveProperty("cause", expect.any(Error));
    }
    await expect(store.ready()).rejects.toThrow(/^no connection to Redis at 127\.0\.0\.1:\d+/);
    await expect(store.changes(cursor, 10)).rejects.toThrow(StoreUnavailable);

    await fragile.restart();
    await untilReady(store);
    await store.push(b, [gauge(b, "m", 1)], replace);
    const page = await store.changes(cursor, 10);
    expect(page).toMatchObject({ reset: true, more: false });
    expect(page.upserts.map(({ id }) => id)).toEqual([b.id]);
  });
});

test("close waits for what was pushed", async () => {
  const store = await createRedisStore({ url: server.url });
  const pushes = Array.from({ length: 20 }, (_, index) => {
    const each = group({ job: `${index}` });
    return store.push(each, [gauge(each, "m", 1)], replace);
  });
  await store.close();
  await expect(Promise.all(pushes)).resolves.toHaveLength(20);
  await expect(store.push(a, [], replace)).rejects.toThrow(StoreUnavailable);
});

describe("a gateway that expects the layout it pushed last", () => {
  test.each([
    [
      "another gateway has pushed other families",
      (other: GroupStore) => other.push(a, [gauge(a, "n", 1)], replace),
    ],
    [
      "another gateway has pushed more families",
      (other: GroupStore) => other.push(a, [gauge(a, "n", 1)], { mode: "merge" }),
    ],
    ["another gateway has deleted the group", (other: GroupStore) => other.delete(a.id)],
    [
      "another gateway has recorded a failure in a new group",
      async (other: GroupStore) => {
        await other.delete(a.id);
        await other.recordFailure(a);
      },
    ],
  ] as const)("tells the whole layout when %s", async (_, change) => {
    const [store, other] = [await open(), await open()];
    await store.push(a, [gauge(a, "m", 1), gauge(a, "h_sum", 1)], replace);
    await store.push(a, [gauge(a, "m", 2), gauge(a, "h_sum", 2)], replace);
    await change(other);
    await store.push(a, [gauge(a, "m", 3), gauge(a, "h_sum", 3)], replace);
    const { upserts } = await other.changes(null, 10);
    expect(upserts.map(({ families }) => families.map(({ name }) => name))).toEqual([["m", "h_sum"]]);
    await expect(other.push(b, [histogram(b, "h", 1)], replace)).rejects.toMatchObject({
      code: "suffix-collision",
    });
    await expect(other.push(b, [counter(b, "n", 1)], replace)).resolves.toBeUndefined();
  });
});

test("a merge of the same families again is one script, also beside families that an earlier push left", async () => {
  const store = await open();
  await store.push(a, [gauge(a, "left", 1)], replace);
  await store.push(a, [gauge(a, "m", 1)], { mode: "merge" });
  const scriptCalls = async () =>
    Number(/cmdstat_evalsha:calls=(\d+)/.exec(await redis.info("commandstats"))?.[1]);
  const before = await scriptCalls();
  await store.push(a, [gauge(a, "m", 2)], { mode: "merge" });
  expect(await scriptCalls()).toBe(before + 1);
  const names = async () =>
    (await store.changes(null, 10)).upserts.flatMap(({ families }) => families.map(({ name }) => name));
  expect(await names()).toEqual(["m", "left"]);
  await store.push(a, [gauge(a, "m", 3)], replace);
  expect(await names()).toEqual(["m"]);
});
