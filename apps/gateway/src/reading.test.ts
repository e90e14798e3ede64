import { groupOf, parseGroupPath } from "@pushfleet/groups";
import {
  createEmbeddedStore,
  type GroupStore,
  type RegionId,
  regionId,
  StoreUnavailable,
} from "@pushfleet/store";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Seats } from "./event-stream.ts";
import { createReadings, type Readings } from "./reading.ts";

const region = (name: string): RegionId => regionId(name) ?? expect.unreachable(`${name} is no region`);
const [us, eu, ap] = ["us", "eu", "ap"].map(region) as [RegionId, RegionId, RegionId]; // as many as there are names
const all = { kind: "all" } as const;
const none = { kind: "some", key: "none", includes: () => false } as const;

let store: GroupStore;
beforeEach(async () => {
  store = await createEmbeddedStore({ region: us });
  await store.push(groupOf(parseGroupPath("/job/a", { names: "legacy" })), [], { mode: "replace" });
});
afterEach(async () => {
  vi.useRealTimers();
  await store.close();
});

function readingsOf(more: { readonly scrapedRegion?: RegionId; readonly idleMs?: number } = {}): Readings {
  return createReadings({ feed: store, maxStalenessMs: 1_000, seats: new Seats(1), region: us, ...more });
}

test("scopes and regions have readings of their own, which requests share", async () => {
  const readings = readingsOf();
  expect(readings.of(all)).toBe(readings.all);
  expect(readings.scraped).toBe(readings.all);
  const ofUs = await readings.ofAnyRegion(all, us);
  expect(ofUs).toBe(readings.of(all, us));
  expect(new Set([readings.all, ofUs, readings.of(none), readings.of(none, us)]).size).toBe(4);
  expect((await ofUs.serve()).snapshot.groupCount).toBe(1);
  expect((await readings.of(none, us).serve()).snapshot.groupCount).toBe(0);
});

test("regions that nothing is known of share one reading, which is empty", async () => {
  const readings = readingsOf();
  const [ofEu, ofAp] = [await readings.ofAnyRegion(all, eu), await readings.ofAnyRegion(all, ap)];
  expect(ofEu).toBe(ofAp);
  expect((await ofEu.serve()).snapshot.groupCount).toBe(0);
});

test("scrapes of one region have a reading that is never forgotten; others are when nobody asks", async () => {
  vi.useFakeTimers();
  const readings = readingsOf({ scrapedRegion: us, idleMs: 1_000 });
  expect(readings.scraped).not.toBe(readings.all);
  const [scraped, ofEu] = [readings.of(all, us), readings.of(all, eu)];
  await vi.advanceTimersByTimeAsync(900);
  expect(readings.of(all, eu)).toBe(ofEu);
  await vi.advanceTimersByTimeAsync(1_001);
  expect(readings.of(all, eu)).not.toBe(ofEu);
  expect(readings.of(all, us)).toBe(scraped);
  expect(readings.scraped).toBe(scraped);
});

test.each([
  ["old", 60_000, 29_000],
  ["half as old as may be", 20_000, 9_000],
])(
  "what was prepared is served when the store is gone, and asks the store again only when it has become %s",
  async (_, maxStalenessMs, youngMs) => {
    vi.useFakeTimers({ toFake: ["performance"] });
    const changes = vi.spyOn(store, "changes");
    const { prepare, view, serve } = createReadings({ feed: store, maxStalenessMs, seats: new Seats(1) }).all;
    await prepare();
    expect(changes).toHaveBeenCalledOnce();
    vi.advanceTimersByTime(youngMs);
    await prepare();
    expect(changes).toHaveBeenCalledOnce();
    vi.advanceTimersByTime(2_000);
    await prepare();
    expect(changes).toHaveBeenCalledTimes(2);
    await expect.poll(() => view.ageMs).toBeLessThan(5_000);

    changes.mockRejectedValue(new StoreUnavailable("gone"));
    vi.advanceTimersByTime(maxStalenessMs - 1_000);
    await prepare();
    await expect.poll(() => view.isUp).toBeFalse();
    expect(await serve()).toMatchObject({ isFresh: false });
    vi.advanceTimersByTime(2_000);
    await expect(prepare()).rejects.toThrow(StoreUnavailable);
  },
);
