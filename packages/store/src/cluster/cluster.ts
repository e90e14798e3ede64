import type { RegionId } from "../replication/version.ts";

/**
 * The processes that share a store, as their heartbeats tell, and the servers it is kept on. For people to look at: nothing
 * that gateways or reapers do rests on it.
 */
export interface Cluster {
  /**
   * Tells the others of this process; repeat it every `heartbeatMs`. The last report of an id counts, for
   * `forgottenAfterMs`. Rejects StoreUnavailable.
   */
  beat(report: MemberReport): Promise<void>;

  /** The process ends: it is forgotten at once. Rejects StoreUnavailable. */
  leave(id: string): Promise<void>;

  /** What is known now, by no confirmed read: a primary that was deposed may still answer. Rejects StoreUnavailable. */
  describe(): Promise<ClusterState>;
}

export const heartbeatMs = 5_000;
export const forgottenAfterMs = 30_000;

export interface ClusterState {
  /** The store's clock, milliseconds since the epoch. */
  readonly nowMs: number;
  /** In no particular order. */
  readonly members: readonly Member[];
  /** Null where groups are not kept in Redis. */
  readonly redis: RedisState | null;
}

/** A process as its last heartbeat told. */
export interface Member {
  readonly report: MemberReport;
  /** When it was heard of, by the store's clock: milliseconds since the epoch. */
  readonly seenAtMs: number;
}

export type MemberReport = GatewayReport | ReaperReport | FederatorReport;

/** Times are ages, so that clocks need not agree. */
interface ReportOfAny {
  /** Differs from all others, also from those of the process before. */
  readonly id: string;
  /** For people: host and port. */
  readonly name: string;
  readonly version: string;
  readonly uptimeMs: number;
  readonly isStopping: boolean;
}

export interface GatewayReport extends ReportOfAny {
  readonly kind: "gateway";
  readonly rates: RequestRates;
}

export interface ReaperReport extends ReportOfAny {
  readonly kind: "reaper";
  /** Since it last finished a sweep; null = never. */
  readonly sweepAgeMs: number | null;
}

export interface FederatorReport extends ReportOfAny {
  readonly kind: "federator";
  readonly region: RegionId;
  /** The regions that it is told to ship to, in order of their ids. */
  readonly peers: readonly PeerReport[];
}

/** How shipping to a region stands, as one federator knows it. */
export interface PeerReport {
  readonly id: RegionId;
  /** Whether this federator is the one that ships. The others know no more than that. */
  readonly isActive: boolean;
  /** Whether the peer took what it was last sent; null = not known. */
  readonly isUp: boolean | null;
  /** How long ago the oldest change happened that the peer has not taken, 0 when there is none; null = not known. */
  readonly lagMs: number | null;
}

/** Requests counted by intervals; each list ends with the last complete interval. */
export interface RequestRates {
  readonly intervalMs: number;
  /** Since the last complete interval ended. */
  readonly ageMs: number;
  /** Pushes and deletions that were taken. */
  readonly pushes: readonly number[];
  /** Those that were answered 4xx. */
  readonly refused: readonly number[];
  /** Those that were answered 5xx. */
  readonly failed: readonly number[];
  readonly scrapes: readonly number[];
}

/** The server that answers, as it describes itself. */
export interface RedisState {
  readonly version: string;
  /** Host and port, as this process reaches it. */
  readonly primary: string;
  readonly usedMemoryBytes: number;
  readonly replicas: readonly RedisReplica[];
}

export interface RedisReplica {
  readonly address: string;
  /** `online`, or how its first copy is coming along. */
  readonly state: string;
  /** What it has yet to acknowledge of the primary's stream. */
  readonly lagBytes: number;
  /** Since it was last heard of. */
  readonly lagSeconds: number;
}

/** Of a store that only one process has. */
export function createLocalCluster(): Cluster {
  return {
    beat: () => Promise.resolve(),
    leave: () => Promise.resolve(),
    describe: () => Promise.resolve({ nowMs: Date.now(), members: [], redis: null }),
  };
}
