/** What Sentinels add to a connection: how its primary is found at the start, and word of a failover from then on. */
import type { Redis } from "ioredis";
import { type SentinelEndpoint, sentinelClientOptions } from "./endpoint.ts";
import { isUnknownMaster, needsOtherSettings } from "./failures.ts";

/** How long the first connection is waited for: the Sentinels may be in the middle of a failover. */
const startMs = 15_000;
/** How long a Sentinel may take to answer, how long to hang up, and how soon one that does not answer is tried again. */
const connectTimeoutMs = 3_000;
const disconnectTimeoutMs = 500;
const reconnectMs = 1_000;
/** Where a Sentinel tells that it has another server for a primary: the primary's name, the old address, the new one. */
const failovers = "+switch-master";

export interface FailoverWatch {
  close(): void;
}

/**
 * Calls `onFailover` whenever a Sentinel announces another server as this primary; each Sentinel does, one after the
 * other. One that cannot be reached is tried again for ever, and complained of nowhere: whoever has a connection does not
 * need it, and whoever opens one learns about it.
 *
 * ioredis has a watch of its own, but nobody can listen to its connections: what becomes of them it prints on stderr.
 */
export function watchFailovers(
  Client: typeof Redis,
  endpoint: SentinelEndpoint,
  onFailover: () => void,
): FailoverWatch {
  const clients = sentinelClientOptions(endpoint).map((options) => {
    const client = new Client({
      ...options,
      protocol: 2,
      connectTimeout: connectTimeoutMs,
      disconnectTimeout: disconnectTimeoutMs,
      retryStrategy: () => reconnectMs,
      enableReadyCheck: false,
      // Done below, where a failure is not an unhandled rejection.
      autoResubscribe: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
    });
    client.on("error", () => {});
    client.on("ready", () => void client.subscribe(failovers).catch(() => {}));
    client.on("message", (_channel: string, message: string) => {
      if (message.startsWith(`${endpoint.masterName} `)) onFailover();
    });
    return client;
  });
  return {
    close() {
      for (const client of clients) client.disconnect();
    },
  };
}

/**
 * Resolves when the client has its first connection. It goes on trying by itself; this waits for it, unless that is in
 * vain, because only other settings help or no Sentinel that answers knows the primary's name. Then it rejects at once.
 */
export async function connectBySentinels(redis: Redis, endpoint: SentinelEndpoint): Promise<void> {
  const { sentinels, masterName } = endpoint;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => reject(new Error(`no primary within ${startMs / 1000} s`)), startMs);
  /** Of the Sentinels that were asked since the last error, none of which had an address. */
  let refusals: Error[] = [];
  const note = (refusal: Error) => void refusals.push(refusal);
  const giveUp = (error: Error) => {
    if (needsOtherSettings(error)) reject(error);
    // After a connection that failed the client goes on with the next Sentinel, so that not all may have been asked.
    if (refusals.length >= sentinels.length && refusals.some(isUnknownMaster))
      reject(new Error(`no Sentinel that answers knows a master of the name ${masterName}`));
    refusals = [];
  };
  redis.once("ready", resolve);
  redis.on("sentinelError", note);
  redis.on("error", giveUp);
  // Its own promise rejects with the first failure.
  redis.connect().catch(() => {});
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    redis.off("ready", resolve);
    redis.off("sentinelError", note);
    redis.off("error", giveUp);
  }
}
