import type { Answer, HttpClient } from "./http.ts";
import { PROTOBUF, readFamilies } from "./protobuf.ts";
import { readScrape, type ScrapedFamily, type ScrapeOptions } from "./scrape.ts";

/** What a server shows of its groups, without what cannot agree between servers. */
export interface Observation {
  readonly families: ReadonlyMap<string, ScrapedFamily>;
  /** Groups of `/api/v1/metrics` by their labels as JSON. */
  readonly groups: ReadonlyMap<string, ApiGroup>;
  /** Families of a protobuf scrape by name, as sorted JSON of their metrics. */
  readonly protobuf: ReadonlyMap<string, unknown>;
}

export interface ApiGroup {
  readonly labels: Readonly<Record<string, string>>;
  readonly lastPushSuccessful: boolean;
  /** Everything else in it as JSON with sorted keys; push times are only `0` or `set`. */
  readonly families: string;
}

/** Fails when the server does not answer all three with 200 and something valid. */
export async function observe(
  client: HttpClient,
  options: ScrapeOptions & { readonly protobuf?: boolean } = {},
): Promise<Observation> {
  const [scrape, api, protobuf] = await Promise.all([
    client.send({ method: "GET", path: "/metrics" }),
    client.send({ method: "GET", path: "/api/v1/metrics" }),
    options.protobuf === true
      ? client.send({ method: "GET", path: "/metrics", headers: { Accept: PROTOBUF } })
      : undefined,
  ]);
  return {
    families: readScrape(ok(scrape).body.toString(), options),
    groups: readGroups(ok(api).body.toString(), options),
    protobuf: protobuf === undefined ? new Map() : readFamilies(ok(protobuf).body, options),
  };
}

function ok(answer: Answer): Answer {
  if (answer.status !== 200) throw new Error(`status ${answer.status}: ${answer.body}`);
  return answer;
}

function readGroups(json: string, options: ScrapeOptions): Map<string, ApiGroup> {
  const { status, data } = JSON.parse(json) as { status: string; data: Record<string, unknown>[] };
  if (status !== "success" || !Array.isArray(data)) throw new Error(`not a list of groups: ${json}`);
  const groups = new Map<string, ApiGroup>();
  for (const { labels, last_push_successful, ...families } of data) {
    const named = withoutEmpty(labels as Record<string, string>);
    if (named["job"] === options.withoutJob) continue;
    const key = JSON.stringify(named);
    if (groups.has(key)) throw new Error(`group twice: ${key}`);
    groups.set(key, {
      labels: named,
      lastPushSuccessful: last_push_successful === true,
      families: JSON.stringify(sortedKeys(families), (name, value) => {
        if (name === "labels") return withoutEmpty(value);
        if (name === "time_stamp") return Number.isNaN(Date.parse(value)) ? `bad: ${value}` : "set";
        if (name === "push_time_seconds" || name === "push_failure_time_seconds") return pushTime(value);
        return value;
      }),
    });
  }
  return groups;
}

interface ApiFamily {
  readonly metrics: readonly { readonly value: string }[];
}

const pushTime = (family: ApiFamily) => ({
  ...family,
  metrics: family.metrics.map((metric) => ({ ...metric, value: metric.value === "0" ? "0" : "set" })),
});

function withoutEmpty(labels: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(labels)
      .filter(([, value]) => value !== "")
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

function sortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map(sortedKeys);
    // The order of metrics in a family is the reader's own business; that of bucket tuples is not.
    return items.every((item) => !Array.isArray(item) && typeof item === "object")
      ? items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
      : items;
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, inner]) => [name, sortedKeys(inner)]),
  );
}
