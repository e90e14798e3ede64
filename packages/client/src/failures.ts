import type { IncomingMessage } from "node:http";
import { ClientError, type ClientErrorCode, codeOf } from "./client-error.ts";
import { ConnectTimeout, type HttpRequest } from "./transport.ts";

/** An attempt that was no success. */
export interface AttemptFailure {
  readonly kind: "failed";
  readonly error: ClientError;
  /** Nothing: the same gateway may be asked again. Its part in the call: others may be asked. The call. */
  readonly ends: "nothing" | "gateway" | "call";
  /** Milliseconds the gateway asked to be left alone; 0 = it did not. */
  readonly retryAfterMs: number;
}

type Asked = HttpRequest & { readonly url: string };

/** No redirect is ever followed: whatever else is answered counts as what it is. */
export function isAnswerTaken({ statusCode = 0 }: IncomingMessage): boolean {
  return statusCode >= 200 && statusCode < 300;
}

/** What an answer that is no success means. */
export function refusalOf(
  asked: Asked,
  { statusCode: status = 0, headers }: IncomingMessage,
  body: string,
): AttemptFailure {
  const answer = wordsOf(body);
  const location = headers.location === undefined ? "" : ` to ${headers.location}`;
  const words = answer === "" ? "" : `: ${answer}`;
  return {
    kind: "failed",
    error: new ClientError(codeOf(status), `${nameOf(asked)} was answered ${status}${location}${words}`, {
      url: asked.url,
      status,
      answer,
    }),
    ends: status >= 500 ? "nothing" : "call",
    retryAfterMs: retryAfter(headers["retry-after"]),
  };
}

/** What became of an attempt that had no whole answer. */
export function failureOf(
  asked: Asked,
  cause: unknown,
  timeout: { readonly afterMs: number } | undefined,
): AttemptFailure {
  const { code, what } = describe(cause, timeout);
  return {
    kind: "failed",
    error: new ClientError(code, `${nameOf(asked)} failed: ${what}`, { url: asked.url, cause }),
    // A certificate is the same a moment later.
    ends: code === "tls" ? "gateway" : "nothing",
    retryAfterMs: 0,
  };
}

function describe(
  cause: unknown,
  timeout: { readonly afterMs: number } | undefined,
): { readonly code: ClientErrorCode; readonly what: string } {
  if (timeout !== undefined)
    return { code: "timeout", what: `no answer within ${seconds(timeout.afterMs)} s` };
  if (cause instanceof ConnectTimeout) return { code: "timeout", what: cause.message };
  if (!(cause instanceof Error)) return { code: "unreachable", what: String(cause) };
  const { code = "" } = cause as NodeJS.ErrnoException; // Node's errors have one; others are as good without.
  // What several addresses of one host said: the first has the words.
  const [first] = cause instanceof AggregateError ? cause.errors : [];
  const what = cause.message === "" && first instanceof Error ? first.message : cause.message;
  return { code: isAboutCertificates(code) ? "tls" : "unreachable", what };
}

/** OpenSSL's names for what is wrong with a certificate, and Node's for what is wrong with TLS. */
function isAboutCertificates(code: string): boolean {
  return /^(?:CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERR_TLS_|ERR_SSL_|ERR_OSSL_|EPROTO$|HOSTNAME_MISMATCH$)/.test(
    code,
  );
}

function nameOf({ method, url, path }: Asked): string {
  return `${method} ${url}${path}`;
}

/** The gateway's words on one line: of its API the field for people, else the text, if it is one and not a page. */
function wordsOf(body: string): string {
  const text = apiError(body) ?? (/^\s*</.test(body) ? "" : body);
  const line = text.trim().replace(/\s+/g, " ");
  return line.length > longestWords ? `${line.slice(0, longestWords)}…` : line;
}

const longestWords = 500;

function apiError(body: string): string | undefined {
  if (!body.startsWith("{")) return undefined;
  try {
    const { error }: { error?: unknown } = JSON.parse(body);
    return typeof error === "string" ? error : undefined;
  } catch {
    return undefined; // Then it is text.
  }
}

/** Seconds, or a date. */
function retryAfter(text: string | undefined): number {
  if (text === undefined) return 0;
  const waitMs = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isNaN(waitMs) ? 0 : Math.max(0, waitMs);
}

function seconds(milliseconds: number): string {
  return String(Math.round(milliseconds / 100) / 10);
}
