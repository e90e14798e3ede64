import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type RedisServer, startRedis } from "../../../../test/support/redis.ts";
import { counter, gauge, group } from "../contract/families.ts";
import { randomOperation, run, seededRandom } from "../contract/model.ts";
import type { GroupStore } from "../store.ts";
import { AuditInterrupted, audit } from "./audit.ts";
import { connect } from "./connect.ts";
import { createScriptRunner, type ScriptRunner } from "./script-runner.ts";
import { directSender } from "./sender.ts";
import { createRedisStore } from "./store.ts";
import { createRedisUpkeep, SweepOvertaken, type Upkeep } from "./upkeep.ts";

const replace = { mode: "replace" } as const;
const merge = { mode: "merge" } as const;
const a = group({ job: "a" });
const familiesKey = "pushfleet:{0}:families";
const shapesKey = "pushfleet:{0}:shapes";
const jobsKey = "pushfleet:{0}:jobs";

let server: RedisServer;
let redis: Redis;
let store: GroupStore;
let upkeep: Upkeep;

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
  store = await createRedisStore({ url: server.url, tombstones: 100 });
  upkeep = await createRedisUpkeep({ url: server.url, tombstones: 100 });
});
afterEach(async () => {
  await store.close();
  upkeep.close();
});

const never = new AbortController().signal;

async function counts() {
  const [families, shapes, jobs] = await Promise.all(
    [familiesKey, shapesKey, jobsKey].map((key) => redis.hgetall(key)),
  );
  return { families, shapes, jobs };
}

async function recount() {
  return (await upkeep.begin()).audit(never);
}

/** Pushes so many groups, each with the family `m` and one that every tenth group has. */
async function fill(count: number, options: { ttlMs?: number } = {}): Promise<void> {
  for (let i = 0; i < count; i++) {
    const owner = group({ job: "fill", instance: `${i}` });
    await store.push(owner, [gauge(owner, "m", 1), counter(owner, `n_${i % 10}`, 1)], {
      ...replace,
      ...options,
    });
  }
}

describe("a sweep", () => {
  test("removes what has expired, batch by batch, and nothing else", async () => {
    await fill(120, { ttlMs: 1 });
    await store.push(a, [gauge(a, "kept", 1)], { ...replace, ttlMs: 60_000 });
    await expect.poll(async () => (await store.changes(null, 500)).upserts.length).toBe(1);
    const sweep = await upkeep.begin();
    expect(await sweep.expire()).toEqual({ groups: 50, more: true });
    expect(await sweep.expire()).toEqual({ groups: 50, more: true });
    expect(await sweep.expire()).toEqual({ groups: 20, more: false });
    expect(await redis.hgetall(familiesKey)).toEqual({ kept: "g 1" });
    expect(await redis.hgetall(shapesKey)).toEqual({ '["job"]': "1" });
    expect(await redis.hgetall(jobsKey)).toEqual({ a: "1" });
    expect(await redis.keys("pushfleet:{0}:group:*")).toEqual([`pushfleet:{0}:group:${a.id}`]);
    expect(await redis.zcard("pushfleet:{0}:removed")).toBe(100);
    expect(await redis.hlen("pushfleet:{0}:floors")).toBe(100);
  });

  test("ends when another begins, and changes nothing any more", async () => {
    await fill(3, { ttlMs: 1 });
    await expect.poll(async () => (await store.changes(null, 500)).upserts.length).toBe(0);
    const earlier = await upkeep.begin();
    const later = await upkeep.begin();
    await expect(earlier.expire()).rejects.toThrow(SweepOvertaken);
    await expect(earlier.audit(never)).rejects.toThrow(SweepOvertaken);
    expect(await redis.zcard("pushfleet:{0}:expiry")).toBe(3);
    expect(await later.expire()).toEqual({ groups: 3, more: false });
  });

  test("is overtaken by a flush too, and its number does not come again", async () => {
    const before = await upkeep.begin();
    await redis.flushall();
    await expect(before.expire()).rejects.toThrow(SweepOvertaken);
    await upkeep.begin();
    await expect(before.expire()).rejects.toThrow(SweepOvertaken);
  });

  test("knows how long ago the last complete audit was", async () => {
    expect((await upkeep.begin()).auditAgeMs).toBe(Number.POSITIVE_INFINITY);
    await recount();
    expect((await upkeep.begin()).auditAgeMs).toBeWithin(0, 10_000);
  });
});

