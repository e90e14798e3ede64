import { parseText } from "@pushfleet/exposition";
import { type AdmittedFamily, admit, type Group, groupOf, parseGroupPath } from "@pushfleet/groups";
import { createRedisStore, type GroupStore, textOf } from "@pushfleet/store";
import { type Snapshot, View } from "@pushfleet/view";
import { expect, test } from "vitest";
import { startRedis } from "../support/redis.ts";

// Several replicas' views over one Redis, as in production: what was acknowledged is in every sync that starts later.

const pushers = 8;
const groupsOfEach = 5;
const pushesOfEach = 400;
const views = 3;

/** What is known for certain about one group: `undefined` value = deleted or never pushed. */
interface Acknowledged {
  value: number | undefined;
  /** Rises with each acknowledged mutation; a reader may only judge a group that did not change under its eyes. */
  mutations: number;
  pending: boolean;
}

test("acknowledged pushes and deletions are in every later sync of every view, and groups are whole", {
  timeout: 120_000,
}, async () => {
  await using redis = await startRedis();
  const stores = await Promise.all(
    Array.from({ length: views }, () => createRedisStore({ url: redis.url, tombstones: 50 })),
  );
  const known = new Map<string, Acknowledged>();
  let done = false;
  const writing = Promise.all(
    Array.from({ length: pushers }, (_, pusher) => keepPushing(pick(stores, pusher), pusher, known)),
  ).finally(() => {
    done = true;
  });
  const reads = await Promise.all(stores.map((store) => keepReading(new View(store), known, () => done)));
  await writing;
  for (const count of reads) expect(count).toBeGreaterThan(20);
  await Promise.all(stores.map((store) => store.close()));
});

async function keepPushing(
  store: GroupStore,
  pusher: number,
  known: Map<string, Acknowledged>,
): Promise<void> {
  for (let n = 1; n <= pushesOfEach; n++) {
    const { group, families } = pushOf(`p${pusher}-${n % groupsOfEach}`, n);
    const state = known.get(group.key) ?? { value: undefined, mutations: 0, pending: false };
    known.set(group.key, state);
    state.pending = true;
    const deletion = n % 7 === 0;
    if (deletion) await store.delete(group.id);
    else await store.push(group, families, { mode: n % 2 === 0 ? "replace" : "merge" });
    state.value = deletion ? undefined : n;
    state.mutations += 1;
    state.pending = false;
  }
}

/** Syncs until the writers are done; resolves to how often. */
async function keepReading(
  view: View,
  known: Map<string, Acknowledged>,
  isDone: () => boolean,
): Promise<number> {
  for (let syncs = 1; ; syncs++) {
    const last = isDone();
    const before = new Map([...known].map(([key, state]) => [key, { ...state }]));
    const snapshot = await view.sync();
    const shown = valuesOf(snapshot);
    for (const [key, { value, pending, mutations }] of before) {
      if (pending) continue;
      const now = known.get(key);
      if (now?.mutations === mutations && !now.pending)
        expect(shown.get(key), `${key} in sync ${syncs}`).toBe(value);
      else if (value !== undefined)
        expect(shown.get(key) ?? value, `${key} in sync ${syncs}`).toBeGreaterThanOrEqual(value);
    }
    if (last) return syncs;
  }
}

/** The value of every group; fails when its two families are not of the same push. */
function valuesOf(snapshot: Snapshot): Map<string, number> {
  return new Map(
    [...snapshot.groups()].map((group) => {
      const values = group.families.map(({ text }) => Number(textOf(text).trim().split(" ").at(-1)));
      expect(values, "half a push").toHaveLength(2);
      expect(values[0]).toBe(values[1]);
      return [groupOf(group.labels).key, values[0] ?? Number.NaN];
    }),
  );
}

test("a view whose cursor fell behind the kept tombstones lists everything anew", async () => {
  await using redis = await startRedis();
  const store = await createRedisStore({ url: redis.url, tombstones: 10 });
  const view = new View(store);
  for (const { group, families } of [pushOf("kept", 1), pushOf("gone", 2)])
    await store.push(group, families, { mode: "replace" });
  await view.sync();
  await store.delete(pushOf("gone", 0).group.id);
  for (let i = 0; i < 50; i++) {
    const { group, families } = pushOf(`passing-${i}`, i);
    await store.push(group, families, { mode: "replace" });
    await store.delete(group.id);
  }
  await store.expire(1000);
  expect([...valuesOf(await view.sync()).keys()]).toEqual(['{instance="kept",job="consistency"}']);
  await store.close();
});

test("a view follows Redis into a new history after it lost everything", async () => {
  await using redis = await startRedis();
  const store = await createRedisStore({ url: redis.url });
  const view = new View(store);
  const old = pushOf("old", 1);
  await store.push(old.group, old.families, { mode: "replace" });
  expect(valuesOf(await view.sync()).size).toBe(1);
  await redis.kill();
  await redis.restart();
  await expect
    .poll(
      () =>
        store.ready().then(
          () => true,
          () => false,
        ),
      { timeout: 20_000 },
    )
    .toBeTrue();
  const next = pushOf("new", 2);
  await store.push(next.group, next.families, { mode: "replace" });
  expect([...valuesOf(await view.sync())]).toEqual([[next.group.key, 2]]);
  await store.close();
});

test("a fresh replica has 10,000 groups within a second", { timeout: 120_000 }, async () => {
  await using redis = await startRedis();
  const store = await createRedisStore({ url: redis.url });
  const count = 10_000;
  for (let start = 0; start < count; start += 500) {
    const batch = Array.from({ length: 500 }, (_, i) =>
      pushOf(`host-${start + i}`, start + i, { families: 5 }),
    );
    await Promise.all(batch.map(({ group, families }) => store.push(group, families, { mode: "replace" })));
  }
  // The best of three: other work on the machine must not decide.
  const times: number[] = [];
  for (let attempt = 0; attempt < 3; attempt++) {
    const view = new View(store);
    const start = performance.now();
    expect((await view.sync()).groupCount).toBe(count);
    times.push(performance.now() - start);
  }
  expect(Math.min(...times)).toBeLessThan(1000);
  await store.close();
});

/** A push of `value` to the group of one host, in two families or more. */
function pushOf(
  host: string,
  value: number,
  options: { families: number } = { families: 2 },
): { group: Group; families: AdmittedFamily[] } {
  const path = parseGroupPath(`/job/consistency/instance/${host}`, { names: "legacy" });
  const body = Array.from(
    { length: options.families },
    (_, i) => `# TYPE family_${i} gauge\nfamily_${i} ${value}\n`,
  ).join("");
  return { group: groupOf(path), families: admit(parseText(Buffer.from(body), { names: "legacy" }), path) };
}

function pick<T>(items: readonly T[], index: number): T {
  const item = items[index % items.length];
  if (item === undefined) throw new Error("nothing to pick from");
  return item;
}
