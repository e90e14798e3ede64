import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { UsageError } from "./read.ts";
import type { redisOptions } from "./redis-options.ts";
import type { ListenAddress } from "./values.ts";

type RedisConfig = { readonly [K in keyof typeof redisOptions]: (typeof redisOptions)[K]["default"] } & {
  /** Only programs that push have it. */
  readonly "redis.acks"?: number;
};

/** What the redis.* options say, checked against each other, with the files they name read. */
export type RedisSettings = (
  | { readonly url: string }
  | {
      readonly sentinels: readonly ListenAddress[];
      readonly masterName: string;
      readonly username: string;
      readonly password: string;
      readonly database: number;
      readonly sentinelUsername: string;
      readonly sentinelPassword: string;
    }
) & {
  /** Absent: no TLS, unless the URL says so. PEM texts; "" = the default. */
  readonly tls?: { readonly ca: string; readonly cert: string; readonly key: string };
  readonly acks: number;
};

/** Undefined when no Redis is configured. Throws UsageError for options that contradict each other and files that cannot be read. */
export function redisSettings(config: RedisConfig): RedisSettings | undefined {
  const { "redis.url": url, "redis.sentinels": sentinels, "redis.acks": acks = 0 } = config;
  if (url !== "" && sentinels.length > 0) {
    throw new UsageError("--redis.url and --redis.sentinels exclude each other");
  }
  if (url === "" && sentinels.length === 0) {
    if (acks > 0) throw new UsageError("--redis.acks needs --redis.url or --redis.sentinels");
    return undefined;
  }
  const rest = { ...tlsSettings(config), acks };
  const username = config["redis.username"];
  const password = secret(config, "redis.password");
  const database = config["redis.database"];
  if (url !== "") return { url: completeUrl(url, { username, password, database }), ...rest };
  return {
    sentinels,
    masterName: config["redis.master-name"],
    username,
    password,
    database,
    sentinelUsername: config["redis.sentinel-username"],
    sentinelPassword: secret(config, "redis.sentinel-password"),
    ...rest,
  };
}

/** The URL with what options say beside it. */
function completeUrl(
  text: string,
  { username, password, database }: { username: string; password: string; database: number },
): string {
  const url = new URL(text);
  const given = {
    "redis.username": { isSet: username !== "", isInUrl: url.username !== "" },
    "redis.password": { isSet: password !== "", isInUrl: url.password !== "" },
    "redis.database": { isSet: database !== 0, isInUrl: url.pathname.length > 1 },
  };
  for (const [name, { isSet, isInUrl }] of Object.entries(given)) {
    if (isSet && isInUrl) throw new UsageError(`--${name} and --redis.url both have one: leave one out`);
  }
  if (username !== "") url.username = encodeURIComponent(username);
  if (password !== "") url.password = encodeURIComponent(password);
  if (database !== 0) url.pathname = `/${database}`;
  return url.href;
}

/** A password, given as it is or by the name of a file that has it. */
function secret(config: RedisConfig, option: "redis.password" | "redis.sentinel-password"): string {
  if (config[`${option}-file`] === "") return config[option];
  if (config[option] !== "") throw new UsageError(`--${option} and --${option}-file exclude each other`);
  return read(config, `${option}-file`).trimEnd();
}

function tlsSettings(config: RedisConfig): Pick<RedisSettings, "tls"> {
  const tls = {
    ca: read(config, "redis.tls-ca-file"),
    cert: read(config, "redis.tls-cert-file"),
    key: read(config, "redis.tls-key-file"),
  };
  if ((tls.cert === "") !== (tls.key === "")) {
    throw new UsageError("--redis.tls-cert-file and --redis.tls-key-file need each other");
  }
  const isWanted = config["redis.tls"] || config["redis.url"].startsWith("rediss:");
  if (!isWanted && (tls.ca !== "" || tls.cert !== "")) {
    throw new UsageError("--redis.tls-ca-file and --redis.tls-cert-file need --redis.tls");
  }
  requirePem(tls);
  return isWanted ? { tls } : {};
}

/** A file without certificates would be taken for one that trusts nobody, and the connection fail for another reason. */
function requirePem({ ca, cert, key }: { ca: string; cert: string; key: string }): void {
  if (ca !== "") parse("redis.tls-ca-file", "a certificate", () => new X509Certificate(ca));
  if (cert === "") return;
  const certificate = parse("redis.tls-cert-file", "a certificate", () => new X509Certificate(cert));
  const privateKey = parse("redis.tls-key-file", "a key without a passphrase", () => createPrivateKey(key));
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new UsageError("--redis.tls-key-file holds another key than that of --redis.tls-cert-file");
  }
}

function parse<T>(option: FileOption, what: string, parsed: () => T): T {
  try {
    return parsed();
  } catch (cause) {
    throw new UsageError(`--${option} has not ${what} in PEM form`, { cause });
  }
}

type FileOption = Extract<keyof RedisConfig, `redis.${string}-file`>;

/** The content of the file that an option names; "" when it names none. */
function read(config: RedisConfig, option: FileOption): string {
  const file = config[option];
  if (file === "") return "";
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new UsageError(`--${option}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
