/** Why a call failed. Closed: whoever switches over it need not expect others. */
export type ClientErrorCode =
  /** An option or argument cannot be used; nothing was sent. */
  | "bad-option"
  /** No connection to any gateway, or it broke off. */
  | "unreachable"
  /** A certificate, theirs or ours, was not accepted. */
  | "tls"
  /** No answer in time. */
  | "timeout"
  /** The caller's signal; `cause` is its reason. */
  | "aborted"
  /** 5xx: a gateway or a proxy before it cannot do it now. */
  | "unavailable"
  /** 401: who asks is not known. */
  | "unauthenticated"
  /** 403: who asks may not do this. */
  | "forbidden"
  /** 404: no such group, or no gateway at this address. */
  | "not-found"
  /** 413: more than the gateway takes. */
  | "too-large"
  /** 409 and 429: too many at once, or more than was allowed to be deleted. */
  | "too-many"
  /** 400 and every other answer that is no success: the request is at fault. */
  | "refused"
  /** What answered is no gateway, or one that this client does not understand. */
  | "bad-answer";

interface Details {
  /** Without credentials. */
  readonly url?: string;
  readonly status?: number;
  /** What the gateway said. */
  readonly answer?: string;
  readonly cause?: unknown;
}

/** A call to a gateway failed. The message is one line that names what was asked of whom and what came back. */
export class ClientError extends Error {
  override readonly name = "ClientError";
  readonly code: ClientErrorCode;
  /** Of the last gateway that was asked, without credentials; undefined when none was. */
  readonly url: string | undefined;
  /** Undefined when there was no answer. */
  readonly status: number | undefined;
  /** The gateway's own words; "" when there were none. */
  readonly answer: string;

  constructor(code: ClientErrorCode, message: string, { url, status, answer = "", cause }: Details = {}) {
    super(message, { cause });
    this.code = code;
    this.url = url;
    this.status = status;
    this.answer = answer;
  }
}

const codes: ReadonlyMap<number, ClientErrorCode> = new Map([
  [401, "unauthenticated"],
  [403, "forbidden"],
  [404, "not-found"],
  [409, "too-many"],
  [413, "too-large"],
  [429, "too-many"],
]);

/** What an answer that is no success stands for. */
export function codeOf(status: number): ClientErrorCode {
  return codes.get(status) ?? (status >= 500 ? "unavailable" : "refused");
}
