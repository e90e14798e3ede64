import type { IncomingMessage } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { Candidates } from "./candidates.ts";
import { ClientError } from "./client-error.ts";
import { type AttemptFailure, failureOf, isAnswerTaken, refusalOf } from "./failures.ts";
import type { Gateway } from "./gateways.ts";
import type { HttpRequest, Transport } from "./transport.ts";

export interface Limits {
  /** Milliseconds for everything: all attempts and the pauses between them. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** An answer of success. */
export interface Answer {
  readonly url: string;
  readonly status: number;
  readonly contentType: string;
  readonly body: Buffer;
}

/** An attempt gets half of the time that is left, so that another can follow, but no less than this while there is as much. */
const shortestAttemptMs = 1_000;
/** A timer takes no more. */
const longestAttemptMs = 2 ** 31 - 1;

/** Brings requests to one of several gateways that are as good as each other. */
export class Delivery {
  /** The one that answered last comes first. */
  #gateways: readonly Gateway[];
  readonly #transport: Transport;
  readonly #random: () => number;

  constructor(gateways: readonly Gateway[], transport: Transport, random: () => number) {
    this.#gateways = gateways;
    this.#transport = transport;
    this.#random = random;
  }

  /**
   * Asks one gateway after the other until one takes the request or the time is up. One that cannot be connected to, does not
   * answer in time or answers 5xx may be asked again after a pause, or after its `Retry-After`; whatever else is no success
   * ends the call.
   *
   * @throws ClientError of the last attempt
   */
  send(request: HttpRequest, limits: Limits): Promise<Answer> {
    return this.#untilTaken(request, limits, async (message, { url }) => ({
      url,
      status: message.statusCode ?? 0,
      contentType: message.headers["content-type"] ?? "",
      body: await bodyOf(message),
    }));
  }

  /** As `send`, for an answer without end: resolves when it begins. The signal ends it. */
  open(request: HttpRequest, limits: Limits): Promise<IncomingMessage> {
    return this.#untilTaken(request, limits, async (message) => message);
  }

  async #untilTaken<T>(request: HttpRequest, { timeoutMs, signal }: Limits, read: Reader<T>): Promise<T> {
    const deadline = performance.now() + timeoutMs;
    const candidates = new Candidates(this.#gateways, this.#random);
    let last: ClientError | undefined;
    for (;;) {
      if (signal?.aborted === true) throw aborted(request, signal);
      const candidate = candidates.next();
      if (last !== undefined && (candidate === undefined || candidate.notBefore >= deadline)) throw last;
      if (candidate === undefined) throw new ClientError("bad-option", "no gateway is given");
      await pauseUntil(candidate.notBefore, signal);
      const left = deadline - performance.now();
      const half = Math.min(Math.max(left / 2, shortestAttemptMs), longestAttemptMs);
      const attemptMs = Math.max(1, Math.min(left, half));
      const outcome = await this.#attempt(candidate.gateway, request, { attemptMs, signal, read });
      if (outcome.kind === "taken") {
        this.#prefer(candidate.gateway);
        return outcome.result;
      }
      last = outcome.error;
      if (outcome.ends === "call") throw last;
      candidates.failed(candidate, {
        now: performance.now(),
        retryAfterMs: outcome.retryAfterMs,
        isFinal: outcome.ends === "gateway",
      });
    }
  }

  async #attempt<T>(
    gateway: Gateway,
    request: HttpRequest,
    { attemptMs, signal, read }: AttemptOptions<T>,
  ): Promise<{ readonly kind: "taken"; readonly result: T } | AttemptFailure> {
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort(), attemptMs);
    const either = signal === undefined ? timeout.signal : AbortSignal.any([signal, timeout.signal]);
    const asked = { ...request, url: gateway.url };
    try {
      const message = await this.#transport.send(gateway, request, either);
      if (isAnswerTaken(message)) return { kind: "taken", result: await read(message, gateway) };
      return refusalOf(asked, message, (await bodyOf(message)).toString());
    } catch (error) {
      if (signal?.aborted === true) throw aborted(asked, signal);
      return failureOf(asked, error, timeout.signal.aborted ? { afterMs: attemptMs } : undefined);
    } finally {
      clearTimeout(timer);
    }
  }

  #prefer(gateway: Gateway): void {
    if (this.#gateways[0] !== gateway)
      this.#gateways = [gateway, ...this.#gateways.filter((other) => other !== gateway)];
  }
}

type Reader<T> = (message: IncomingMessage, gateway: Gateway) => Promise<T>;

interface AttemptOptions<T> {
  readonly attemptMs: number;
  readonly signal: AbortSignal | undefined;
  readonly read: Reader<T>;
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function aborted({ method, path }: HttpRequest, signal: AbortSignal): ClientError {
  return new ClientError("aborted", `${method} ${path} was given up`, { cause: signal.reason });
}

async function pauseUntil(notBefore: number, signal: AbortSignal | undefined): Promise<void> {
  const pauseMs = notBefore - performance.now();
  // Given up while it waits: the caller looks at the signal and says so.
  if (pauseMs > 0) await delay(pauseMs, undefined, signal === undefined ? {} : { signal }).catch(() => {});
}
