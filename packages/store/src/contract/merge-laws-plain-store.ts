/** A store of a region as one would write it with no thought of cost: each state is kept whole, and everything is a join. */
import type { AdmittedFamily, Group, GroupId } from "@pushfleet/groups";
import { floorAfter, hasEnded, join, remembered } from "../replication/merge.ts";
import type { Replication, ShippedFamily, VersionedGroup } from "../replication/replication.ts";
import { justAfter, type RegionId, type Version } from "../replication/version.ts";
import { type GroupState, InconsistentPush, type Lifetime, type PushOptions } from "../store.ts";
import { spanOf } from "../text-span.ts";
import type { RegionUnderTest } from "./merge-laws-world.ts";

export interface PlainStoreOptions {
  readonly region: RegionId;
  /** Microseconds since the epoch. */
  readonly now: () => number;
  /** What the rules are replaced by, to see whether anybody notices. */
  readonly rules?: Partial<Rules>;
}

export interface Rules {
  readonly join: typeof join;
  readonly remembered: typeof remembered;
  readonly floorAfter: typeof floorAfter;
}

type State = VersionedGroup<ShippedFamily>;

const maxAheadMs = 60_000;

export function createPlainStore({ region, now, rules }: PlainStoreOptions): RegionUnderTest {
  const { join: joined, remembered: left, floorAfter: raised } = { join, remembered, floorAfter, ...rules };
  const groups = new Map<GroupId, { state: State; change: number; own: number }>();
  let [change, version] = [0, 0];
  const nowMs = (): number => Math.floor(now() / 1000);

  const nextVersion = (): Version => {
    version = Math.max(now(), version + 1);
    return { micros: version, region };
  };
  const stateOf = (id: GroupId): State => left(groups.get(id)?.state ?? unknown(id), nowMs());
  const write = (id: GroupId, state: State, own = groups.get(id)?.own ?? 0): void => {
    groups.set(id, { state, change: ++change, own });
  };
  /** The group as it is to be created again, if it has to be. */
  const begun = (id: GroupId): State => {
    const state = stateOf(id);
    if (state.life === null || !hasEnded(state.life, nowMs())) return state;
    const floor = raised(state.floor, state.life.version);
    return joined(state, {
      ...unknown(id),
      floor,
      deleted: floor === state.floor ? state.deleted : justAfter(state.life.version),
    });
  };
  const lifeOf = (made: Version, { ttlMs }: Lifetime) => ({
    version: made,
    expiresAtMs: ttlMs === undefined ? null : nowMs() + ttlMs,
  });
  const isThere = ({ labels }: State): boolean => labels !== null;
  const inOrder = () => [...groups.entries()].sort(([, a], [, b]) => a.change - b.change);

  const replication: Replication = {
    region,
    merge: async (states) =>
      states.map(({ families, ...rest }) => {
        const arriving = {
          ...rest,
          families: families.map((each) => ({ ...each, family: shipped(each.family, each.version) })),
        };
        const highest = highestIn(arriving);
        const aheadMs = (highest - now()) / 1000;
        if (aheadMs > maxAheadMs) return { kind: "ahead", aheadMs } as const;
        version = Math.max(version, highest);
        if (arriving.labels === null && arriving.life !== null && !hasEnded(arriving.life, nowMs())) {
          return { kind: "merged", changed: false } as const;
        }
        const before = stateOf(rest.id);
        const after = left(joined(before, left(arriving, nowMs())), nowMs());
        const changed = textOfVersions(before) !== textOfVersions(after);
        if (changed) write(rest.id, after);
        return { kind: "merged", changed } as const;
      }),
    changes: async (since, limit, { ownAfter }) => {
      const newer = inOrder().filter((group) => group[1].change > (since?.change ?? 0));
      const page = newer.slice(0, limit);
      return {
        states: page.filter(([, { own }]) => own > ownAfter).map(([id]) => stateOf(id)),
        cursor: { history: "h", change: page.at(-1)?.[1].change ?? since?.change ?? 0 },
        clockMicros: version,
        nowMicros: now(),
        reset: since === null,
        more: newer.length > page.length,
      };
    },
    groups: async (ids) => ids.filter((id) => groups.has(id)).map(stateOf),
    versions: async (after, limit) => {
      const newer = inOrder().filter((group) => group[1].change > (after?.change ?? 0));
      const page = newer.slice(0, limit);
      const last = page.at(-1)?.[1].change ?? 0;
      return {
        groups: page.map(([id]) => stateOf(id)),
        next: newer.length > page.length ? { change: last, part: "live" } : null,
      };
    },
    standing: async () => ({ history: "h", nowMicros: now() }),
  };

  const push = async (
    group: Group,
    families: readonly AdmittedFamily[],
    options: PushOptions,
  ): Promise<void> => {
    for (const { name, type } of families) {
      const holders = [...groups.keys()].flatMap((id) =>
        stateOf(id).families.flatMap((held) => (held.name === name ? [{ id, type: held.family.type }] : [])),
      );
      const others = holders.filter(({ id }) => id !== group.id);
      if (others.length > 0 && holders.every((held) => held.type !== type))
        throw new InconsistentPush("type-conflict", name);
    }
    const state = begun(group.id);
    const made = nextVersion();
    const { mode, times } = options;
    const pushed = {
      ...unknown(group.id),
      labels: group.labels,
      floor: mode === "replace" ? made : null,
      life: lifeOf(made, options),
      pushed: { version: made, atMicros: times?.pushedAtMicros ?? made.micros },
      failed: times === undefined ? null : { version: made, atMicros: times.failedAtMicros },
      families: families.map((family) => ({
        name: family.name,
        version: made,
        family: shipped(family, made),
      })),
    };
    write(group.id, joined(state, pushed), made.micros);
  };

  return {
    replication,
    store: {
      push,
      recordFailure: async (group, options = {}) => {
        const state = begun(group.id);
        const made = nextVersion();
        const failed = { ...unknown(group.id), failed: { version: made, atMicros: made.micros } };
        const created = isThere(state) ? {} : { labels: group.labels, life: lifeOf(made, options) };
        write(
          group.id,
          joined(state, {
            ...failed,
            ...created,
            ...(isThere(state) && { labels: state.labels, life: state.life }),
          }),
          made.micros,
        );
      },
      delete: async (id, { ifPushedAtMicros } = {}) => {
        const state = stateOf(id);
        const fits =
          isThere(state) &&
          (ifPushedAtMicros ?? state.pushed?.atMicros ?? 0) === (state.pushed?.atMicros ?? 0);
        if (!fits && ifPushedAtMicros !== undefined) return false;
        const made = nextVersion();
        write(id, joined(state, { ...unknown(id), floor: made, deleted: made }), made.micros);
        return fits;
      },
      expire: async () => 0,
      changes: async () => ({
        upserts: inOrder().flatMap(([id, entry]) => groupState(stateOf(id), entry.change)),
        removals: [],
        cursor: { history: "h", change },
        nowMs: nowMs(),
        reset: true,
        more: false,
      }),
    },
  };
}

