// What the gateway's API answers, as its OpenAPI document (apps/gateway/api/openapi.yaml) says it.

/** RFC 3339, by the store's clock. */
export type Time = string;
export type Labels = Readonly<Record<string, string>>;

export type ApiErrorType =
  | "bad_data"
  | "unauthenticated"
  | "forbidden"
  | "not_found"
  | "method_not_allowed"
  | "too_many"
  | "too_often"
  | "unavailable"
  | "internal";

/** Of which state of the store an answer tells. */
export interface View {
  readonly now: Time;
  /** Differs whenever anything has changed. */
  readonly change: string;
  /** 0 when the store confirmed the state for this answer. */
  readonly view_age_seconds: number;
}

export interface Group {
  readonly id: string;
  readonly labels: Labels;
  readonly last_push: Time | null;
  readonly last_failure: Time | null;
  readonly failing: boolean;
  readonly expires_at: Time | null;
  readonly remaining_ttl_seconds?: number;
  /** Of the last push; null when none succeeded. Not there in a cluster that belongs to no region. */
  readonly region?: string | null;
  readonly families: number;
  /** Of these, how many scrapes do not show in full. Not there in a cluster that belongs to no region. */
  readonly hidden_families?: number;
  readonly series: number;
  readonly bytes: number;
}

export interface GroupPage extends View {
  readonly groups: readonly Group[];
  readonly matched: number;
  readonly total: number;
  readonly next_cursor: string | null;
}

export interface GroupDetail extends View, Group {
  /** From `/metrics/job/` on, without the route prefix. */
  readonly push_path: string;
  readonly metrics: readonly Family[];
}

export interface Family {
  readonly name: string;
  readonly time_stamp: Time;
  readonly type: "GAUGE" | "COUNTER" | "UNTYPED" | "SUMMARY" | "HISTOGRAM" | "GAUGE_HISTOGRAM";
  readonly help?: string;
  /** Where it was pushed; not there in a cluster that belongs to no region. */
  readonly region?: string;
  /** Not there when scrapes show it. */
  readonly hidden?: Hidden;
  readonly metrics: readonly Metric[];
}

/** Why scrapes do not show a family, or not in full. */
interface Hidden {
  readonly reason: "type" | "suffix" | "series";
  /** False when only some of its series are hidden. */
  readonly whole: boolean;
  /** A sentence. */
  readonly because: string;
}

/** Numbers are strings, because JSON has no NaN and no infinity. */
export interface Metric {
  readonly labels: Labels;
  readonly value?: string;
  readonly count?: string;
  readonly sum?: string;
  readonly quantiles?: Readonly<Record<string, string>>;
  readonly buckets?: ClassicBuckets | readonly NativeBucket[];
}

/** Cumulative counts by upper bound. */
export type ClassicBuckets = Readonly<Record<string, string>>;

/** Boundaries (0: (a, b], 1: [a, b), 2: (a, b), 3: [a, b]), lower bound, upper bound, count. */
export type NativeBucket = readonly [boundaries: number, lower: string, upper: string, count: string];

export interface Job {
  readonly job: string;
  readonly groups: number;
  readonly series: number;
  readonly bytes: number;
  readonly last_push: Time | null;
  readonly failing: number;
  readonly next_expiry: Time | null;
}

export interface JobPage extends View {
  readonly jobs: readonly Job[];
  readonly matched: number;
  readonly total: number;
  readonly next_cursor: string | null;
}

export interface Deletion {
  readonly matched: number;
  readonly deleted: number;
  readonly dry_run: boolean;
}

export interface Cluster {
  readonly now: Time;
  /** Id of the replica that answered. */
  readonly self: string;
  /** Not there in a cluster that belongs to none. */
  readonly region?: string;
  readonly store: Store;
  readonly members: readonly Member[];
}

export interface Store {
  readonly kind: "memory" | "file" | "redis";
  readonly up: boolean;
  readonly groups: number;
  readonly view_age_seconds: number;
  /** Only with Redis; null while it does not answer. */
  readonly redis?: Redis | null;
}

export interface Redis {
  readonly version: string;
  readonly primary: string;
  readonly used_memory_bytes: number;
  readonly replicas: readonly RedisReplica[];
}

interface RedisReplica {
  readonly address: string;
  readonly state: string;
  readonly lag_bytes: number;
  readonly lag_seconds: number;
}

export interface Member {
  readonly id: string;
  readonly kind: "gateway" | "federator" | "reaper";
  readonly name: string;
  readonly version: string;
  readonly started_at: Time;
  readonly seen_at: Time;
  readonly health: "up" | "late" | "stopping";
  /** Of a reaper; null when it has not swept yet. */
  readonly last_sweep?: Time | null;
  /** Of a federator. */
  readonly peers?: readonly Peer[];
  /** Of a gateway. */
  readonly rates?: Rates;
}

/** How shipping to another region stands, as one federator knows it. */
export interface Peer {
  readonly id: string;
  /** Whether this federator is the one that ships. */
  readonly active: boolean;
  /** Whether the region took what it was last sent; null = not known. */
  readonly up: boolean | null;
  /** Of the oldest change that the region has not taken, 0 when there is none; null = not known. */
  readonly lag_seconds: number | null;
}

/** Requests by interval; intervals begin at multiples of their length, and each list ends at `until`. */
export interface Rates {
  readonly interval_seconds: number;
  readonly until: Time;
  readonly pushes: readonly number[];
  readonly refused: readonly number[];
  readonly failed: readonly number[];
  readonly scrapes: readonly number[];
}

/** Ids of groups; null when too many changed to be told. */
export interface GroupsChanged {
  readonly now: Time;
  readonly change: string;
  readonly changed: readonly string[] | null;
  readonly removed: readonly string[] | null;
}

export interface Status {
  readonly build_information: Readonly<Record<string, string>>;
  readonly flags: Readonly<Record<string, string>>;
  readonly start_time: Time;
}