describe("an audit", () => {
  test("finds nothing in a store that is right, whatever was done to it", async () => {
    const random = seededRandom(7);
    for (let i = 0; i < 400; i++) await run(randomOperation(random), store);
    await fill(350);
    const before = await counts();
    const { groups, differences } = await recount();
    expect(differences).toEqual([]);
    expect(groups).toBe(await redis.zcard("pushfleet:{0}:changes"));
    expect(await counts()).toEqual(before);
  });

  test("counts groups that have expired as long as they are not removed, and what earlier pushes left", async () => {
    await store.push(a, [gauge(a, "one", 1), gauge(a, "escaped\\name\nhere", 1)], replace);
    await store.push(a, [counter(a, "two", 1)], merge);
    await fill(5, { ttlMs: 1 });
    await expect.poll(async () => (await store.changes(null, 500)).upserts.length).toBe(1);
    expect(await recount()).toEqual({ groups: 6, differences: [] });
  });

  test("corrects every kind of difference", async () => {
    await fill(20);
    const right = await counts();
    await redis.hset(familiesKey, { m: "g 7", n_0: "c 99", n_1: "g 2", nobody: "h 3" });
    await redis.hdel(familiesKey, "n_2");
    await redis.hset(shapesKey, { '["instance","job"]': "3", '["nobody"]': "4" });
    await redis.hset(jobsKey, { fill: "-3", nobody: "5" });
    const { differences } = await recount();
    expect(differences.toSorted((one, other) => (one.name < other.name ? -1 : 1))).toEqual([
      { of: "shapes", name: '["instance","job"]', stored: "3", counted: "20", isCorrected: true },
      { of: "shapes", name: '["nobody"]', stored: "4", counted: "", isCorrected: true },
      { of: "jobs", name: "fill", stored: "-3", counted: "20", isCorrected: true },
      { of: "families", name: "m", stored: "g 7", counted: "g 20", isCorrected: true },
      { of: "families", name: "n_0", stored: "c 99", counted: "c 2", isCorrected: true },
      { of: "families", name: "n_1", stored: "g 2", counted: "c 2", isCorrected: true },
      { of: "families", name: "n_2", stored: "", counted: "c 2", isCorrected: true },
      { of: "families", name: "nobody", stored: "h 3", counted: "", isCorrected: true },
      { of: "jobs", name: "nobody", stored: "5", counted: "", isCorrected: true },
    ]);
    expect(await counts()).toEqual(right);
    expect((await recount()).differences).toEqual([]);
  });

  test("a missing shape, once counted again, is looked at by pushes again", async () => {
    const owner = group({ job: "a", instance: "x" });
    await store.push(owner, [gauge(owner, "m", 1)], replace);
    await redis.hdel(shapesKey, '["instance","job"]');
    await redis.hset("pushfleet:{0}:state", "shapes", "lost");
    await store.push(a, [gauge(a, "other", 1)], replace); // learns of the wrong set
    await recount();
    const duplicate = store.push(a, [gauge(a, "m", 1, [{ instance: "x" }])], replace);
    await expect(duplicate).rejects.toMatchObject({ code: "duplicate-series" });
  });

  test("marks that a killed audit left change nothing for pushes and go with the next audit or write", async () => {
    await store.push(a, [gauge(a, "m", 1)], replace);
    await redis.hset(familiesKey, { m: "g 1 ", absent: "? 0 " });
    const b = group({ job: "b" });
    await expect(store.push(b, [counter(b, "m", 1)], replace)).rejects.toMatchObject({
      code: "type-conflict",
    });
    await store.push(b, [counter(b, "absent", 1), gauge(b, "m", 1)], replace);
    expect(await redis.hgetall(familiesKey)).toEqual({ m: "g 2", absent: "c 1" });
    await redis.hset(familiesKey, { m: "g 2 ", gone: "? 0 " });
    await recount();
    expect(await redis.hkeys(familiesKey)).toIncludeSameMembers(["m", "absent"]);
    expect(await store.delete(a.id)).toBeTrue();
    expect(await redis.hget(familiesKey, "m")).toBe("g 1");
  });

  test("stops when it is told to", async () => {
    await fill(5);
    const stopped = (await upkeep.begin()).audit(AbortSignal.abort(new Error("stop")));
    await expect(stopped).rejects.toThrow("stop");
    expect((await upkeep.begin()).auditAgeMs).toBe(Number.POSITIVE_INFINITY);
  });

  /** An audit with something done before the n-th run of a script. */
  async function auditWith(before: { script: string; run: number }, act: () => Promise<unknown>) {
    const connection = await connect({ url: server.url });
    const send = createScriptRunner(connection, directSender(connection), "pushfleet:{0}:state");
    await upkeep.begin();
    const sweep = await redis.hget("pushfleet:{0}:state", "sweep");
    let runs = 0;
    const interfering: ScriptRunner = async (script, args) => {
      if (script.name === before.script && ++runs === before.run) await act();
      return send(script, args);
    };
    try {
      return await audit(interfering, sweep ?? "", never);
    } finally {
      connection.redis.disconnect();
    }
  }

  test("gives up when a failover comes between its pages", async () => {
    await fill(400);
    // Becoming a primary changes the replication id, as in a failover. The primary in between does not exist.
    const failOver = async () => {
      await redis.replicaof("127.0.0.1", "1");
      await redis.replicaof("NO", "ONE");
    };
    await expect(auditWith({ script: "audit", run: 2 }, failOver)).rejects.toThrow(AuditInterrupted);
  });

  test.each([
    ["families", { script: "repair", run: 1 }],
    ["shapes", { script: "repair", run: 2 }],
    ["jobs", { script: "repair", run: 3 }],
  ] as const)("corrects %s rightly when a group goes after the comparison", async (_, moment) => {
    await fill(3);
    await redis.del(familiesKey, shapesKey, jobsKey);
    const leaving = group({ job: "fill", instance: "0" });
    const { differences } = await auditWith(moment, () => store.delete(leaving.id));
    expect(differences.every(({ isCorrected }) => isCorrected)).toBeTrue();
    expect(await counts()).toEqual({
      families: { m: "g 2", n_1: "c 1", n_2: "c 1" },
      shapes: { '["instance","job"]': "2" },
      jobs: { fill: "2" },
    });
  });

  test("gives up when more is removed between its pages than is remembered", async () => {
    await fill(700);
    const sweep = await upkeep.begin();
    const isInterrupted = expect(sweep.audit(never)).rejects.toThrow(AuditInterrupted);
    await store.wipe();
    await isInterrupted;
  });

  /** Pushes and deletes as long as it is not disposed of: anything in a small world, and names of one type that come and go. */
  function mutate(target: GroupStore, seed: number): AsyncDisposable {
    const random = seededRandom(seed);
    let goesOn = true;
    const churn = async () => {
      const owner = group({ job: "churn", instance: `${Math.floor(random() * 40)}` });
      const name = `churn_${Math.floor(random() * 8)}`;
      if (random() < 0.5) await target.push(owner, [gauge(owner, name, 1)], random() < 0.5 ? merge : replace);
      else await target.delete(owner.id);
    };
    const mutating = Array.from({ length: 8 }, async (_, worker) => {
      while (goesOn) {
        if (worker % 2 === 0) await run(randomOperation(random), target);
        else await churn();
      }
    });
    return {
      async [Symbol.asyncDispose]() {
        goesOn = false;
        await Promise.all(mutating);
      },
    };
  }

  /**
   * Makes all counts wrong at one moment: too high, and too low where that lets no conflict of types in, as all groups have
   * the name with the same type.
   */
  const plant = `
    for i, name in ipairs(redis.call('HKEYS', KEYS[1])) do
      local entry = redis.call('HGET', KEYS[1], name)
      local letter, holders = string.sub(entry, 1, 1), string.sub(entry, 3) + 0
      if string.sub(name, 1, 6) == 'churn_' and i % 2 == 0 then holders = holders - 2 else holders = holders + i % 3 + 1 end
      if holders > 0 then redis.call('HSET', KEYS[1], name, letter .. ' ' .. holders) else redis.call('HDEL', KEYS[1], name) end
    end
    for i, shape in ipairs(redis.call('HKEYS', KEYS[2])) do
      if i % 2 == 0 then redis.call('HINCRBY', KEYS[2], shape, 2) else redis.call('HDEL', KEYS[2], shape) end
    end
    for i, job in ipairs(redis.call('HKEYS', KEYS[3])) do redis.call('HINCRBY', KEYS[3], job, i % 2 == 0 and 2 or -30) end`;

  test.each([1, 2, 3])("is right while groups come, change and go (seed %i)", async (seed) => {
    await using busy = await createRedisStore({ url: server.url }).then((opened) =>
      Object.assign(opened, { [Symbol.asyncDispose]: () => opened.close() }),
    );
    let found = 0;
    {
      await using _ = mutate(busy, seed);
      for (let round = 0; round < 6; round++) {
        expect((await recount()).differences).toEqual([]);
        await redis.eval(plant, 3, familiesKey, shapesKey, jobsKey);
        for (;;) {
          const { differences } = await recount();
          found += differences.length;
          if (differences.every(({ isCorrected }) => isCorrected)) break;
        }
      }
    }
    expect(found).toBeGreaterThan(30);
    expect((await recount()).differences).toEqual([]);
    await busy.wipe();
    expect(await redis.exists(familiesKey, shapesKey, jobsKey)).toBe(0);
  });
});
