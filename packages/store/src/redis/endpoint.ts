/** Where Redis is, and what its client library is told about it. */
import type { RedisOptions } from "ioredis";

interface ServerAddress {
  readonly host: string;
  readonly port: number;
}

/** PEM texts; "" = the system's authorities, no client certificate. */
interface RedisTls {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** One server, or the Sentinels that know which server is the primary now. "" = none. */
export type RedisEndpoint =
  | {
      /** `redis://` or `rediss://` (TLS), with user name, password and database number where needed. */
      readonly url: string;
      readonly tls?: RedisTls;
    }
  | {
      readonly sentinels: readonly ServerAddress[];
      readonly masterName: string;
      readonly username?: string;
      readonly password?: string;
      readonly database?: number;
      readonly sentinelUsername?: string;
      readonly sentinelPassword?: string;
      /** To Redis and the Sentinels alike. */
      readonly tls?: RedisTls;
    };

/** The servers without credentials, for messages. Throws TypeError as `redisClientOptions`. */
export function endpointText(endpoint: RedisEndpoint): string {
  if ("url" in endpoint) {
    const { hostname, port } = parsed(endpoint.url);
    return `${hostname}:${port === "" ? defaultPort : port}`;
  }
  const addresses = endpoint.sentinels.map(({ host, port }) => `${host}:${port}`);
  return `${endpoint.masterName} (by Sentinels ${addresses.join(", ")})`;
}

const defaultPort = 6379;

/** Without an option of theirs that turns types around. */
export type RedisClientOptions = Omit<RedisOptions, "replyMapping">;

/** The part of ioredis' options that says where and as whom to connect. Throws TypeError, without repeating the password, for an unusable URL. */
export function redisClientOptions(endpoint: RedisEndpoint): RedisClientOptions {
  if ("url" in endpoint) return serverOptions(endpoint.url, endpoint.tls);
  const { sentinels, masterName, username, password, database, sentinelUsername, sentinelPassword, tls } =
    endpoint;
  return {
    sentinels: sentinels.map(({ host, port }) => ({ host, port })),
    name: masterName,
    role: "master",
    // Sentinels announce a failover: whoever still talks to the old primary hangs up.
    failoverDetector: true,
    db: database ?? 0,
    ...filled({ username, password, sentinelUsername, sentinelPassword }),
    ...(tls === undefined
      ? {}
      : { enableTLSForSentinelMode: true, tls: tlsOptions(tls), sentinelTLS: tlsOptions(tls) }),
  };
}

function serverOptions(text: string, tls: RedisTls | undefined): RedisClientOptions {
  const url = parsed(text);
  const database = url.pathname.replace(/^\//, "");
  if (!/^\d*$/.test(database)) {
    throw new TypeError(`the database in the Redis URL is not a number: ${JSON.stringify(database)}`);
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const hasTls = url.protocol === "rediss:" || tls !== undefined;
  return {
    host,
    port: url.port === "" ? defaultPort : Number(url.port),
    db: Number(database),
    ...filled({ username: decodeURIComponent(url.username), password: decodeURIComponent(url.password) }),
    ...(hasTls ? { tls: { servername: host, ...(tls === undefined ? {} : tlsOptions(tls)) } } : {}),
  };
}

function parsed(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== "redis:" && url.protocol !== "rediss:") || url.hostname === "") {
    throw new TypeError(
      "the Redis URL is not of the form redis[s]://[user[:password]@]host[:port][/database]",
    );
  }
  return url;
}

function tlsOptions({ ca, cert, key }: RedisTls): Partial<RedisTls> {
  return filled({ ca, cert, key });
}

/** Without what is "" or absent. */
function filled<T extends Readonly<Record<string, string | undefined>>>(
  texts: T,
): { [K in keyof T]?: string } {
  // Only entries of T are kept.
  return Object.fromEntries(
    Object.entries(texts).filter(([, text]) => text !== undefined && text !== ""),
  ) as {
    [K in keyof T]?: string;
  };
}
