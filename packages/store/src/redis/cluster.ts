import type { Cluster, Member, MemberReport, RedisState } from "../cluster/cluster.ts";
import { forgottenAfterMs } from "../cluster/cluster.ts";
import { regionId } from "../replication/version.ts";
import type { Connection } from "./connect.ts";
import { formatAddress, parseInfo, replicasOf, serverVersion } from "./info.ts";
import { list, number, text } from "./reply.ts";
import { loadScript } from "./script-loader.ts";
import { createScriptRunner } from "./script-runner.ts";
import { directSender } from "./sender.ts";

/** Heartbeats in a hash of Redis; needs no acknowledgements by replicas, because what is lost is told again. */
export function createRedisCluster(connection: Connection, state: string): Cluster {
  const run = createScriptRunner(connection, directSender(connection), state);
  const scripts = { beat: loadScript("beat"), members: loadScript("members") };

  return {
    async beat(report) {
      await run(scripts.beat, [report.id, JSON.stringify(report), String(forgottenAfterMs)]);
    },

    async leave(id) {
      await run(scripts.beat, [id, "", String(forgottenAfterMs)]);
    },

    async describe() {
      const [reply, redis] = await Promise.all([run(scripts.members, []), describeServer(connection)]);
      const [now, ...fields] = list(reply);
      const nowMs = number(now);
      const members = fields
        .flatMap((field, index) => (index % 2 === 1 ? readMember(text(field)) : []))
        .filter(({ seenAtMs }) => nowMs - seenAtMs <= forgottenAfterMs);
      return { nowMs, members, redis };
    },
  };
}

/** Nothing for a report of another version that this one cannot read. */
function readMember(field: string): readonly Member[] {
  const blank = field.indexOf(" ");
  const report = reportOf(field.slice(blank + 1));
  return report === undefined ? [] : [{ report, seenAtMs: Number(field.slice(0, blank)) }];
}

function reportOf(json: string): MemberReport | undefined {
  try {
    const report: unknown = JSON.parse(json);
    return isReport(report) ? report : undefined;
  } catch {
    return undefined;
  }
}

/** Whether it has what is needed to show it. It was written by another process, perhaps of another version. */
function isReport(value: unknown): value is MemberReport {
  if (typeof value !== "object" || value === null) return false;
  // What it holds is what is looked at here.
  const { id, kind, name, version, uptimeMs, isStopping, rates, sweepAgeMs, region, peers } = value as Record<
    string,
    unknown
  >;
  const isOfAny =
    [id, name, version].every((each) => typeof each === "string") &&
    Number.isFinite(uptimeMs) &&
    typeof isStopping === "boolean";
  if (kind === "reaper") return isOfAny && (sweepAgeMs === null || Number.isFinite(sweepAgeMs));
  if (kind === "federator") return isOfAny && isRegion(region) && Array.isArray(peers) && peers.every(isPeer);
  return kind === "gateway" && isOfAny && isRates(rates);
}

function isRegion(value: unknown): boolean {
  return typeof value === "string" && regionId(value) !== undefined;
}

function isPeer(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { id, isActive, isUp, lagMs } = value as Record<string, unknown>; // as above
  return (
    isRegion(id) &&
    typeof isActive === "boolean" &&
    (isUp === null || typeof isUp === "boolean") &&
    (lagMs === null || Number.isFinite(lagMs))
  );
}

function isRates(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { intervalMs, ageMs, pushes, refused, failed, scrapes } = value as Record<string, unknown>; // as above
  return (
    Number(intervalMs) > 0 &&
    Number.isFinite(ageMs) &&
    [pushes, refused, failed, scrapes].every(
      (counts) => Array.isArray(counts) && counts.every(Number.isInteger),
    )
  );
}

async function describeServer({ redis, address, explain }: Connection): Promise<RedisState> {
  try {
    const fields = parseInfo(await redis.info("server", "memory", "replication"));
    const { remoteAddress, remotePort } = redis.stream;
    return {
      version: serverVersion(fields),
      primary:
        remoteAddress === undefined || remotePort === undefined
          ? address
          : formatAddress(remoteAddress, remotePort),
      usedMemoryBytes: Number(fields.get("used_memory") ?? 0),
      replicas: replicasOf(fields),
    };
  } catch (error) {
    throw explain(error);
  }
}
