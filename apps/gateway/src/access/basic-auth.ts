import type { PasswordVerifier } from "../web-config/password-check.ts";

/**
 * The user of an `Authorization` header of the scheme Basic (RFC 7617), when the password is right; otherwise null. Without a
 * promise when these credentials have been checked before. Rejects PasswordChecksBusy.
 */
export function authenticateBasic(
  header: string,
  passwords: PasswordVerifier,
): Promise<string | null> | string | null {
  const [, credentials] = /^basic +([A-Za-z0-9+/]+={0,2}) *$/i.exec(header) ?? [];
  return credentials === undefined ? null : passwords.userOf(credentials);
}
