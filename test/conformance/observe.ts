import { isUtf8 } from "node:buffer";
import { isDeepStrictEqual } from "node:util";
import { gunzipSync } from "node:zlib";
import type { Answer, HttpClient } from "./http.ts";
import { PROTOBUF, readFamilies } from "./protobuf.ts";
import { readScrape, type ScrapedFamily, type ScrapeOptions } from "./scrape.ts";

/** What a server shows of its groups, without what cannot agree between servers. */
export interface Observation {
  readonly families: ReadonlyMap<string, ScrapedFamily>;
  /** Groups of `/api/v1/metrics` by their labels as JSON. */
  readonly groups: ReadonlyMap<string, ApiGroup>;
  /** Families of `/api/v1/metrics` by the labels of the group and their name; push times are only `0` or `set`. */
  readonly groupFamilies: ReadonlyMap<string, unknown>;
  /** Families of a protobuf scrape by name, as sorted JSON of their metrics. */
  readonly protobuf: ReadonlyMap<string, unknown>;
}

interface ApiGroup {
  readonly labels: Readonly<Record<string, string>>;
  readonly lastPushSuccessful: boolean;
}

export interface ObserveOptions {
  /** Look at a protobuf scrape too. */
  readonly protobuf?: boolean;
  /** Check that a gzipped scrape shows the same; the reference may choose another help each time. */
  readonly gzip?: boolean;
}

/** Fails when the server does not answer all with 200 and something valid. */
export async function observe(
  client: HttpClient,
  options: ScrapeOptions & ObserveOptions = {},
): Promise<Observation> {
  const scrape = (headers: Record<string, string>) =>
    client.send({ method: "GET", path: "/metrics", headers });
  const [plain, api] = await Promise.all([
    scrape({}),
    client.send({ method: "GET", path: "/api/v1/metrics" }),
  ]);
  const families = readScrape(utf8(ok(plain).body), options);
  const groups = readGroups(ok(api).body.toString(), options);
  if (options.gzip === true) {
    const gzipped = await scrape({ "Accept-Encoding": "gzip" });
    if (!isDeepStrictEqual(readScrape(utf8(gunzipSync(ok(gzipped).body)), options), families)) {
      throw new Error("the gzipped scrape shows something else");
    }
  }
  const protobuf = options.protobuf === true ? ok(await scrape({ Accept: PROTOBUF })).body : Buffer.alloc(0);
  return { families, ...groups, protobuf: readFamilies(protobuf, options) };
}

function ok(answer: Answer): Answer {
  if (answer.status !== 200) throw new Error(`status ${answer.status}: ${answer.body}`);
  return answer;
}

/** Prometheus refuses a scrape that is not UTF-8. */
function utf8(body: Buffer): string {
  if (!isUtf8(body)) throw new Error("the scrape is not UTF-8");
  return body.toString();
}

function readGroups(json: string, options: ScrapeOptions): Pick<Observation, "groups" | "groupFamilies"> {
  const { status, data } = JSON.parse(json) as { status: string; data: Record<string, unknown>[] };
  if (status !== "success" || !Array.isArray(data)) throw new Error(`not a list of groups: ${json}`);
  const groups = new Map<string, ApiGroup>();
  const groupFamilies = new Map<string, unknown>();
  for (const { labels, last_push_successful, ...families } of data) {
    const named = withoutEmpty(labels as Record<string, string>);
    if (named["job"] === options.withoutJob) continue;
    const key = JSON.stringify(named);
    if (groups.has(key)) throw new Error(`group twice: ${key}`);
    groups.set(key, { labels: named, lastPushSuccessful: last_push_successful === true });
    for (const [name, family] of Object.entries(families)) {
      groupFamilies.set(`${key} ${name}`, comparableFamily(name, family as ApiFamily));
    }
  }
  return { groups, groupFamilies };
}

interface ApiFamily {
  readonly time_stamp: string;
  readonly metrics: readonly ApiMetric[];
}

interface ApiMetric {
  readonly labels: Record<string, string>;
  readonly value?: string;
  readonly sum?: string;
  readonly buckets?: Record<string, string> | readonly unknown[];
  readonly quantiles?: Record<string, string>;
}

/** Native histograms have a list of buckets, classic ones an object. */
const isTuples = (buckets: NonNullable<ApiMetric["buckets"]>): buckets is readonly unknown[] =>
  Array.isArray(buckets);

function comparableFamily(name: string, family: ApiFamily): unknown {
  const metrics = family.metrics.map(({ labels, value, sum, buckets, quantiles, ...rest }) => ({
    ...rest,
    labels: withoutEmpty(labels),
    ...(value === undefined ? {} : { value: isPushTime(name) && value !== "0" ? "set" : unsigned(value) }),
    ...(sum === undefined ? {} : { sum: unsigned(sum) }),
    ...(buckets === undefined ? {} : { buckets: isTuples(buckets) ? buckets : finite(buckets) }),
    ...(quantiles === undefined ? {} : { quantiles: finite(quantiles) }),
  }));
  const inOrder = metrics.map((metric) => JSON.stringify(metric, sortedKeys)).sort();
  const stamp = Number.isNaN(Date.parse(family.time_stamp)) ? `bad: ${family.time_stamp}` : "set";
  return { ...family, time_stamp: stamp, metrics: inOrder };
}

const isPushTime = (name: string) => name === "push_time_seconds" || name === "push_failure_time_seconds";

// The difference `api-numbers`: -0 is 0, and the last bucket is listed whether it was pushed or not.
const unsigned = (value: string) => (value === "-0" ? "0" : value);
const finite = (values: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(values)
      .filter(([bound]) => bound !== "+Inf")
      .map(([bound, value]) => [unsigned(bound), unsigned(value)]),
  );

const sortedKeys = (_: string, value: unknown) =>
  typeof value !== "object" || value === null || Array.isArray(value)
    ? value
    : Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));

function withoutEmpty(labels: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(labels)
      .filter(([, value]) => value !== "")
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
