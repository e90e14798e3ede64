/** Where Redis is, and what its client library is told about it. */
import { isIP } from "node:net";
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
  | SentinelEndpoint;

export interface SentinelEndpoint {
  readonly sentinels: readonly ServerAddress[];
  readonly masterName: string;
  readonly username?: string;
  readonly password?: string;
  readonly database?: number;
  readonly sentinelUsername?: string;
  readonly sentinelPassword?: string;
  /** To Redis and the Sentinels alike. */
  readonly tls?: RedisTls;
}

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

/** The library would tell Redis its name and version, which is noted there as a violation of a user with few rights. */
const anonymous = { disableClientInfo: true } as const;
/** A Sentinel that has not answered for so long hangs, and the next one is asked. */
const sentinelTimeoutMs = 2_000;

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
    sentinelCommandTimeout: sentinelTimeoutMs,
    db: database ?? 0,
    ...anonymous,
    ...filled({ username, password, sentinelUsername, sentinelPassword }),
    ...(tls === undefined
      ? {}
      : { enableTLSForSentinelMode: true, tls: tlsOptions(tls), sentinelTLS: tlsOptions(tls) }),
  };
}

/** The same for a connection to each of the Sentinels themselves. */
export function sentinelClientOptions(endpoint: SentinelEndpoint): readonly RedisClientOptions[] {
  const { sentinels, sentinelUsername: username, sentinelPassword: password, tls } = endpoint;
  return sentinels.map(({ host, port }) => ({
    host,
    port,
    ...anonymous,
    ...filled({ username, password }),
    ...(tls === undefined ? {} : { tls: tlsOptions(tls) }),
  }));
}

function serverOptions(text: string, tls: RedisTls | undefined): RedisClientOptions {
  const url = parsed(text);
  const database = url.pathname.replace(/^\//, "");
  // Not repeated: it may be the end of a password with a slash.
  if (!/^\d*$/.test(database)) throw new TypeError("the database in the Redis URL is not a number");
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const hasTls = url.protocol === "rediss:" || tls !== undefined;
  return {
    host,
    port: url.port === "" ? defaultPort : Number(url.port),
    db: Number(database),
    ...anonymous,
    ...filled({ username: decoded(url.username), password: decoded(url.password) }),
    ...(hasTls ? { tls: { ...serverName(host), ...(tls === undefined ? {} : tlsOptions(tls)) } } : {}),
  };
}

function parsed(text: string): URL {
  const url = URL.parse(text);
  if (
    url === null ||
    (url.protocol !== "redis:" && url.protocol !== "rediss:") ||
    url.hostname === "" ||
    url.search !== "" ||
    url.hash !== ""
  ) {
    throw new TypeError(
      "the Redis URL is not of the form redis[s]://[user[:password]@]host[:port][/database]",
    );
  }
  return url;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new TypeError("the user name or password in the Redis URL has a % that is not written as %25", {
      cause,
    });
  }
}

/** What a proxy in front of several servers tells them apart by. TLS knows names only: an address is not sent. */
function serverName(host: string): { servername?: string } {
  return isIP(host) === 0 ? { servername: host } : {};
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
