/** What Redis tells of itself by INFO. */
import type { RedisReplica } from "../cluster/cluster.ts";

export type InfoFields = ReadonlyMap<string, string>;

export function parseInfo(text: string): InfoFields {
  const fields = new Map<string, string>();
  for (const line of text.split("\r\n")) {
    const colon = line.indexOf(":");
    if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1));
  }
  return fields;
}

/** `7.2.4`, or `Valkey 8.0.1`, which says that it is a Redis too. */
export function serverVersion(fields: InfoFields): string {
  const valkey = fields.get("valkey_version");
  return valkey === undefined ? (fields.get("redis_version") ?? "unknown") : `Valkey ${valkey}`;
}

/** From the lines `slave0:ip=10.0.0.2,port=6379,state=online,offset=420,lag=1` of a primary. */
export function replicasOf(fields: InfoFields): readonly RedisReplica[] {
  const written = Number(fields.get("master_repl_offset") ?? 0);
  return [...fields].flatMap(([name, line]) => {
    if (!/^slave\d+$/.test(name)) return [];
    const told = new Map(line.split(",").map((part) => splitAtFirst(part, "=")));
    const host = told.get("ip") ?? "";
    return {
      address: formatAddress(host, told.get("port") ?? ""),
      state: told.get("state") ?? "unknown",
      lagBytes: Math.max(0, written - Number(told.get("offset") ?? 0)),
      lagSeconds: Number(told.get("lag") ?? 0),
    };
  });
}

export function formatAddress(host: string, port: string | number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

function splitAtFirst(text: string, sign: string): readonly [string, string] {
  const at = text.indexOf(sign);
  return at === -1 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}
