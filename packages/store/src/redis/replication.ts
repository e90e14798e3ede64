/** What regions exchange, from and to the store in Redis. */
import {
  type ArrivingFamily,
  defaultMaxAheadMs,
  type MergeOutcome,
  type Replication,
  type ShippedFamily,
  type VersionedGroup,
} from "../replication/replication.ts";
import type { RegionId } from "../replication/version.ts";
import { mergeBatches } from "./merge-arguments.ts";
import { createFamilyReader } from "./pushed-families.ts";
import { flag, list, number, text } from "./reply.ts";
import { loadScript } from "./script-loader.ts";
import type { ScriptRunner } from "./script-runner.ts";
import { defaultTombstones } from "./tombstones.ts";
import { groupVersions, shippedGroups } from "./versioned-replies.ts";

export interface RedisReplicationOptions {
  readonly region: RegionId;
  /** Default: a minute. */
  readonly maxAheadMs?: number | undefined;
  readonly tombstones?: number | undefined;
  readonly run: ScriptRunner;
  /** Around every mutation; `bytes` is what it keeps in memory while it waits. */
  readonly mutate: <T>(mutation: () => Promise<T>, bytes: number) => Promise<T>;
}

/** Groups that one script looks at, and bytes after which it ends early, so that none holds Redis for long. */
const groupsAtOnce = 500;
const bytesInPage = 2_000_000;

export function createRedisReplication(options: RedisReplicationOptions): Replication {
  const { region, run, mutate, tombstones = defaultTombstones, maxAheadMs = defaultMaxAheadMs } = options;
  const mergeOptions = [region, String(maxAheadMs * 1000), String(tombstones)];
  const readFamilies = createFamilyReader(region);
  const scripts = {
    merge: loadScript("merge"),
    changes: loadScript("versioned-changes"),
    groups: loadScript("versioned-groups"),
    versions: loadScript("versions"),
    feedEnd: loadScript("feed-end"),
  };

  return {
    region,

    async merge(states: readonly VersionedGroup<ArrivingFamily>[]) {
      const outcomes: MergeOutcome[] = [];
      for (const { args, bytes } of mergeBatches(states, region)) {
        const reply = await mutate(() => run(scripts.merge, [...mergeOptions, ...args]), bytes);
        for (const outcome of list(reply)) outcomes.push(mergeOutcome(number(outcome)));
      }
      return outcomes;
    },

    async changes(since, limit, { ownAfter }) {
      const reply = await run(scripts.changes, [
        since?.history ?? "",
        String(since?.change ?? 0),
        String(Math.min(limit, groupsAtOnce)),
        String(bytesInPage),
        String(ownAfter),
        region,
      ]);
      const [history, change, nowMicros, reset, more, clock, ...groups] = list(reply);
      return {
        states: shippedGroups(groups, region, readFamilies),
        cursor: { history: text(history), change: number(change) },
        clockMicros: number(clock),
        nowMicros: number(nowMicros),
        reset: flag(reset),
        more: flag(more),
      };
    },

    async groups(ids) {
      const found: VersionedGroup<ShippedFamily>[] = [];
      let left = ids;
      while (left.length > 0) {
        const [seen, ...groups] = list(await run(scripts.groups, [String(bytesInPage), region, ...left]));
        found.push(...shippedGroups(groups, region, readFamilies));
        left = left.slice(number(seen));
      }
      return found;
    },

    async versions(after, limit) {
      const size = String(Math.min(limit, groupsAtOnce));
      const reply = await run(scripts.versions, [
        String(after?.change ?? 0),
        size,
        String(bytesInPage),
        region,
      ]);
      const [change, more, ...groups] = list(reply);
      return {
        groups: groupVersions(groups, region),
        // Living and removed groups come in one walk along their change numbers: a group that goes from one to the
        // other during the walk could be missed in both otherwise.
        next: flag(more) ? { change: number(change), part: "live" } : null,
      };
    },

    async standing() {
      const [history, , nowMicros] = list(await run(scripts.feedEnd, []));
      return { history: text(history), nowMicros: number(nowMicros) };
    },
  };
}

/** As merge.lua tells. */
function mergeOutcome(outcome: number): MergeOutcome {
  if (outcome < 0) return { kind: "ahead", aheadMs: Math.ceil(-outcome / 1000) };
  return { kind: "merged", changed: outcome === 1 };
}
