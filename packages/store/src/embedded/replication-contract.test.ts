import { describeMergeLaws } from "../contract/merge-laws.ts";
import { regionNames } from "../contract/merge-laws-plan.ts";
import { SetClocks, type World } from "../contract/merge-laws-world.ts";
import { describeReplicationContract } from "../contract/replication.ts";
import type { ReplicationOptions, ReplicationUnderTest } from "../contract/replication-context.ts";
import { namedRegion, replicationOf } from "../contract/replication-reading.ts";
import { createEmbeddedStore } from "./store.ts";

describeReplicationContract("the embedded store", open);
describeMergeLaws("the embedded store", openWorld, { count: 2_000 });

async function open(options: ReplicationOptions): Promise<ReplicationUnderTest> {
  let micros = Date.UTC(2025, 0, 1) * 1000;
  const create = () => createEmbeddedStore({ ...options, now: () => micros });
  let store = await create();
  return {
    get store() {
      return store;
    },
    get replication() {
      return replicationOf(store);
    },
    passTime: async (ms) => {
      micros += ms * 1000;
    },
    forgetHistory: async () => {
      await store.close();
      store = await create();
    },
    [Symbol.asyncDispose]: () => store.close(),
  };
}

async function openWorld(): Promise<World> {
  const clocks = new SetClocks();
  const stores = await Promise.all(
    regionNames.map((name, index) =>
      createEmbeddedStore({ region: namedRegion(name), now: () => clocks.nowMicros(index) }),
    ),
  );
  return {
    regions: stores.map((store) => ({ store, replication: replicationOf(store) })),
    clocks,
    [Symbol.asyncDispose]: async () => void (await Promise.all(stores.map((store) => store.close()))),
  };
}
