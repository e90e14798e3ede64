/** The connection to Redis: how it is opened, kept and shared, and which of its failures mean "try again later". */
import type { Redis } from "ioredis";
import { StoreUnavailable } from "../store.ts";
import { createDoubts, type Doubts } from "./doubts.ts";
import { endpointText, type RedisEndpoint, redisClientOptions } from "./endpoint.ts";
import { failureText, isConsequence, isTemporary, needsOtherSettings, startFailureText } from "./failures.ts";
import { parseInfo } from "./info.ts";
import { connectBySentinels, watchFailovers } from "./sentinels.ts";

export type ConnectionOptions = RedisEndpoint & {
  /** Milliseconds without any byte from Redis, while answers are due, after which the connection counts as lost. */
  readonly timeoutMs?: number;
};

export interface Connection {
  readonly redis: Redis;
  /** The server, or the Sentinels, without credentials: for messages. */
  readonly address: string;
  /** Asks the Sentinels anew which server is the primary. Without Sentinels nothing happens: there is no other server. */
  lookForPrimary(): void;
  /**
   * What the Sentinels have against the primary just now, for a message: it may be replaced at any moment then, whatever it answers.
   * Undefined = nothing, or no Sentinels. Takes a quarter of a second at most, and never rejects.
   */
  doubt(): Promise<string | undefined>;
  /** For good. */
  close(): void;
  /**
   * The error to give callers for a failed command: StoreUnavailable when the connection or the state of the server is
   * to blame, the error itself when we are.
   */
  explain(error: unknown): unknown;
}

const defaultTimeoutMs = 3_000;
const longestReconnectDelayMs = 1_000;
const giveUpDelayMs = 100;
/** How long a server may take to hang up too: one that hangs must not hold up a failover, nor the end of the process. */
const hangUpMs = 500;

/**
 * Opens a connection; it is kept open, reconnecting for ever. Rejects StoreUnavailable when the first attempt fails: at
 * once for a single server; with Sentinels after a while, unless waiting is in vain.
 */
export async function connect(options: ConnectionOptions): Promise<Connection> {
  const address = endpointText(options);
  const sentinels = "sentinels" in options ? options : undefined;
  const mayMove = sentinels !== undefined;
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
  // Loaded here, so that a gateway with the embedded store does without its 9 MB.
  const { Redis } = await import("ioredis");
  const redis = new Redis({
    ...redisClientOptions(options),
    lazyConnect: true,
    protocol: 2,
    connectTimeout: timeoutMs,
    disconnectTimeout: hangUpMs,
    // One timer for all commands under way: a server that hangs loses its connection, and they all fail at once.
    socketTimeout: timeoutMs,
    retryStrategy: (attempt) => Math.min(attempt * 50, longestReconnectDelayMs),
    // A server that says so is no primary any more, or none that may be written: the Sentinels know a better one.
    reconnectOnError: ({ message }) => mayMove && /^(READONLY|NOREPLICAS|MASTERDOWN)/.test(message),
    // A command fails at once when there is no connection, and when its connection is lost: whoever sent it knows
    // whether and how long to try again. Zero retries are needed too: without resending, ioredis would otherwise leave
    // the commands of a lost connection pending for ever.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
  });

  let lastError: Error | undefined;
  const remember = (error: Error) => {
    if (!isConsequence(error)) lastError = error;
  };
  redis.on("sentinelError", remember);
  redis.on("error", (error: Error) => {
    remember(error);
    // ioredis would go on in database 0.
    if (commandOf(error) === "select") redis.disconnect(true);
  });
  redis.on("ready", () => {
    lastError = undefined;
  });
  let isClosed = false;
  // Whoever still talks to the old primary hangs up.
  const watch = sentinels && watchFailovers(Redis, sentinels, () => redis.disconnect(true));
  let doubts: Doubts | undefined;
  const close = () => {
    isClosed = true;
    watch?.close();
    doubts?.close();
    redis.disconnect();
  };
  // ioredis gives up for ever when it is told to hang up while it is just asking the Sentinels.
  const connectAnew = () => {
    if (!isClosed) redis.connect().catch(() => {});
  };
  redis.on("end", () => setTimeout(connectAnew, giveUpDelayMs).unref());

  const explain = (error: unknown): unknown => {
    if (error instanceof StoreUnavailable) return error;
    if (error instanceof Error && error.name === "ReplyError") {
      if (!isTemporary(error)) return error;
      return new StoreUnavailable(`Redis at ${address} refuses: ${error.message}`, { cause: error });
    }
    const reason = lastError === undefined ? "it was lost" : failureText(lastError);
    return new StoreUnavailable(`no connection to Redis at ${address}: ${reason}`, {
      cause: lastError ?? error,
    });
  };

  try {
    await (sentinels === undefined ? redis.connect() : connectBySentinels(redis, sentinels));
  } catch (error) {
    close();
    const cause = isConsequence(error) ? (lastError ?? error) : error;
    const reason = startFailureText(cause, redis.options.tls === undefined ? "plain" : "tls");
    throw new StoreUnavailable(`cannot connect to Redis at ${address}: ${reason}`, { cause });
  }
  const lookForPrimary = () => {
    if (mayMove && redis.status === "ready") redis.disconnect(true);
  };
  // Who never asks needs no connections for it.
  const doubt = async () => {
    if (sentinels !== undefined && !isClosed) doubts ??= createDoubts(Redis, sentinels);
    return doubts?.find();
  };
  return { redis, address, lookForPrimary, doubt, close, explain };
}

/** The name of the command that an error replies to, in lower case. */
function commandOf(error: Error): string | undefined {
  // Added by ioredis.
  const { command } = error as Error & { readonly command?: { readonly name: string } };
  return command?.name;
}

/** Rejects with one clear line when the server is too old, may evict what was acknowledged, or refuses to tell. */
export async function requireUsableServer({ redis, address, explain }: Connection): Promise<void> {
  const info = await redis.info().catch((error: unknown) => failAtStart(explain(error)));
  const problem = problemOf(info);
  if (problem !== undefined) throw new Error(`the Redis server at ${address} cannot be used: ${problem}`);
}

/**
 * Throws what a first command failed with: for a lack of rights, which no waiting mends, an Error that says where to
 * look, and any other error as it is.
 */
export function failAtStart(error: unknown): never {
  throw needsOtherSettings(error) ? new Error(startFailureText(error), { cause: error }) : error;
}

/** What is wrong with a server that answers INFO like this; undefined when nothing is. */
export function problemOf(info: string): string | undefined {
  const fields = parseInfo(info);
  const valkey = fields.get("valkey_version");
  const redisVersion = fields.get("redis_version") ?? "of unknown version";
  if (valkey !== undefined ? !isAtLeast(valkey, 7, 2) : !isAtLeast(redisVersion, 7, 0)) {
    const found = valkey !== undefined ? `Valkey ${valkey}` : `Redis ${redisVersion}`;
    return `it is ${found}, and Redis 7.0 or Valkey 7.2 or later is needed`;
  }
  // The volatile-* policies evict keys with a time to live only, and we have none of those.
  const policy = fields.get("maxmemory_policy") ?? "";
  if (policy.startsWith("allkeys-")) {
    return `its maxmemory-policy ${policy} would drop pushed metrics, set it to noeviction`;
  }
  return undefined;
}

function isAtLeast(version: string, major: number, minor: number): boolean {
  const [foundMajor = 0, foundMinor = 0] = version.split(".").map(Number);
  return foundMajor > major || (foundMajor === major && foundMinor >= minor);
}
