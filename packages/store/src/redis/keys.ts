/** The names of all Redis keys. Nothing else in the gateway builds one, and none is ever looked for by KEYS or SCAN. */
import type { GroupId } from "@pushfleet/groups";

/** `{0}` is the hash tag of partition 0: all keys of a partition live in one slot of a Redis Cluster. */
const defaultKeyPrefix = "pushfleet:{0}:";

export interface StoreKeys {
  /** What every script is given; lua/include/keys.lua makes the other names from it. */
  readonly state: string;
  /** Counts nothing: written so that there is something for replicas to confirm (sender.ts). */
  readonly barrier: string;
  group(id: GroupId): string;
}

/**
 * - `state` hash: `schema` version, `epoch` of the history, `seq` (last change number), `clock` (last version, µs),
 *   `horizon` (highest change number of a trimmed tombstone), `shapes` (revision of the set of shapes), `sweep` (number of
 *   the last sweep), `audited_at` (µs), `region` it belongs to, if any, and then
 *   `retention` of what is gone (ms)
 * - `changes` zset: id of a live group → its change number
 * - `removed` zset: id of a removed group (tombstone) → change number of the removal
 * - `floors` hash: id of a removed group → what is remembered of it (lua/include/versions.lua); trimmed together with
 *   `removed`
 * - `expiry` zset: id of a group with a time to live → milliseconds
 * - `families` hash: name → `<type letter> <groups that hold it>`, once for each type, with a blank behind while an audit
 *   watches it
 * - `shapes` hash: shape → groups that have it
 * - `jobs` hash: job → groups that have it
 * - `barrier` string: grows with each confirmation
 * - `members` hash: id of a gateway, reaper or federator → when it was last heard of, and its report (cluster.ts)
 * - `rate:<hash>` hash of one bucket, gone when it is full: `tokens` in it, `at` (µs)
 * - `federation` hash: `lease:<peer>` → `<fence> <ms at which it runs out> <owner>`, `peer:<peer>` → where shipping to that
 *   region stands, JSON (ledger.ts)
 * - `reaper:…`: what BullMQ keeps of the reapers' schedule (apps/reaper)
 * - `group:<id>` hash of one group: `labels`, `shape`, `job`, `pushed_at`, `failed_at`, `expires_at`, `floor`,
 *   `deleted` and `life`, if any (lua/include/groups.lua), and its families (pushed-families.ts)
 */
export function storeKeys(prefix: string = defaultKeyPrefix): StoreKeys {
  return { state: `${prefix}state`, barrier: `${prefix}barrier`, group: (id) => `${prefix}group:${id}` };
}
