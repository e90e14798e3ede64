export type LinkErrorCode =
  /** No connection, or none that lasted until the answer. */
  | "unreachable"
  | "timeout"
  /** The peer does not know who asks, or does not let them. */
  | "credentials"
  /** The gateways there are of another region than they should be, or of none. */
  | "wrong-region"
  /** More was sent than the peer, or a proxy before it, takes at once. */
  | "too-large"
  /** Any other answer than the one that was hoped for. */
  | "refused"
  | "bad-answer";

/** A peer did not do what it was asked for. Asking again is safe. The message is for the log, and names the peer's URL. */
export class LinkError extends Error {
  override readonly name = "LinkError";
  readonly code: LinkErrorCode;

  constructor(code: LinkErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
