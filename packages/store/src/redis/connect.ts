/** The connection to Redis: how it is opened, kept and shared, and which of its failures mean "try again later". */
import type { Redis } from "ioredis";
import { StoreUnavailable } from "../store.ts";

export interface ConnectionOptions {
  /** `redis://` or `rediss://` (TLS), with user name, password and database number where needed. */
  readonly url: string;
  /** Milliseconds without any byte from Redis, while answers are due, after which the connection counts as lost. */
  readonly timeoutMs?: number;
}

export interface Connection {
  readonly redis: Redis;
  /** The server without credentials, for messages. */
  readonly address: string;
  /**
   * The error to give callers for a failed command: StoreUnavailable when the connection or the state of the server is
   * to blame, the error itself when we are.
   */
  explain(error: unknown): unknown;
}

const defaultTimeoutMs = 5_000;
const longestReconnectDelayMs = 1_000;

/** Opens a connection; it is kept open, reconnecting for ever. Rejects StoreUnavailable when the first attempt fails. */
export async function connect(options: ConnectionOptions): Promise<Connection> {
  const target = parseRedisUrl(options.url);
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
  // Loaded here, so that a gateway with the embedded store does without its 9 MB.
  const { Redis } = await import("ioredis");
  const redis = new Redis({
    ...target.endpoint,
    lazyConnect: true,
    protocol: 2,
    connectTimeout: timeoutMs,
    // One timer for all commands under way: a server that hangs loses its connection, and they all fail at once.
    socketTimeout: timeoutMs,
    retryStrategy: (attempt) => Math.min(attempt * 50, longestReconnectDelayMs),
    // A command fails at once when there is no connection, and when its connection is lost: whoever sent it knows
    // whether and how long to try again. Zero retries are needed too: without resending, ioredis would otherwise leave
    // the commands of a lost connection pending for ever.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
  });

  let lastError: Error | undefined;
  redis.on("error", (error: Error) => {
    lastError = error;
  });
  redis.on("ready", () => {
    lastError = undefined;
  });

  const explain = (error: unknown): unknown => {
    if (error instanceof Error && error.name === "ReplyError") {
      if (!isTemporary(error)) return error;
      return new StoreUnavailable(`Redis at ${target.address} refuses: ${error.message}`, { cause: error });
    }
    const reason = lastError === undefined ? "it was lost" : lastError.message;
    return new StoreUnavailable(`no connection to Redis at ${target.address}: ${reason}`, {
      cause: lastError ?? error,
    });
  };

  try {
    await redis.connect();
  } catch (error) {
    redis.disconnect();
    throw new StoreUnavailable(
      `cannot connect to Redis at ${target.address}: ${messageOf(lastError ?? error)}`,
      {
        cause: lastError ?? error,
      },
    );
  }
  return { redis, address: target.address, explain };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** First words of error replies that say something about the server at this moment, nothing about the command. */
const temporary = new Set([
  "BUSY",
  "CLUSTERDOWN",
  "LOADING",
  "MASTERDOWN",
  "MISCONF",
  "NOAUTH",
  "NOPERM",
  "NOREPLICAS",
  "OOM",
  "READONLY",
  "TRYAGAIN",
  "UNBLOCKED",
  "WRONGPASS",
]);

function isTemporary(error: Error): boolean {
  const [word = ""] = error.message.split(" ", 1);
  return temporary.has(word);
}

export interface RedisTarget {
  readonly endpoint: {
    readonly host: string;
    readonly port: number;
    readonly db: number;
    readonly username?: string;
    readonly password?: string;
    readonly tls?: { readonly servername: string };
  };
  /** For messages. */
  readonly address: string;
}

/** Throws TypeError, without repeating the password, for anything that is not a usable Redis URL. */
export function parseRedisUrl(text: string): RedisTarget {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== "redis:" && url.protocol !== "rediss:") || url.hostname === "") {
    throw new TypeError(
      "the Redis URL is not of the form redis[s]://[user[:password]@]host[:port][/database]",
    );
  }
  const database = url.pathname.replace(/^\//, "");
  if (!/^\d*$/.test(database)) {
    throw new TypeError(`the database in the Redis URL is not a number: ${JSON.stringify(database)}`);
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const port = url.port === "" ? 6379 : Number(url.port);
  return {
    address: `${url.hostname}:${port}`,
    endpoint: {
      host,
      port,
      db: Number(database),
      ...(url.username === "" ? {} : { username: decodeURIComponent(url.username) }),
      ...(url.password === "" ? {} : { password: decodeURIComponent(url.password) }),
      ...(url.protocol === "rediss:" ? { tls: { servername: host } } : {}),
    },
  };
}

/** Rejects with one clear line when the server is too old, or may evict what was acknowledged. */
export async function requireUsableServer({ redis, address, explain }: Connection): Promise<void> {
  const info = await redis.info().catch((error: unknown) => {
    throw explain(error);
  });
  const problem = problemOf(info);
  if (problem !== undefined) throw new Error(`the Redis server at ${address} cannot be used: ${problem}`);
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

function parseInfo(text: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of text.split("\r\n")) {
    const colon = line.indexOf(":");
    if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1));
  }
  return fields;
}

function isAtLeast(version: string, major: number, minor: number): boolean {
  const [foundMajor = 0, foundMinor = 0] = version.split(".").map(Number);
  return foundMajor > major || (foundMajor === major && foundMinor >= minor);
}
