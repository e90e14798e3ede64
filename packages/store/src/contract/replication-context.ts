import type { AdmittedFamily, Group, GroupId } from "@pushfleet/groups";
import type {
  ArrivingFamily,
  MergeOutcome,
  Replication,
  VersionedGroup,
} from "../replication/replication.ts";
import type { RegionId, Version } from "../replication/version.ts";
import type { GroupStore } from "../store.ts";
import { at } from "./context.ts";
import { Reader, type ReadGroup } from "./reader.ts";
import type { PlainState } from "./region-model.ts";
import { namedRegion, plain } from "./replication-reading.ts";

export interface ReplicationOptions {
  readonly region: RegionId;
  readonly tombstoneRetentionMs?: number;
  readonly maxAheadMs?: number;
}

/** An empty store of a region, of its own for each test. */
export interface ReplicationUnderTest extends AsyncDisposable {
  readonly store: GroupStore;
  readonly replication: Replication;
  /** Lets this much time pass on the store's clock: at least, where that clock is not ours to set. */
  passTime(ms: number): Promise<void>;
  /** Begins a new history of change numbers; the data may be lost with it. The store is another one then. */
  forgetHistory(): Promise<void>;
}

export const here = namedRegion("north");
/** Before and after `here` in the order of versions. */
export const [before, after] = [namedRegion("east"), namedRegion("west")];

/** What the tests of replication share: the store of the running test, and ways to look into it. */
export class ReplicationContext {
  readonly #current: () => ReplicationUnderTest;
  readonly open: (options: ReplicationOptions) => Promise<ReplicationUnderTest>;

  constructor(
    current: () => ReplicationUnderTest,
    open: (options: ReplicationOptions) => Promise<ReplicationUnderTest>,
  ) {
    this.#current = current;
    this.open = open;
  }

  get subject(): ReplicationUnderTest {
    return this.#current();
  }

  get store(): GroupStore {
    return this.#current().store;
  }

  get replication(): Replication {
    return this.#current().replication;
  }

  /** Of the store's clock, microseconds. */
  async now(): Promise<number> {
    return (await this.replication.standing()).nowMicros;
  }

  async merge(...states: readonly VersionedGroup<ArrivingFamily>[]): Promise<readonly MergeOutcome[]> {
    return await this.replication.merge(states);
  }

  /** What regions are told of the group. */
  async told({ id }: Pick<Group, "id">): Promise<PlainState | undefined> {
    const [state] = await this.replication.groups([id]);
    return state && plain(state, Math.floor((await this.now()) / 1000));
  }

  /** The groups that a scrape would have now. */
  async shown(): Promise<ReadonlyMap<GroupId, ReadGroup>> {
    const reader = new Reader(this.store);
    await reader.sync();
    const nowMs = Math.floor((await this.now()) / 1000);
    return new Map(
      [...reader.groups].filter(([, { expiresAtMs }]) => expiresAtMs === null || expiresAtMs > nowMs),
    );
  }

  /** Names of the families of the group that a scrape would have now; undefined when it would have no such group. */
  async shownNames({ id }: Group): Promise<readonly string[] | undefined> {
    return (await this.shown()).get(id)?.families.map(({ name }) => name);
  }
}

const unknown = {
  labels: null,
  floor: null,
  deleted: null,
  life: null,
  pushed: null,
  failed: null,
  families: [],
};

/** What a POST of that version leaves of a group that was not there. */
export function posted(
  owner: Group,
  version: Version,
  families: readonly AdmittedFamily[],
  expiresAtMs: number | null = null,
): VersionedGroup<ArrivingFamily> {
  return {
    ...unknown,
    id: owner.id,
    labels: owner.labels,
    life: { version, expiresAtMs },
    pushed: { version, atMicros: version.micros },
    families: families.map((family) => ({ name: family.name, version, family })),
  };
}

export function put(...[owner, version, ...rest]: Parameters<typeof posted>): VersionedGroup<ArrivingFamily> {
  return { ...posted(owner, version, ...rest), floor: version };
}

export function deletion({ id }: Group, version: Version): VersionedGroup<ArrivingFamily> {
  return { ...unknown, id, floor: version, deleted: version };
}

/** What a failure leaves that created the group. */
export function failure(
  owner: Group,
  version: Version,
  expiresAtMs: number | null = null,
): VersionedGroup<ArrivingFamily> {
  return {
    ...posted(owner, version, [], expiresAtMs),
    pushed: null,
    failed: { version, atMicros: version.micros },
  };
}

/** What is remembered of a group that has expired. */
export function ended({ id }: Group, version: Version, expiresAtMs: number): VersionedGroup<ArrivingFamily> {
  return { ...unknown, id, life: { version, expiresAtMs } };
}

/** All orders. */
export function permutations<T>(items: readonly T[]): readonly (readonly T[])[] {
  if (items.length <= 1) return [items];
  return items.flatMap((item, index) =>
    permutations(items.toSpliced(index, 1)).map((rest) => [item, ...rest]),
  );
}

export function first<T>(items: readonly T[]): T {
  return at(items, 0);
}
