import { type Agent, type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { LinkError } from "./link-error.ts";

export interface RequestOptions {
  /** Present: POST; absent: GET. */
  readonly body?: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  readonly agent: Agent;
  /** From now until the whole answer is there. */
  readonly timeoutMs: number;
}

export interface Exchange {
  readonly status: number;
  readonly text: string;
  /** By `performance.now()`. */
  readonly sentAtMs: number;
  readonly answeredAtMs: number;
}

/** More than the hashes of a million groups take. */
const longestAnswer = 64 * 1024 * 1024;

/** One request that may be repeated, as all of ours may: done again at once when it met a connection that was just being closed. */
export async function request(url: string, options: RequestOptions): Promise<Exchange> {
  try {
    return await requestOnce(url, options);
  } catch (error) {
    if (error instanceof ClosedMeanwhile)
      return await requestOnce(url, options).catch(explained(url, options));
    return explained(url, options)(error);
  }
}

/** The connection had been used before, and the peer closed it as our request came down. */
class ClosedMeanwhile extends Error {}

function requestOnce(url: string, { body, headers, agent, timeoutMs }: RequestOptions): Promise<Exchange> {
  const sentAtMs = performance.now();
  const signal = AbortSignal.timeout(timeoutMs);
  return new Promise((resolve, reject) => {
    const send = url.startsWith("https:") ? httpsRequest : httpRequest;
    const sent: ClientRequest = send(url, {
      method: body === undefined ? "GET" : "POST",
      headers: { ...headers, ...(body === undefined ? {} : { "Content-Length": String(body.length) }) },
      agent,
      signal,
    });
    sent.on("response", (response) => {
      const answeredAtMs = performance.now();
      readText(response).then(
        (text) => resolve({ status: response.statusCode ?? 0, text, sentAtMs, answeredAtMs }),
        reject,
      );
    });
    sent.on("error", (error) =>
      reject(sent.reusedSocket && isReset(error) ? new ClosedMeanwhile("", { cause: error }) : error),
    );
    sent.end(body);
  });
}

function isReset(error: Error): boolean {
  return "code" in error && (error.code === "ECONNRESET" || error.code === "EPIPE");
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > longestAnswer) throw new Error(`the answer is longer than ${longestAnswer} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function explained(url: string, { timeoutMs }: RequestOptions): (error: unknown) => never {
  return (cause) => {
    const { origin } = new URL(url);
    if (cause instanceof Error && (cause.name === "AbortError" || cause.name === "TimeoutError")) {
      throw new LinkError("timeout", `${origin} did not answer within ${timeoutMs / 1000} s`, { cause });
    }
    const why = cause instanceof Error ? cause.message || String(cause) : String(cause);
    throw new LinkError("unreachable", `${origin} cannot be reached: ${why}`, { cause });
  };
}
