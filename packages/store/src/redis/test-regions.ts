/** Stores of regions in one Redis, under prefixes of their own, for tests. */
import type { AdmittedFamily, Group } from "@pushfleet/groups";
import type { PlainState } from "../contract/region-model.ts";
import { FamilyMemory, namedRegion, plain } from "../contract/replication-reading.ts";
import type { MergeOutcome, Replication, ShippedFamily, VersionedGroup } from "../replication/replication.ts";
import type { GroupStore } from "../store.ts";
import { createRedisStore, type RedisStore, type RedisStoreOptions } from "./store.ts";
import { createRedisUpkeep, type Upkeep } from "./upkeep.ts";

export interface TestRegion {
  readonly store: RedisStore;
  readonly replication: Replication;
  push(
    target: Group,
    pushed: readonly AdmittedFamily[],
    options?: Parameters<GroupStore["push"]>[2],
  ): Promise<void>;
  /** Of Redis. */
  key(name: string): string;
  /** What it knows of the group; fails when that is nothing. */
  state(target: Group): Promise<PlainState>;
  upkeep(tombstones?: number): Promise<Upkeep>;
}

export class TestRegions {
  readonly families = new FamilyMemory();
  readonly #url: string;
  readonly #opened = new AsyncDisposableStack();

  constructor(url: string) {
    this.#url = url;
  }

  key(region: string, name: string): string {
    return `${region}:{0}:${name}`;
  }

  async open(prefix: string, options: Partial<RedisStoreOptions> = {}): Promise<RedisStore> {
    const store = await createRedisStore({ url: this.#url, keyPrefix: this.key(prefix, ""), ...options });
    this.#opened.defer(() => store.close());
    return store;
  }

  /** Another handle when it is open already. */
  async region(name: string, options: Partial<RedisStoreOptions> = {}): Promise<TestRegion> {
    const store = await this.open(name, { ...options, region: namedRegion(name) });
    const { replication } = store;
    if (replication === null) throw new Error("a store of a region replicates");
    return {
      store,
      replication,
      push: async (target, pushed, pushOptions = { mode: "replace" }) => {
        for (const family of pushed) this.families.remember(family);
        await store.push(target, pushed, pushOptions);
      },
      key: (key) => this.key(name, key),
      async state(target) {
        const [state] = await replication.groups([target.id]);
        if (state === undefined) throw new Error("the group is not known");
        return plain(state, Date.now());
      },
      upkeep: async (tombstones = 100) => {
        const upkeep = await createRedisUpkeep({ url: this.#url, keyPrefix: this.key(name, ""), tombstones });
        this.#opened.defer(() => upkeep.close());
        return upkeep;
      },
    };
  }

  async carry(from: TestRegion, to: TestRegion, target: Group): Promise<readonly MergeOutcome[]> {
    return await this.merge(to, await from.replication.groups([target.id]));
  }

  async merge(
    to: TestRegion,
    states: Iterable<VersionedGroup<ShippedFamily>>,
  ): Promise<readonly MergeOutcome[]> {
    return await to.replication.merge([...states].map((state) => this.families.arriving(state)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#opened.disposeAsync();
  }
}
