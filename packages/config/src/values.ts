import { InvalidValue } from "./option.ts";

/** Where to listen: a TCP address. An empty host is every interface. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** Any text as it stands. */
export function text(given: string): string {
  return given;
}

/** `HOST:PORT`, `:PORT` or `[IPV6]:PORT`, as Go's net.Listen takes them (numeric ports only). */
export function listenAddress(given: string): ListenAddress {
  if (given.startsWith("vsock://"))
    throw new InvalidValue("vsock addresses are not supported; use HOST:PORT");
  const match = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/.exec(given);
  const port = Number(match?.[3]);
  if (match === null || port > 65535) {
    throw new InvalidValue(`must be HOST:PORT or :PORT, for example 127.0.0.1:9091, got "${given}"`);
  }
  return { host: match[1] ?? match[2] ?? "", port };
}

/** The notation that `listenAddress` reads. */
export function formatListenAddress({ host, port }: ListenAddress): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** `HOST:PORT` of a server to connect to. */
export function hostPort(given: string): ListenAddress {
  const match = /^(?:\[([^\]]+)\]|([^:\s]+)):(\d{1,5})$/.exec(given.trim());
  const port = Number(match?.[3]);
  if (match === null || port === 0 || port > 65535) {
    // What has an @ may hold a password.
    const got = given.includes("@") ? "and has no user name or password" : `got "${given}"`;
    throw new InvalidValue(`must be HOST:PORT, for example sentinel-1:26379, ${got}`);
  }
  return { host: match[1] ?? match[2] ?? "", port };
}

/** A whole number, 0 or more. */
export function countFromZero(given: string): number {
  if (!/^\d{1,6}$/.test(given)) throw new InvalidValue(`must be a whole number, 0 or more, got "${given}"`);
  return Number(given);
}

/** A whole number above zero. */
export function countFromOne(given: string): number {
  const count = Number(given);
  if (/^\d{1,9}$/.test(given) && count > 0) return count;
  throw new InvalidValue(`must be a whole number from 1 to 999999999, got "${given}"`);
}

/** So many a second; decimals allow for some a minute or an hour. */
export function rate(given: string): number {
  const perSecond = Number(given);
  if (/^\d{1,7}(?:\.\d{1,6})?$/.test(given) && perSecond >= slowestRate) return perSecond;
  throw new InvalidValue(`must be a number from ${slowestRate} to 9999999, got "${given}"`);
}

/** Ten a day. */
const slowestRate = 0.0001;

/** For people to read: that there is one, and not what it is. */
export function maskSecret(given: string): string {
  return given === "" ? "" : "xxxxx";
}

const millisecondsPerUnit: ReadonlyMap<string, number> = new Map([
  ["ms", 1],
  ["s", 1000],
  ["m", 60_000],
  ["h", 3_600_000],
  ["d", 86_400_000],
  ["w", 604_800_000],
  ["y", 31_536_000_000],
]);

/** What Prometheus can say too: 2^63 nanoseconds, some 292 years. */
const longestDurationMs = 9_223_372_036_854;

/**
 * A duration in Prometheus' notation (model.ParseDuration): units from large to small, each at most once, such as `90s`
 * or `1h30m`; `0` needs no unit. Returns milliseconds.
 */
export function duration(given: string): number {
  if (given === "0") return 0;
  const match = /^(\d+y)?(\d+w)?(\d+d)?(\d+h)?(\d+m)?(\d+s)?(\d+ms)?$/.exec(given);
  if (match === null || given === "") {
    throw new InvalidValue(`must be a duration such as 15s, 5m or 1h30m, got "${given}"`);
  }
  let total = 0;
  for (const part of match.slice(1)) {
    if (part === undefined) continue;
    const unit = part.replace(/^\d+/, "");
    total += Number.parseInt(part, 10) * (millisecondsPerUnit.get(unit) ?? 0);
  }
  if (total > longestDurationMs) throw new InvalidValue(`is too long a duration: "${given}"`);
  return total;
}

/** As `duration`, but for something that has to end. */
export function durationAboveZero(given: string): number {
  const milliseconds = duration(given);
  if (milliseconds > 0) return milliseconds;
  throw new InvalidValue("must be more than 0");
}

/** The shortest notation that `duration` reads back to the same number. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds === 0) return "0s";
  let rest = milliseconds;
  let written = "";
  for (const unit of ["d", "h", "m", "s", "ms"]) {
    const size = millisecondsPerUnit.get(unit) ?? 1;
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) written += `${count}${unit}`;
  }
  return written;
}

const bytesPerUnit: ReadonlyMap<string, number> = new Map([
  ["", 1],
  ["B", 1],
  ["KB", 1024],
  ["KiB", 1024],
  ["MB", 1024 ** 2],
  ["MiB", 1024 ** 2],
  ["GB", 1024 ** 3],
  ["GiB", 1024 ** 3],
]);

/** A number of bytes: plain, or with KiB, MiB or GiB (KB, MB and GB mean the same, as in Prometheus' own flags). */
export function byteSize(given: string): number {
  const match = /^(\d+)([A-Za-z]*)$/.exec(given);
  const unit = bytesPerUnit.get(match?.[2] ?? "");
  const bytes = Number(match?.[1]) * (unit ?? Number.NaN);
  if (!Number.isSafeInteger(bytes) || bytes === 0) {
    throw new InvalidValue(`must be a size above zero such as 512KiB or 32MiB, got "${given}"`);
  }
  return bytes;
}

/** The largest unit that divides the number evenly. */
export function formatByteSize(bytes: number): string {
  for (const unit of ["GiB", "MiB", "KiB"]) {
    const size = bytesPerUnit.get(unit) ?? 1;
    if (bytes % size === 0) return `${bytes / size}${unit}`;
  }
  return `${bytes}B`;
}

/** An absolute http or https URL, or a path such as `/pushgateway`; "" when none is set. */
export function externalUrl(given: string): string {
  if (given === "" || given.startsWith("/")) return given;
  if (!URL.canParse(given) || !/^https?:$/.test(new URL(given).protocol)) {
    throw new InvalidValue(`must be an http or https URL, got "${withoutCredentials(given)}"`);
  }
  return given;
}

/** A path on this server: a leading slash is added, trailing ones are cut, and `/` is the empty prefix. */
export function pathPrefix(given: string): string {
  const trimmed = given.replace(/^\/+|\/+$/g, "");
  if (/[?#\s]/.test(trimmed))
    throw new InvalidValue(`must be a plain path such as /pushgateway, got "${given}"`);
  return trimmed === "" ? "" : `/${trimmed}`;
}

/** The URL of a Redis server, or "" for none. */
export function redisUrl(given: string): string {
  if (given === "") return given;
  if (!URL.canParse(given) || !/^rediss?:$/.test(new URL(given).protocol)) {
    throw new InvalidValue(
      "must be a URL such as redis://127.0.0.1:6379/0 or rediss://user:password@redis.example.com:6380",
    );
  }
  return given;
}

/** The URL without its password, for people to read. */
export function redactUrl(url: string): string {
  const redacted = URL.parse(url);
  if (redacted === null || redacted.password === "") return url;
  redacted.password = "xxxxx";
  return redacted.toString();
}

/** For messages: what should have been a URL, without what may be a user and a password. */
export function withoutCredentials(given: string): string {
  return given.replace(/^.*@/s, "…@");
}
