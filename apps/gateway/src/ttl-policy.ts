import type { TtlRule } from "@pushfleet/config";
import { type Group, type LabelMatcher, matchesAll } from "@pushfleet/groups";

/** Milliseconds that a group lives after a push that does not say it itself; 0 = for ever. */
export type TtlPolicy = (group: Group) => number;

/**
 * The first rule that the grouping labels fulfil counts, and without one `fallbackMs`.
 * Rules are tried once for each group in memory (see `createPathReader`), because a job pushes to it again and again.
 */
export function ttlPolicy(rules: readonly TtlRule<readonly LabelMatcher[]>[], fallbackMs: number): TtlPolicy {
  if (rules.length === 0) return () => fallbackMs;
  const known = new WeakMap<Group, number>();
  return (group) => {
    let ttlMs = known.get(group);
    if (ttlMs !== undefined) return ttlMs;
    ttlMs = rules.find(({ match }) => matchesAll(match, group.labels))?.ttlMs ?? fallbackMs;
    known.set(group, ttlMs);
    return ttlMs;
  };
}
