import { readFileSync } from "node:fs";
import { UsageError } from "./read.ts";
import type { redisOptions } from "./redis-options.ts";
import type { ListenAddress } from "./values.ts";

type RedisConfig = { readonly [K in keyof typeof redisOptions]: (typeof redisOptions)[K]["default"] };

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
  const url = config["redis.url"];
  const sentinels = config["redis.sentinels"];
  if (url !== "" && sentinels.length > 0) {
    throw new UsageError("--redis.url and --redis.sentinels exclude each other");
  }
  if (url === "" && sentinels.length === 0) {
    if (config["redis.acks"] > 0) throw new UsageError("--redis.acks needs --redis.url or --redis.sentinels");
    return undefined;
  }
  const rest = { ...tlsSettings(config), acks: config["redis.acks"] };
  if (url !== "") {
    for (const name of ["redis.username", "redis.password", "redis.password-file"] as const) {
      if (config[name] !== "")
        throw new UsageError(`--${name} goes with --redis.sentinels; a URL holds its own`);
    }
    return { url, ...rest };
  }
  return {
    sentinels,
    masterName: config["redis.master-name"],
    username: config["redis.username"],
    password: password(config),
    database: config["redis.database"],
    sentinelUsername: config["redis.sentinel-username"],
    sentinelPassword: config["redis.sentinel-password"],
    ...rest,
  };
}

function password(config: RedisConfig): string {
  if (config["redis.password-file"] === "") return config["redis.password"];
  if (config["redis.password"] !== "") {
    throw new UsageError("--redis.password and --redis.password-file exclude each other");
  }
  return read(config, "redis.password-file").trimEnd();
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
  return isWanted ? { tls } : {};
}

function read(
  config: RedisConfig,
  option: "redis.password-file" | "redis.tls-ca-file" | "redis.tls-cert-file" | "redis.tls-key-file",
): string {
  const file = config[option];
  if (file === "") return "";
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new UsageError(`--${option}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
