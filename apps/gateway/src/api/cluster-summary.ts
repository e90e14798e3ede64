import {
  heartbeatMs,
  type Member,
  type MemberReport,
  type PeerReport,
  type RedisState,
  type RequestRates,
} from "@pushfleet/store";

/** Two heartbeats missed, and a moment for the second to arrive. */
const lateAfterMs = 2.5 * heartbeatMs;

/** `Member` of openapi.yaml. */
export function memberSummary({ report, seenAtMs }: Member, nowMs: number) {
  const { id, kind, name, version, uptimeMs, isStopping } = report;
  const isLate = nowMs - seenAtMs > lateAfterMs;
  return {
    id,
    kind,
    name,
    version,
    started_at: timeOf(seenAtMs - uptimeMs),
    seen_at: timeOf(seenAtMs),
    health: isLate ? "late" : isStopping ? "stopping" : "up",
    ...ofKind(report, seenAtMs),
  };
}

function ofKind(report: MemberReport, seenAtMs: number) {
  switch (report.kind) {
    case "gateway":
      return { rates: ratesSummary(report.rates, seenAtMs) };
    case "reaper":
      return { last_sweep: report.sweepAgeMs === null ? null : timeOf(seenAtMs - report.sweepAgeMs) };
    case "federator":
      return { region: report.region, peers: report.peers.map(peerSummary) };
    default:
      return report satisfies never;
  }
}

/** `Peer` of openapi.yaml. */
function peerSummary({ id, isActive, isUp, lagMs }: PeerReport) {
  return { id, active: isActive, up: isUp, lag_seconds: lagMs === null ? null : lagMs / 1000 };
}

function ratesSummary(
  { intervalMs, ageMs, pushes, refused, failed, scrapes }: RequestRates,
  seenAtMs: number,
) {
  // The gateway's clock may differ from the store's: the nearest multiple is what it counted from.
  const until = Math.round((seenAtMs - ageMs) / intervalMs) * intervalMs;
  return { interval_seconds: intervalMs / 1000, until: timeOf(until), pushes, refused, failed, scrapes };
}

/** `Redis` of openapi.yaml. */
export function redisSummary({ version, primary, usedMemoryBytes, replicas }: RedisState) {
  return {
    version,
    primary,
    used_memory_bytes: usedMemoryBytes,
    replicas: replicas.map(({ address, state, lagBytes, lagSeconds }) => ({
      address,
      state,
      lag_bytes: lagBytes,
      lag_seconds: lagSeconds,
    })),
  };
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}
