/** How BullMQ reaches Redis: over connections of its own, which have to come back by themselves after any outage. */
import { type RedisEndpoint, redisClientOptions } from "@pushfleet/store";
import type { ConnectionOptions } from "bullmq";

const longestReconnectDelayMs = 1_000;
/** For any answer that is due. */
const patienceMs = 3_000;
/** BullMQ's own limit for a wait that Redis does not answer before there is a job. */
const longestWaitMs = 10_000;

export interface QueueConnectionOptions {
  /** Milliseconds from one job to the next: so long may a worker wait without a word from Redis. */
  readonly jobEveryMs: number;
}

export function queueConnection(
  endpoint: RedisEndpoint,
  { jobEveryMs }: QueueConnectionOptions,
): ConnectionOptions {
  return {
    ...redisClientOptions(endpoint),
    // What Sentinels announce is not listened to: BullMQ owns these connections. A primary that fell silent is noticed
    // below; one that was deposed and does not know can do no harm, because sweeps do not work on these connections.
    protocol: 2,
    connectTimeout: patienceMs,
    socketTimeout: Math.min(jobEveryMs, longestWaitMs) + patienceMs,
    retryStrategy: (attempt: number) => Math.min(attempt * 100, longestReconnectDelayMs),
    // BullMQ's condition: commands wait for the next connection.
    maxRetriesPerRequest: null,
    // So do those of a server that is no primary any more, or none that may be written.
    reconnectOnError: ({ message }: Error) => (/^(READONLY|NOREPLICAS|MASTERDOWN)/.test(message) ? 2 : false),
  } as ConnectionOptions; // BullMQ hands them to ioredis, from whose type its own differs by undefined only
}
