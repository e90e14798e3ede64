import { hash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { TLSSocket } from "node:tls";
import { AccessDenied } from "./access-denied.ts";
import type { CertificateSubject, Identities } from "./identities.ts";
import type { Identity } from "./identity.ts";

/** Resolves to the name of the user whose password is right; null when there is no such user, or the password is another. */
export type BasicAuthentication = (authorization: string) => Promise<string | null> | string | null;

/**
 * Who a request comes from, by its `Authorization` or else by its client certificate. What is wrong is never passed over:
 * wrong credentials are refused even where none are needed, so that nobody takes a typing error for a missing rule.
 * Throws or rejects AccessDenied.
 */
export function identify(
  request: IncomingMessage,
  identities: Identities,
  authenticate: BasicAuthentication,
): Identity | Promise<Identity> {
  if (identities.areAllEqual) return identities.anyone;
  const { authorization } = request.headers;
  if (authorization === undefined) return ofCertificate(request, identities) ?? identities.anyone;
  const [, scheme = "", credentials = ""] = /^(\S+) +(\S+) *$/.exec(authorization) ?? [];
  switch (scheme.toLowerCase()) {
    case "basic":
      return ofUser(authenticate(authorization), identities);
    case "bearer": {
      const identity = identities.ofToken(hash("sha256", credentials));
      if (identity === undefined) throw unknownCredentials();
      return identity;
    }
    default:
      throw unknownCredentials();
  }
}

function ofUser(
  user: Promise<string | null> | string | null,
  identities: Identities,
): Identity | Promise<Identity> {
  if (user instanceof Promise) return user.then((name) => ofUser(name, identities));
  if (user === null) throw unknownCredentials();
  return identities.ofUser(user);
}

/** A certificate counts only if the server has verified it, which not every mode of --web.config.file asks for. */
function ofCertificate({ socket }: IncomingMessage, identities: Identities): Identity | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  // Node's types know common attributes only; there may be others.
  const { subject } = socket.getPeerCertificate() as { readonly subject?: CertificateSubject };
  return subject === undefined ? undefined : identities.ofSubject(subject);
}

/** Which of it is wrong is not told. */
function unknownCredentials(): AccessDenied {
  return new AccessDenied("unauthenticated", "Unauthorized");
}
