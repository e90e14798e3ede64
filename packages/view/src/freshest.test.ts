import { type Changes, StoreUnavailable } from "@pushfleet/store";
import { expect, test } from "vitest";
import { freshest } from "./freshest.ts";
import { TestStore } from "./test-store.ts";
import { View } from "./view.ts";

/** A store that answers, refuses or keeps silent. */
class FailingStore extends TestStore {
  state: "well" | "away" | "silent" = "well";

  override async changes(...args: Parameters<TestStore["changes"]>): Promise<Changes> {
    switch (this.state) {
      case "well":
        return super.changes(...args);
      case "away":
        throw new StoreUnavailable("away");
      case "silent":
        return new Promise(() => {});
    }
  }
}

function viewOf(store: FailingStore): View {
  store.put({ job: "a" }, [{ name: "size", text: 'size{instance="",job="a"} 1\n' }]);
  return new View(store.feed);
}

const patient = { patienceMs: 5_000, maxStalenessMs: 60_000 };

test("a store that answers is shown as it is now", async () => {
  const store = new FailingStore();
  const view = viewOf(store);
  expect(await freshest(view, patient)).toMatchObject({ isFresh: true, ageMs: 0 });
  expect(view.isUp).toBe(true);
});

test("while the store is away the last known state is served, and said to be old", async () => {
  const store = new FailingStore();
  const view = viewOf(store);
  await freshest(view, patient);
  store.state = "away";
  const { snapshot, isFresh, ageMs } = await freshest(view, patient);
  expect(isFresh).toBe(false);
  expect(ageMs).toBeGreaterThan(0);
  expect(snapshot.groupCount).toBe(1);
  expect(view.isUp).toBe(false);
  store.state = "well";
  expect(await freshest(view, patient)).toMatchObject({ isFresh: true });
  expect(view.isUp).toBe(true);
});

test("a store that keeps silent is waited for a while only", async () => {
  const store = new FailingStore();
  const view = viewOf(store);
  await freshest(view, patient);
  store.state = "silent";
  expect(await freshest(view, { ...patient, patienceMs: 10 })).toMatchObject({ isFresh: false });
});

test("a state that is too old is not served, nor is one that never was", async () => {
  const store = new FailingStore();
  const view = viewOf(store);
  store.state = "away";
  await expect(freshest(view, patient)).rejects.toThrow(StoreUnavailable);
  store.state = "well";
  await freshest(view, patient);
  store.state = "away";
  await expect(freshest(view, { ...patient, maxStalenessMs: -1 })).rejects.toThrow(
    /what was known is 0 s old/,
  );
});
