import * as z from "zod";
import { parsedBy } from "./parsed-by.ts";

/**
 * What somebody may do. `federate` is for the federators of other regions, which bring and compare whole groups. `admin` is all
 * of it, and what concerns no group: stop, reload, wipe.
 */
export const roles = ["push", "delete", "scrape", "read", "federate", "admin"] as const;
export type Role = (typeof roles)[number];

/** Who may do what; whatever no rule allows is refused. `M` is what the program makes of label matchers. */
export interface AccessRules<M> {
  readonly identities: readonly IdentityRules<M>[];
}

/** Name of the identity that everybody has, with or without credentials. */
export const anyone = "anyone";

export interface IdentityRules<M> {
  readonly name: string;
  /** Of `basic_auth_users` in --web.config.file. */
  readonly users: readonly string[];
  /** SHA-256 of bearer tokens, lower-case hexadecimal. */
  readonly tokenHashes: readonly string[];
  /** A verified client certificate fits when its subject has all attributes of one of these. */
  readonly subjects: readonly SubjectPattern[];
  readonly grants: readonly Grant<M>[];
}

/** Attributes of a certificate's subject, such as ["CN", "team-a"]. */
export type SubjectPattern = readonly (readonly [attribute: string, value: string])[];

export interface Grant<M> {
  readonly roles: readonly Role[];
  /** For groups whose grouping labels fulfil it; null = for all. */
  readonly match: M | null;
}

/** What stands under `access`. */
export function accessRules<M>(parseMatchers: (text: string) => M) {
  const grant = z
    .strictObject({
      roles: z.array(z.enum(roles, { error: () => `must be one of ${roles.join(", ")}` })).min(1, atLeastOne),
      match: z.string().transform(parsedBy(parseMatchers)).nullish(),
    })
    .superRefine(({ roles: given, match }, context) => {
      const unlimited = given.find((role) => role === "admin" || role === "federate");
      if (unlimited !== undefined && match != null) {
        const message =
          unlimited === "admin"
            ? "cannot go with the role admin, which is about more than groups"
            : "cannot go with the role federate, which is about all groups";
        context.addIssue({ code: "custom", path: ["match"], message });
      }
    })
    .transform(({ roles: given, match }): Grant<M> => ({ roles: given, match: match ?? null }));
  const identity = z
    .strictObject({
      name: z.string().regex(/^[\w.@ -]{1,64}$/, "must be 1 to 64 letters, digits, blanks or one of _ . @ -"),
      users: z.array(z.string().min(1, "must not be empty")).nullish(),
      token_sha256: z.array(z.string().regex(/^[0-9a-fA-F]{64}$/, notAHash)).nullish(),
      certificates: z.array(z.string().transform(parseSubject)).nullish(),
      allow: z.array(grant).min(1, atLeastOne),
    })
    .superRefine(({ name, users, token_sha256, certificates }, context) => {
      const hasCredentials = [users, token_sha256, certificates].some((given) => (given ?? []).length > 0);
      if ((name === anyone) === !hasCredentials) return;
      const message = hasCredentials
        ? `"${anyone}" is everybody and has no users, token_sha256 or certificates`
        : `nobody is "${name}" without users, token_sha256 or certificates`;
      context.addIssue({ code: "custom", path: ["name"], message });
    })
    .transform(
      ({ name, users, token_sha256, certificates, allow }): IdentityRules<M> => ({
        name,
        users: users ?? [],
        tokenHashes: (token_sha256 ?? []).map((hash) => hash.toLowerCase()),
        subjects: certificates ?? [],
        grants: allow,
      }),
    );
  return z.strictObject({ identities: z.array(identity) }).transform((rules, context): AccessRules<M> => {
    refuseSharing(rules.identities, context);
    return rules;
  });
}

const atLeastOne = "must not be empty";
const notAHash = "must be 64 hexadecimal digits: printf %s TOKEN | sha256sum";

/** A credential that two identities have would be either's. */
function refuseSharing(identities: readonly IdentityRules<unknown>[], context: z.core.$RefinementCtx): void {
  const owners = new Map<string, string>();
  for (const [index, { name, users, tokenHashes }] of identities.entries()) {
    const owned: readonly (readonly [setting: string, what: string])[] = [
      ["name", `the name "${name}"`],
      ...users.map((user) => ["users", `the user "${user}"`] as const),
      ...tokenHashes.map((hash) => ["token_sha256", `the token ${hash.slice(0, 8)}…`] as const),
    ];
    for (const [setting, what] of owned) {
      const owner = owners.get(what);
      owners.set(what, name);
      if (owner === undefined) continue;
      const message = `has ${what}, which "${owner}" has as well`;
      context.addIssue({ code: "custom", path: ["identities", index, setting], message });
    }
  }
}

/** `CN=team-a, O=Example`; a comma in a value stands behind a backslash, as in RFC 4514. */
function parseSubject(text: string, context: z.core.$RefinementCtx): SubjectPattern {
  const attributes = text.split(/(?<!\\),/).map((part) => {
    const [, attribute, value] = /^\s*([A-Za-z][A-Za-z0-9.]*)\s*=\s*(.+?)\s*$/s.exec(part) ?? [];
    return attribute === undefined || value === undefined
      ? null
      : ([attribute, value.replaceAll("\\,", ",")] as const);
  });
  const pattern = attributes.filter((attribute) => attribute !== null);
  if (pattern.length === attributes.length) return pattern;
  context.addIssue({
    code: "custom",
    message: "must be attributes of a subject such as CN=team-a, O=Example",
  });
  return z.NEVER;
}
