import { groupOf } from "@pushfleet/groups";
import { createEmbeddedStore, type GroupStore, StoreUnavailable } from "@pushfleet/store";
import { View } from "@pushfleet/view";
import { expect, test } from "vitest";
import { ChangeWatch } from "./change-watch.ts";

async function startWatch() {
  const store = await createEmbeddedStore({});
  let isAway = false;
  let reads = 0;
  const ask = <Answer>(question: () => Promise<Answer>): Promise<Answer> =>
    isAway ? Promise.reject(new StoreUnavailable("away")) : question();
  const feed: Pick<GroupStore, "changes" | "end"> = {
    changes: (since, limit) => {
      reads++;
      return ask(() => store.changes(since, limit));
    },
    end: () => ask(() => store.end()),
  };
  const view = new View(feed);
  const group = (job: number) => groupOf([["job", `${job}`]]);
  await store.push(group(0), [], { mode: "replace" });
  const watch = new ChangeWatch(view, await view.sync());
  return {
    watch,
    id: (job: number) => group(job).id,
    readsSince: (before: number) => reads - before,
    get reads() {
      return reads;
    },
    goAway(away: boolean) {
      isAway = away;
    },
    async push(count: number, options: { readonly ttlMs?: number } = {}) {
      for (let job = 1; job <= count; job++)
        await store.push(group(job), [], { mode: "replace", ...options });
    },
    remove: (job: number) => store.delete(group(job).id),
    [Symbol.asyncDispose]: () => store.close(),
  };
}

test("a look tells what was pushed and what was deleted since the one before", async () => {
  await using watched = await startWatch();
  expect(await watched.watch.look()).toBeUndefined();
  await watched.push(2);
  await watched.remove(0);
  const { changed, removed } = (await watched.watch.look())?.groups ?? {};
  expect(changed).toIncludeSameMembers([watched.id(1), watched.id(2)]);
  expect(removed).toEqual([watched.id(0)]);
  expect(await watched.watch.look()).toBeUndefined();
});

test("a group that expires is removed, though nothing in the store has changed", async () => {
  await using watched = await startWatch();
  await watched.push(1, { ttlMs: 30 });
  expect((await watched.watch.look())?.groups?.changed).toEqual([watched.id(1)]);
  await expect.poll(async () => (await watched.watch.look())?.groups?.removed).toEqual([watched.id(1)]);
});

test("a flood is told of without being read, and once more when it is over", async () => {
  await using watched = await startWatch();
  const before = watched.reads;
  for (let second = 0; second < 3; second++) {
    await watched.push(101);
    expect(await watched.watch.look()).toMatchObject({ groups: null });
  }
  expect(watched.readsSince(before)).toBe(0);
  expect(await watched.watch.look()).toMatchObject({ groups: null });
  expect(await watched.watch.look()).toBeUndefined();
  await watched.push(1);
  expect((await watched.watch.look())?.groups?.changed).toEqual([watched.id(1)]);
});

test("nothing changes while the store is away, and what did is told when it is back", async () => {
  await using watched = await startWatch();
  watched.goAway(true);
  await watched.push(1);
  expect(await watched.watch.look()).toBeUndefined();
  watched.goAway(false);
  expect((await watched.watch.look())?.groups?.changed).toEqual([watched.id(1)]);
});
