import { StoreUnavailable } from "@pushfleet/store";
import { expect, onTestFinished, test } from "vitest";
import { TestStore } from "./test-store.ts";
import { View } from "./view.ts";
import { ViewWarmer, type WarmerOptions } from "./warmer.ts";

const GZIP = { encoding: "text", escaping: "allow-utf-8", gzip: true } as const;

/** A store that tells when it is read, and refuses to be while `isAway`. */
class WatchedStore extends TestStore {
  isAway = false;
  reads = 0;
  #read = Promise.withResolvers<void>();

  override async changes(...args: Parameters<TestStore["changes"]>): ReturnType<TestStore["changes"]> {
    this.reads++;
    this.#read.resolve();
    this.#read = Promise.withResolvers();
    if (this.isAway) throw new StoreUnavailable("away");
    return super.changes(...args);
  }

  nextRead(): Promise<void> {
    return this.#read.promise;
  }
}

function watchedView(options: WarmerOptions) {
  const store = new WatchedStore();
  store.put({ job: "a" }, [{ name: "size", text: 'size{instance="",job="a"} 1\n' }]);
  const view = new View(store.feed);
  const warmer = new ViewWarmer(view, options);
  onTestFinished(() => warmer.stop());
  return { store, view, warmer };
}

test("after a scrape, what changes is folded in without another one", async () => {
  const { store, view, warmer } = watchedView({ pauseMs: 1 });
  warmer.scraped(GZIP);
  await store.nextRead();
  const id = store.put({ job: "b" }, [{ name: "size", text: 'size{instance="",job="b"} 1\n' }]);
  while ((await view.last())?.snapshot.group(id) === undefined) await store.nextRead();
});

test("nothing is read for a view that nobody scrapes, or that was scraped long ago", async () => {
  const { store, view, warmer } = watchedView({ pauseMs: 1, expectMs: 0 });
  await warmer.idle();
  warmer.scraped(GZIP);
  await warmer.idle();
  expect(store.reads).toBe(0);
  expect(await view.last()).toBeNull();
});

test("a store that is away is tried again, and stopping takes hold at once", async () => {
  const { store, view, warmer } = watchedView({ pauseMs: 1 });
  store.isAway = true;
  warmer.scraped(GZIP);
  await store.nextRead();
  await store.nextRead();
  store.isAway = false;
  while ((await view.last()) === null) await store.nextRead();
  await warmer.stop();
  const { reads } = store;
  warmer.scraped(GZIP);
  await warmer.stop();
  expect(store.reads).toBe(reads);
});
