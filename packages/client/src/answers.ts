/** What the query API answers, by the names of `apps/gateway/api/openapi.yaml`; times are RFC 3339. More fields may come. */

/** Of which state of the store an answer tells. */
export interface View {
  /** The store's clock. */
  readonly now: string;
  /** Differs whenever anything has changed. */
  readonly change: string;
  /** 0 when the store confirmed this state for this answer. */
  readonly view_age_seconds: number;
}

export interface GroupSummary {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Null when there was none. */
  readonly last_push: string | null;
  /** Of the last push that was refused; null when there was none. */
  readonly last_failure: string | null;
  /** Whether the last push was refused. */
  readonly failing: boolean;
  /** Null = never. */
  readonly expires_at: string | null;
  readonly remaining_ttl_seconds?: number;
  readonly families: number;
  readonly series: number;
  readonly bytes: number;
}

export interface GroupPage extends View {
  readonly groups: readonly GroupSummary[];
  /** Groups that pass the filters, on all pages. */
  readonly matched: number;
  /** Groups that there are. */
  readonly total: number;
  readonly next_cursor: string | null;
}

export interface GroupDetail extends View, GroupSummary {
  /** Without the route prefix. */
  readonly push_path: string;
  /** In order of their names; push times are not among them. */
  readonly metrics: readonly ({ readonly name: string } & FamilyAnswer)[];
}

/** A group as a Prometheus Pushgateway tells it too. */
export interface GroupMetrics {
  readonly labels: Readonly<Record<string, string>>;
  /** Undefined = it lives for ever. */
  readonly remainingTtlSeconds: number | undefined;
  /** Push times are among them, as `push_time_seconds` and `push_failure_time_seconds`. */
  readonly families: readonly ({ readonly name: string } & FamilyAnswer)[];
}

/** Numbers are texts, because JSON has no NaN. */
export interface FamilyAnswer {
  readonly type: "COUNTER" | "GAUGE" | "SUMMARY" | "UNTYPED" | "HISTOGRAM" | "GAUGE_HISTOGRAM";
  readonly time_stamp: string;
  readonly help?: string;
  readonly metrics: readonly MetricAnswer[];
}

export interface MetricAnswer {
  readonly labels: Readonly<Record<string, string>>;
  readonly value?: string;
  readonly quantiles?: Readonly<Record<string, string>>;
  /** Cumulative counts by upper bounds; of a native histogram: boundaries rule, lower bound, upper bound, count. */
  readonly buckets?:
    | Readonly<Record<string, string>>
    | readonly (readonly [number, string, string, string])[];
  readonly count?: string;
  readonly sum?: string;
}

export interface Deletion {
  readonly matched: number;
  /** Fewer than `matched` when groups were pushed to, deleted or expired meanwhile. */
  readonly deleted: number;
  readonly dry_run: boolean;
}

export interface Status {
  readonly build_information: Readonly<Record<string, string>>;
  readonly flags: Readonly<Record<string, string>>;
  readonly start_time: string;
}

export type GatewayEvent =
  | {
      readonly event: "change";
      readonly data: {
        readonly now: string;
        readonly change: string;
        /** Ids of groups that were pushed to; null after too many changes to be told one by one. */
        readonly changed: readonly string[] | null;
        /** Ids of groups that were deleted or expired. */
        readonly removed: readonly string[] | null;
      };
    }
  | { readonly event: "store"; readonly data: { readonly up: boolean } };
