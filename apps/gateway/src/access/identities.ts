import type { AccessRules, SubjectPattern } from "@pushfleet/config";
import { anyone } from "@pushfleet/config";
import { type Identity, limited, type Matchers, nobody, unlimited } from "./identity.ts";

/** Whom there is, by their credentials. */
export interface Identities {
  /** True when credentials make no difference, so that nobody need look at them. */
  readonly areAllEqual: boolean;
  /** Of requests without credentials. */
  readonly anyone: Identity;
  /** A user whose password is right. */
  ofUser(name: string): Identity;
  /** Whoever has the token with this SHA-256, in hexadecimal. */
  ofToken(hash: string): Identity | undefined;
  /** Whoever has a verified certificate with this subject. */
  ofSubject(subject: CertificateSubject): Identity | undefined;
}

/** Attributes as Node tells them: several values of one are a list. */
export type CertificateSubject = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Without any rules and users, everybody may do everything, as upstream. */
export const everybody: Identities = {
  areAllEqual: true,
  anyone: unlimited(null),
  ofUser: unlimited,
  ofToken: () => undefined,
  ofSubject: () => undefined,
};

/** Without rules, users may do everything and others nothing, as upstream. */
export const usersOnly: Identities = { ...everybody, areAllEqual: false, anyone: nobody };

export function identitiesOf(rules: AccessRules<Matchers>): Identities {
  const common = rules.identities.find(({ name }) => name === anyone)?.grants ?? [];
  const known = rules.identities
    .filter(({ name }) => name !== anyone)
    .map(({ name, grants, ...credentials }) => ({
      ...credentials,
      identity: limited(name, [...grants, ...common]),
    }));
  const byUser = new Map(known.flatMap(({ users, identity }) => users.map((user) => [user, identity])));
  const byToken = new Map(
    known.flatMap(({ tokenHashes, identity }) => tokenHashes.map((hash) => [hash, identity])),
  );
  return {
    areAllEqual: false,
    anyone: limited(null, common),
    // Users that no rule names are known all the same.
    ofUser: (name) => byUser.get(name) ?? limited(name, common),
    ofToken: (hash) => byToken.get(hash),
    ofSubject: (subject) =>
      known.find(({ subjects }) => subjects.some((pattern) => fits(subject, pattern)))?.identity,
  };
}

function fits(subject: CertificateSubject, pattern: SubjectPattern): boolean {
  return pattern.every(([attribute, value]) => [subject[attribute]].flat().includes(value));
}
