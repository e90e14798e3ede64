import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeStoreContract, type StoreUnderTest } from "../store.contract.ts";
import { createEmbeddedStore } from "./store.ts";

describeStoreContract("the embedded store in memory", () => open({}));

describeStoreContract("the embedded store with a file", async () => {
  const directory = mkdtempSync(join(tmpdir(), "pushfleet-store-"));
  return open({
    file: join(directory, "groups.db"),
    discard: () => rmSync(directory, { recursive: true }),
  });
});

async function open({ file, discard }: { file?: string; discard?: () => void }): Promise<StoreUnderTest> {
  let micros = Date.UTC(2025, 0, 1) * 1000;
  const tombstoneLimit = 30;
  const create = () =>
    createEmbeddedStore({
      tombstones: tombstoneLimit,
      now: () => micros,
      ...(file === undefined ? {} : { file }),
    });
  let store = await create();
  return {
    get store() {
      return store;
    },
    tombstoneLimit,
    another: async () => store,
    passTime: async (ms) => {
      micros += ms * 1000;
    },
    forgetHistory: async () => {
      await store.close();
      store = await create();
    },
    [Symbol.asyncDispose]: async () => {
      await store.close();
      discard?.();
    },
  };
}
