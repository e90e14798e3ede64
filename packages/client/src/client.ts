import type { Label } from "@pushfleet/exposition";
import type { Deletion, GatewayEvent, GroupDetail, GroupMetrics, GroupPage, Status } from "./answers.ts";

/**
 * Pushes to gateways and asks them, over HTTP. The gateways of one client share a store, or are of regions that exchange what
 * they have, so any of them will do: the one that answered last is asked first, and another when it cannot be reached, does not
 * answer in time, or answers 5xx. Works with a Prometheus Pushgateway too, but for what only Pushfleet has: times to live are
 * passed over there, and all that needs the query API fails with not-found.
 *
 * Errors: every method rejects with ClientError and nothing else, an iterable when the next item is asked for. 4xx is never
 * repeated. All else is, until the time is up; what is thrown then is what the last attempt failed of.
 *
 * Repetition: every request may be sent again safely, also one that failed: while its outcome is unknown, it may have taken
 * effect or may still do so. In particular a push that timed out may arrive after a later push of the same group.
 *
 * Visibility: once a push or deletion has resolved, every scrape that starts later shows it, on every gateway of one store.
 *
 * Calls may run at the same time, in any number. They are in no order among each other.
 */
export interface Client extends Disposable {
  /**
   * Pushes to the group of these labels. Empty values count as absent; `job` is needed. Characters of any kind are allowed in
   * values: they are escaped as the gateway reads them. `replace` (PUT) drops all families of the group first, `merge` (POST)
   * those of the same names.
   *
   * @param metrics Text format 0.0.4, to which a missing line feed at the end is added; or with `format: "protobuf"` delimited MetricFamily messages.
   */
  push(labels: GroupLabels, metrics: string | Uint8Array, options: PushOptions & CallOptions): Promise<void>;

  /** Deletes the group of exactly these labels. That there is none is no error. */
  deleteGroup(labels: GroupLabels, options?: CallOptions): Promise<void>;

  /** Deletes every group that has these labels, and maybe others; none when there are more than `max` (1,000): too-many. A
   * Prometheus Pushgateway deletes the one group and says nothing. */
  deleteGroupsWith(labels: GroupLabels, options?: MaxOption & CallOptions): Promise<void>;

  /**
   * Deletes the groups that any of the selectors matches, such as `{job="backup",instance=~"db-.*"}`; none when there are more
   * than `max` (1,000): too-many. With `dryRun` it only counts them. What is pushed meanwhile stays. Repeated after a
   * failure, `deleted` counts what was left.
   */
  deleteMatching(
    selectors: readonly string[],
    options?: MaxOption & { readonly dryRun?: boolean } & CallOptions,
  ): Promise<Deletion>;

  /**
   * The groups that pass all filters, page by page; each page is asked for when the one before has been used. Groups that do
   * not change meanwhile are on exactly one page; others may be on two or on none. The time allowed is that of each page.
   */
  groups(filter?: GroupFilter, options?: CallOptions): AsyncIterable<GroupPage>;

  /** One group with its metrics, by its id. Rejects not-found when there is none. */
  group(id: string, options?: CallOptions): Promise<GroupDetail>;

  /** All groups with their metrics as of one moment, in no particular order. A Prometheus Pushgateway has them too. */
  metrics(options?: CallOptions): Promise<readonly GroupMetrics[]>;

  status(options?: CallOptions): Promise<Status>;

  /** All metrics of all groups, as Prometheus gets them. */
  scrape(options?: ScrapeOptions & CallOptions): Promise<Scrape>;

  /**
   * What changes from now on, at most one event a second; the first says where things stand. Goes on until the loop over it is
   * left, the signal aborts or the connection ends: then ask again, and list anew, because nothing is told twice. The time
   * allowed is that until the first event.
   */
  events(options?: CallOptions): AsyncIterable<GatewayEvent>;

  /** Ends all connections; calls that wait reject. */
  [Symbol.dispose](): void;
}

/** Grouping labels by their names, `job` among them. */
export type GroupLabels = Readonly<Record<string, string>> | readonly Label[];

export interface CallOptions {
  /** Milliseconds for the whole call; otherwise the client's. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface PushOptions {
  readonly mode: "replace" | "merge";
  /** Milliseconds from the push until the group is gone; 0 = never; absent = as the gateway has it. */
  readonly ttlMs?: number | undefined;
  /** Default "text". */
  readonly format?: "text" | "protobuf";
  /** What the group is to tell instead of when this push was, for groups that come from elsewhere; needs the role admin. */
  readonly times?: PushTimes | undefined;
}

/** Seconds since the epoch; 0 = never. */
export interface PushTimes {
  readonly pushedSeconds: number;
  /** Of the last push that was refused. */
  readonly failedSeconds: number;
}

export interface MaxOption {
  readonly max?: number | undefined;
}

/** As docs/api.md has them. Durations are Prometheus' own, such as `1h30m`. */
export interface GroupFilter {
  /** Any of the selectors has to match. */
  readonly match?: readonly string[] | undefined;
  /** Words, each of which has to occur in the labels. */
  readonly search?: string | undefined;
  /** Only groups whose last push was refused. */
  readonly failed?: boolean | undefined;
  /** Without a successful push for so long. */
  readonly stale?: string | undefined;
  /** Expires within so long. */
  readonly expiring?: string | undefined;
  readonly sort?: GroupSort | undefined;
  readonly order?: "asc" | "desc" | undefined;
  /** On a page, 1 to 1,000. */
  readonly limit?: number | undefined;
}

export const groupSorts = ["last_push", "failure", "job", "series", "bytes", "expiry"] as const;

export type GroupSort = (typeof groupSorts)[number];

export interface ScrapeOptions {
  /** The Accept header; absent = text. */
  readonly accept?: string;
}

export interface Scrape {
  readonly contentType: string;
  readonly body: Buffer;
}