function unknown(id: GroupId): State {
  return {
    id,
    labels: null,
    floor: null,
    deleted: null,
    life: null,
    pushed: null,
    failed: null,
    families: [],
  };
}

function highestIn({ floor, deleted, life, pushed, failed, families }: State): number {
  const events = [life, pushed, failed, ...families].flatMap((event) => event?.version ?? []);
  const floors = [floor, deleted].flatMap((each) => each ?? []);
  return [...floors, ...events].reduce((highest, { micros }) => Math.max(highest, micros), 0);
}

function textOfVersions({ families, ...rest }: State): string {
  return JSON.stringify([rest, families.map(({ name, version }) => [name, version]).sort()]);
}

function shipped(family: AdmittedFamily, { micros, region }: Version): ShippedFamily["family"] {
  const { name, type, help, text } = family;
  return {
    name,
    type,
    help,
    text: spanOf(text),
    metricCount: family.metrics.length,
    pushedAtMicros: micros,
    region,
  };
}

function groupState(
  { id, labels, life, pushed, failed, families }: State,
  change: number,
): readonly GroupState[] {
  if (labels === null || life === null) return [];
  return [
    {
      id,
      labels,
      pushedAtMicros: pushed?.atMicros ?? 0,
      failedAtMicros: failed?.atMicros ?? 0,
      expiresAtMs: life.expiresAtMs,
      ...(pushed !== null && { pushedRegion: pushed.version.region }),
      change,
      families: families.map(({ family }) => family),
    },
  ];
}
