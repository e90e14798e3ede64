import type { Grant, Role } from "@pushfleet/config";
import type { Label } from "@pushfleet/exposition";
import { type Group, type LabelMatcher, matchesAll } from "@pushfleet/groups";

/** Who a request comes from, and what they may do. */
export interface Identity {
  /** Null for requests without credentials. */
  readonly name: string | null;
  /** May do whatever there is, also what no role is about. */
  readonly isUnlimited: boolean;
  scopeOf(role: Role): Scope;
  mayTouch(role: Role, group: Group): boolean;
}

/** Groups that somebody may do something with. */
export type Scope =
  | { readonly kind: "none" }
  | { readonly kind: "all" }
  | {
      readonly kind: "some";
      /** The same for scopes of the same groups, as far as one can tell by their matchers. */
      readonly key: string;
      includes(labels: readonly Label[]): boolean;
    };

export type Matchers = readonly LabelMatcher[];

const none: Scope = { kind: "none" };
const all: Scope = { kind: "all" };

/** Of a gateway without rules. */
export function unlimited(name: string | null): Identity {
  return { name, isUnlimited: true, scopeOf: () => all, mayTouch: () => true };
}

/** May do nothing that needs a role. */
export const nobody: Identity = {
  name: null,
  isUnlimited: false,
  scopeOf: () => none,
  mayTouch: () => false,
};

export function limited(name: string | null, grants: readonly Grant<Matchers>[]): Identity {
  const scopes = new Map<Role, Scope>();
  const scopeOf = (role: Role): Scope => {
    const scope = scopes.get(role) ?? scopeOfGrants(role, grants);
    scopes.set(role, scope);
    return scope;
  };
  // Jobs push to their groups again and again.
  const known = new WeakMap<Group, Map<Role, boolean>>();
  return {
    name,
    isUnlimited: false,
    scopeOf,
    mayTouch(role, group) {
      const scope = scopeOf(role);
      if (scope.kind !== "some") return scope.kind === "all";
      const ofGroup = known.get(group) ?? new Map<Role, boolean>();
      known.set(group, ofGroup);
      const may = ofGroup.get(role) ?? scope.includes(group.labels);
      ofGroup.set(role, may);
      return may;
    },
  };
}

function scopeOfGrants(role: Role, grants: readonly Grant<Matchers>[]): Scope {
  const concerned = grants.filter(({ roles }) => roles.includes(role) || roles.includes("admin"));
  const matches = concerned.map(({ match }) => match).filter((match) => match !== null);
  if (concerned.length === 0) return none;
  if (matches.length < concerned.length) return all;
  return {
    kind: "some",
    key: [...new Set(matches.map(textOf))].sort().join("\n"),
    includes: (labels) => matches.some((match) => matchesAll(match, labels)),
  };
}

function textOf(matchers: Matchers): string {
  return matchers
    .map(({ name, operator, value }) => `${JSON.stringify(name)}${operator}${JSON.stringify(value)}`)
    .sort()
    .join(",");
}
