import type { Label } from "@pushfleet/exposition";
import { formatGroupPath } from "@pushfleet/groups/format-path";
import type { Deletion, GatewayEvent, GroupDetail, GroupPage, Status } from "./answers.ts";
import type { CallOptions, Client, GroupFilter, GroupLabels, PushTimes } from "./client.ts";
import { ClientError } from "./client-error.ts";
import type { Credentials } from "./credentials.ts";
import { type Answer, Delivery, type Limits } from "./delivery.ts";
import { readEvents } from "./event-stream.ts";
import { parseGateway } from "./gateways.ts";
import { readGroupMetrics } from "./group-metrics.ts";
import { type TlsOptions, Transport } from "./transport.ts";

export interface ClientOptions {
  /** Where the gateways are, with the route prefix if they have one; those that share a store, or are of regions that exchange what they have. `host:port` alone is http. */
  readonly urls: readonly string[];
  /** Sent to all of them; absent = as their URLs say. */
  readonly credentials?: Credentials | undefined;
  readonly tls?: TlsOptions | undefined;
  /** Milliseconds for a call that says nothing else; 10 s. */
  readonly timeoutMs?: number | undefined;
  /** From 0 to 1: how long pauses are. Only for tests to set. */
  readonly random?: () => number;
}

const usualTimeoutMs = 10_000;

const contentTypes = {
  text: "text/plain; version=0.0.4; charset=utf-8",
  protobuf: "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited",
} as const;

/** What `scrape` accepts to get delimited protobuf messages with all names as they are. */
export const protobufScrape = `${contentTypes.protobuf}; escaping=allow-utf-8`;

/** Nothing is sent yet. @throws ClientError bad-option */
export function createClient(options: ClientOptions): Client {
  const gateways = options.urls.map(parseGateway);
  if (gateways.length === 0) throw new ClientError("bad-option", "no URL of a gateway is given");
  const transport = new Transport({ tls: options.tls ?? {}, credentials: options.credentials });
  const delivery = new Delivery(gateways, transport, options.random ?? Math.random);
  const limits = ({ timeoutMs, signal }: CallOptions): Limits => ({
    timeoutMs: timeoutMs ?? options.timeoutMs ?? usualTimeoutMs,
    signal,
  });
  const api = async <T>(method: "GET" | "DELETE", path: string, call: CallOptions): Promise<T> =>
    dataOf<T>(await delivery.send({ method, path: `/api/v1${path}` }, limits(call)), `/api/v1${path}`);

  return {
    async push(labels, metrics, { mode, ttlMs, times, format = "text", ...call }) {
      await delivery.send(
        {
          method: mode === "replace" ? "PUT" : "POST",
          path: groupPath(labels),
          headers: {
            "Content-Type": contentTypes[format],
            ...(ttlMs === undefined ? {} : { "Pushfleet-TTL": ttlMs === 0 ? "0" : `${ttlMs}ms` }),
            ...(times === undefined ? {} : timeHeaders(times)),
          },
          body: bodyOf(metrics, format),
        },
        limits(call),
      );
    },

    async deleteGroup(labels, call = {}) {
      await delivery.send({ method: "DELETE", path: groupPath(labels) }, limits(call));
    },

    async deleteGroupsWith(labels, { max, ...call } = {}) {
      const query = queryOf({ scope: "all", max });
      await delivery.send({ method: "DELETE", path: groupPath(labels) + query }, limits(call));
    },

    deleteMatching(selectors, { max, dryRun, ...call } = {}) {
      const query = queryOf({ "match[]": selectors, max, dry_run: dryRun });
      return api<Deletion>("DELETE", `/groups${query}`, call);
    },

    async *groups(filter = {}, call = {}) {
      for (let cursor: string | null | undefined; cursor !== null; ) {
        const page: GroupPage = await api("GET", `/groups${filterQuery(filter, cursor)}`, call);
        yield page;
        cursor = page.next_cursor;
      }
    },

    group: (id, call = {}) => api<GroupDetail>("GET", `/groups/${encodeURIComponent(id)}`, call),

    async metrics(call = {}) {
      return (await api<Parameters<typeof readGroupMetrics>[0][]>("GET", "/metrics", call)).map(
        readGroupMetrics,
      );
    },

    status: (call = {}) => api<Status>("GET", "/status", call),

    async scrape({ accept, ...call } = {}) {
      const headers = accept === undefined ? {} : { Accept: accept };
      const { contentType, body } = await delivery.send(
        { method: "GET", path: "/metrics", headers },
        limits(call),
      );
      return { contentType, body };
    },

    async *events(call = {}): AsyncGenerator<GatewayEvent> {
      const path = "/api/v1/events";
      const stream = await delivery.open({ method: "GET", path }, limits(call));
      yield* readEvents(stream, { path, signal: call.signal });
    },

    [Symbol.dispose]: () => transport[Symbol.dispose](),
  };
}

/** The path of a push to the group, from `/metrics` on. @throws ClientError bad-option without a job, or for what is not Unicode */
export function groupPath(labels: GroupLabels): string {
  // Which of the two it is, Array.isArray cannot tell the types for readonly ones.
  const pairs = Array.isArray(labels) ? (labels as readonly Label[]) : Object.entries(labels);
  const given = pairs.filter(([, value]) => value !== "");
  if (!given.some(([name]) => name === "job")) throw new ClientError("bad-option", "a group needs a job");
  if (!given.every((pair) => pair.every((text) => text.isWellFormed())))
    throw new ClientError("bad-option", "a label of the group cannot be written as UTF-8");
  return `/metrics${formatGroupPath(given, { names: "utf8" })}`;
}

/** Text ends with a line feed, or the gateway would refuse it. */
function bodyOf(metrics: string | Uint8Array, format: "text" | "protobuf"): Uint8Array {
  const bytes = typeof metrics === "string" ? Buffer.from(metrics) : metrics;
  const isWhole = format === "protobuf" || bytes.length === 0 || bytes.at(-1) === lineFeed;
  return isWhole ? bytes : Buffer.concat([bytes, Buffer.of(lineFeed)]);
}

const lineFeed = 0x0a;

function timeHeaders({ pushedSeconds, failedSeconds }: PushTimes): Readonly<Record<string, string>> {
  return { "Pushfleet-Push-Time": String(pushedSeconds), "Pushfleet-Failure-Time": String(failedSeconds) };
}

function filterQuery(filter: GroupFilter, cursor: string | undefined): string {
  const { match, ...rest } = filter;
  return queryOf({ "match[]": match, ...rest, cursor });
}

type QueryValue = string | number | boolean | readonly string[] | undefined;

/** What is undefined, false or empty is left out. */
function queryOf(values: Readonly<Record<string, QueryValue>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined || value === false) continue;
    for (const one of typeof value === "object" ? value : [String(value)]) query.append(name, one);
  }
  return query.size === 0 ? "" : `?${query}`;
}

function dataOf<T>({ url, status, body }: Answer, path: string): T {
  try {
    const answer: { status?: unknown; data?: unknown } = JSON.parse(body.toString());
    // What is in it, openapi.yaml promises.
    if (answer.status === "success" && answer.data !== undefined) return answer.data as T;
  } catch {
    // Told below.
  }
  throw new ClientError("bad-answer", `${url}${path} did not answer as a gateway does`, { url, status });
}
