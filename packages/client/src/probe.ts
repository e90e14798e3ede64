import type { IncomingMessage } from "node:http";
import { buffer } from "node:stream/consumers";
import { TLSSocket } from "node:tls";
import type { Credentials } from "./credentials.ts";
import { failureOf } from "./failures.ts";
import { parseGateway } from "./gateways.ts";
import { type TlsOptions, Transport } from "./transport.ts";

export interface ProbeOptions {
  /** Of one gateway, as `createClient` takes it. */
  readonly url: string;
  /** What follows the URL, such as `/-/ready`. */
  readonly path: string;
  readonly credentials?: Credentials | undefined;
  /** Without credentials, those of the URL too. */
  readonly anonymous?: boolean;
  readonly tls?: TlsOptions | undefined;
  readonly accept?: string;
  /** Milliseconds for the whole answer. */
  readonly timeoutMs: number;
}

/** What came back, whatever it was. */
export interface Probe {
  readonly status: number;
  readonly body: Buffer;
  /** The clock of whoever answered, milliseconds since the epoch, cut to seconds; undefined when it was not told. */
  readonly dateMs: number | undefined;
  /** Milliseconds since the epoch, when the head of the answer was there. */
  readonly answeredAtMs: number;
  /** Milliseconds until the whole answer was there. */
  readonly tookMs: number;
  /** Undefined without TLS. */
  readonly certificate: Certificate | undefined;
}

export interface Certificate {
  /** Milliseconds since the epoch. */
  readonly validToMs: number;
  readonly subject: string;
}

/**
 * Asks one gateway one thing, once: to find out what is wrong with it, where `Client` only wants an answer. Every answer counts.
 *
 * @throws ClientError bad-option, unreachable, tls or timeout when there was none
 */
export async function probeGateway(options: ProbeOptions): Promise<Probe> {
  const { url, path, credentials, anonymous = false, tls = {}, accept, timeoutMs } = options;
  const gateway = parseGateway(url);
  const asked = anonymous ? { ...gateway, credentials: undefined } : gateway;
  using transport = new Transport({ tls, credentials: anonymous ? undefined : credentials });
  const request = { method: "GET", path, headers: accept === undefined ? {} : { Accept: accept } } as const;
  const signal = AbortSignal.timeout(timeoutMs);
  const startedAt = performance.now();
  try {
    const message = await transport.send(asked, request, signal);
    const answeredAtMs = Date.now();
    const certificate = certificateOf(message);
    const body = await buffer(message);
    return {
      status: message.statusCode ?? 0,
      body,
      dateMs: message.headers.date === undefined ? undefined : Date.parse(message.headers.date),
      answeredAtMs,
      tookMs: performance.now() - startedAt,
      certificate,
    };
  } catch (error) {
    const timeout = signal.aborted ? { afterMs: timeoutMs } : undefined;
    throw failureOf({ ...request, url: gateway.url }, error, timeout).error;
  }
}

function certificateOf({ socket }: IncomingMessage): Certificate | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  const { valid_to: validTo, subject } = socket.getPeerCertificate();
  return { validToMs: Date.parse(validTo), subject: String(subject?.CN ?? "") };
}
