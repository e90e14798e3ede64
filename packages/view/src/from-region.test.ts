import type { RegionId } from "@pushfleet/store";
import { expect, test } from "vitest";
import { fromRegion } from "./from-region.ts";
import { bodyOf, type FamilyInTest, TestStore } from "./test-store.ts";
import { View } from "./view.ts";

const [eu, us] = ["eu" as RegionId, "us" as RegionId];

const family = (name: string, region: RegionId, pushedAtMicros: number): FamilyInTest => ({
  name,
  text: `${name}{job="a"} 1\n`,
  region,
  pushedAtMicros,
});

test("of a group only what was pushed in the region is there, with the region's own push time", async () => {
  const store = new TestStore();
  const id = store.put({ job: "a" }, [family("m", eu, 10), family("n", us, 30), family("o", eu, 20)], {
    pushedAtMicros: 30,
    pushedRegion: us,
  });
  const ofEu = (await new View(fromRegion(store, eu)).sync()).group(id);
  expect(ofEu).toMatchObject({ pushedAtMicros: 20, pushedRegion: eu });
  expect(ofEu?.families.map(({ name }) => name)).toEqual(["m", "o"]);
  const ofUs = (await new View(fromRegion(store, us)).sync()).group(id);
  expect(ofUs).toMatchObject({ pushedAtMicros: 30, pushedRegion: us });
  expect(ofUs?.families.map(({ name }) => name)).toEqual(["n"]);
});

test("a group is gone that loses its last family of the region, and one that was never there", async () => {
  const store = new TestStore();
  const view = new View(fromRegion(store, eu));
  const id = store.put({ job: "a" }, [family("m", eu, 10)], { pushedRegion: eu });
  store.put({ job: "b" }, [family("m", us, 10)], { pushedRegion: us });
  expect([...(await view.sync()).groups()].map((group) => group.id)).toEqual([id]);
  store.put({ job: "a" }, [family("m", us, 20)], { pushedRegion: us });
  expect((await view.sync()).groupCount).toBe(0);
  store.put({ job: "a" }, [family("m", eu, 30)], { pushedRegion: eu });
  expect((await view.sync()).groupCount).toBe(1);
});

test("a group without families is where its last push was, and one without a push is everywhere", async () => {
  const store = new TestStore();
  store.put({ job: "emptied" }, [], { pushedRegion: us });
  store.put({ job: "failed" }, [], { pushedAtMicros: 0, failedAtMicros: 5 });
  const jobs = async (region: RegionId) =>
    [...(await new View(fromRegion(store, region)).sync()).groups()].map(({ labels }) => labels[0]?.[1]);
  expect(await jobs(us)).toEqual(["emptied", "failed"]);
  expect(await jobs(eu)).toEqual(["failed"]);
});

test("removals and resets pass", async () => {
  const store = new TestStore();
  const view = new View(fromRegion(store, eu));
  const id = store.put({ job: "a" }, [family("m", eu, 10)], { pushedRegion: eu });
  store.put({ job: "b" }, [family("m", eu, 10)], { pushedRegion: eu });
  await view.sync();
  store.remove(id);
  expect((await view.sync()).groupCount).toBe(1);
  store.history = "second";
  store.put({ job: "c" }, [family("m", eu, 10)], { pushedRegion: eu });
  const snapshot = await view.sync();
  expect(snapshot.groupCount).toBe(2);
  const body = await bodyOf(snapshot.render({ encoding: "text", escaping: "allow-utf-8", gzip: false }));
  expect(body.toString()).toContain('push_time_seconds{instance="",job="c"} 1.7e+09');
});
