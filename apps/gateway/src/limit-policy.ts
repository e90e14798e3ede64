import type { LimitRule, LimitSettings } from "@pushfleet/config";
import { type Limits, limitNames } from "@pushfleet/exposition";
import { type Group, type LabelMatcher, matchesAll } from "@pushfleet/groups";

/**
 * The limits of a request to the group by whoever has this name; "" is for requests without credentials. Null is for a
 * request about any groups, to which only rules without matchers apply.
 */
export type LimitPolicy = (group: Group | null, identity: string) => Limits;

/** A rule with the limits that it leaves as they are. */
interface CompleteRule {
  readonly match: readonly LabelMatcher[];
  readonly identity: string | null;
  readonly limits: Limits;
}

/**
 * The first rule that the grouping labels fulfil and that is for the identity counts: the limits it names replace those
 * of `settings`. Matchers are tried once for each group in memory (see `createPathReader`), as jobs push again and again.
 */
export function limitPolicy(
  rules: readonly LimitRule<readonly LabelMatcher[]>[],
  settings: LimitSettings,
): LimitPolicy {
  // Without all the other settings.
  const fallback = Object.fromEntries(limitNames.map((name) => [name, settings[name]])) as Limits; // all names
  if (rules.length === 0) return () => fallback;
  const complete = rules.map(
    ({ match, identity, limits }): CompleteRule => ({
      match: match ?? [],
      identity,
      limits: { ...fallback, ...limits },
    }),
  );
  const ofAny = complete.filter(({ match }) => match.length === 0);
  const known = new WeakMap<Group, readonly CompleteRule[]>();
  const rulesOf = (group: Group) => {
    const before = known.get(group);
    if (before !== undefined) return before;
    const ofGroup = complete.filter(({ match }) => matchesAll(match, group.labels));
    known.set(group, ofGroup);
    return ofGroup;
  };
  return (group, identity) => {
    const concerned = group === null ? ofAny : rulesOf(group);
    return concerned.find((rule) => rule.identity === null || rule.identity === identity)?.limits ?? fallback;
  };
}
