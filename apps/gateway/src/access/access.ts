import type { Role } from "@pushfleet/config";
import type { Group } from "@pushfleet/groups";
import type { Handler, Request } from "express";
import { AccessDenied } from "./access-denied.ts";
import { type BasicAuthentication, identify } from "./identification.ts";
import type { Identities } from "./identities.ts";
import { type Identity, nobody, type Scope } from "./identity.ts";
import type { Needs } from "./needs.ts";

/** Who may do what: `gate` comes before all routes, and routes ask the rest of what concerns groups. */
export interface Access {
  /** Lets through who has the role that the endpoint needs, for some groups at least; all others get AccessDenied. */
  readonly gate: Handler;
  identityOf(request: Request): Identity;
  /** Throws AccessDenied when they may not do it with all groups. */
  requireRole(request: Request, role: Role): void;
  /** Throws AccessDenied when the group is not among those. */
  requireGroup(request: Request, role: Role, group: Group): void;
}

export interface AccessOptions {
  readonly needs: Needs;
  /** Those of now: rules and users may change while requests arrive. */
  readonly identities: () => Identities;
  readonly authenticate: BasicAuthentication;
}

export function createAccess({ needs, identities, authenticate }: AccessOptions): Access {
  const known = new WeakMap<Request, Identity>();
  // A request that came when all were equal may be answered when they are not any more.
  const identityOf = (request: Request) => known.get(request) ?? identities().anyone;

  const admit = (request: Request, identity: Identity, need: Role | undefined): void => {
    known.set(request, identity);
    const { method } = request;
    if (identity.isUnlimited) return;
    if (need === undefined) throw denial(identity, `${method} of this path is allowed to nobody`);
    if (identity.scopeOf(need).kind === "none")
      throw denial(identity, `${method} of this path needs the role "${need}"`);
  };

  return {
    gate(request, _response, next) {
      const current = identities();
      if (current.areAllEqual) return next();
      const need = needs(request.method, request.path);
      // Health checks must not fail for wrong credentials either.
      if (need === "open") return next();
      const identity = identify(request, current, authenticate);
      if (identity instanceof Promise)
        return void identity.then((found) => admit(request, found, need)).then(() => next(), next);
      admit(request, identity, need);
      next();
    },
    identityOf,
    requireRole(request, role) {
      const identity = identityOf(request);
      if (identity.scopeOf(role).kind !== "all") throw denial(identity, `this needs the role "${role}"`);
    },
    requireGroup(request, role, group) {
      const identity = identityOf(request);
      if (identity.mayTouch(role, group)) return;
      throw denial(identity, `no rule allows the role "${role}" for the group ${group.key}`);
    },
  };
}

/** The scope of a role. Throws AccessDenied when it is empty, which `gate` has seen to, unless the rules have just changed. */
export function scopeOf(identity: Identity, role: Role): Exclude<Scope, { kind: "none" }> {
  const scope = identity.scopeOf(role);
  if (scope.kind === "none") throw denial(identity, `this needs the role "${role}"`);
  return scope;
}

function denial(identity: Identity, reason: string): AccessDenied {
  if (identity.name !== null) return new AccessDenied("forbidden", `Forbidden: ${identity.name}: ${reason}`);
  // Without rules there is nothing to tell, and upstream's text is this.
  return new AccessDenied(
    "unauthenticated",
    identity === nobody ? "Unauthorized" : `Unauthorized: ${reason}`,
  );
}
