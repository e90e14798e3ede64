/**
 * - `unauthenticated`: credentials are missing or wrong; better ones may help.
 * - `forbidden`: it is known who asks, and they may not.
 */
export type DenialCode = "unauthenticated" | "forbidden";

/** The message tells what is missing and names nobody and nothing but what the request did. */
export class AccessDenied extends Error {
  override readonly name = "AccessDenied";
  readonly code: DenialCode;

  constructor(code: DenialCode, message: string) {
    super(message);
    this.code = code;
  }
}
