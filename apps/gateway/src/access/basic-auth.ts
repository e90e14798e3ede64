import type { PasswordVerifier } from "../web-config/password-check.ts";

/**
 * The user of an `Authorization` header of the form that RFC 7617 describes, when the password is right; otherwise null.
 * At once, without a promise, when these credentials have been checked before. Rejects PasswordChecksBusy.
 */
export function authenticateBasic(
  header: string,
  passwords: PasswordVerifier,
): Promise<string | null> | string | null {
  const [, credentials] = /^basic +([A-Za-z0-9+/]+={0,2}) *$/i.exec(header) ?? [];
  if (credentials === undefined) return null;
  const text = Buffer.from(credentials, "base64").toString();
  const colon = text.indexOf(":");
  if (colon === -1) return null;
  const user = text.slice(0, colon);
  const isRight = passwords.verify(user, text.slice(colon + 1));
  if (typeof isRight === "boolean") return isRight ? user : null;
  return isRight.then((right) => (right ? user : null));
}
