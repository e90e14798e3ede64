import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FAMILY_TYPE, families, labels, PROTOBUF } from "../conformance/protobuf.ts";
import { dashboards, expanded } from "./dashboards.ts";
import { type MonitoredCluster, rateInterval, startMonitoredCluster } from "./monitored-cluster.ts";
import type { Prometheus, Sample } from "./prometheus.ts";
import { lintMetrics } from "./promtool.ts";

let cluster: MonitoredCluster;
beforeAll(async () => {
  cluster = await startMonitoredCluster();
});
afterAll(() => cluster?.[Symbol.asyncDispose]());

describe.each([
  { store: "the embedded store", job: "single" },
  { store: "Redis, pushed through the other replica", job: "cluster" },
])("$store", ({ job }) => {
  const url = () => (job === "single" ? cluster.single : cluster.replicas[1]);
  const scrapers = () => [cluster.text, cluster.protobuf];

  test("what was pushed is what a query returns, under the job and instance that were pushed", async () => {
    await push(url(), `/job/${job}/instance/worker-1`, `${help("pushed_value")}pushed_value 42.5\n`);
    await push(url(), `/job/${job}`, `${help("pushed_value")}pushed_value 7\n`);
    for (const prometheus of scrapers()) {
      const samples = await untilSome(prometheus, `sort(pushed_value{job="${job}"})`, 2);
      expect(samples.map(({ metric, value: [, value] }) => [metric, value])).toEqual([
        [{ __name__: "pushed_value", job }, "7"],
        [{ __name__: "pushed_value", job, instance: "worker-1" }, "42.5"],
      ]);
    }
  });

  test("a deleted group is stale with the next scrape", async () => {
    await push(url(), `/job/${job}/instance/doomed`, `${help("doomed")}doomed 1\n`);
    for (const prometheus of scrapers()) await untilSome(prometheus, `doomed{job="${job}"}`);
    await fetch(`${url()}/metrics/job/${job}/instance/doomed`, { method: "DELETE" });
    for (const prometheus of scrapers()) await untilNone(prometheus, `doomed{job="${job}"}`);
  });

  test("a group is stale with the first scrape after its TTL", async () => {
    await push(url(), `/job/${job}/instance/mayfly?ttl=4s`, `${help("mayfly")}mayfly 1\n`);
    for (const prometheus of scrapers()) await untilSome(prometheus, `mayfly{job="${job}"}`);
    for (const prometheus of scrapers()) await untilNone(prometheus, `mayfly{job="${job}"}`);
  });

  test("a native histogram that was pushed as protobuf is one in Prometheus too", async () => {
    await push(url(), `/job/${job}`, nativeHistogram, { "Content-Type": PROTOBUF });
    const name = `record_seconds{job="${job}"}`;
    const { protobuf, text } = cluster;
    expect(values(await untilSome(protobuf, `histogram_count(${name})`))).toEqual(["6"]);
    expect(values(await untilSome(protobuf, `histogram_sum(${name})`))).toEqual(["12"]);
    // Half of the observations are in the buckets up to 2.
    expect(values(await untilSome(protobuf, `histogram_quantile(0.5, ${name})`))).toEqual(["2"]);
    expect(values(await untilSome(text, `record_seconds_count{job="${job}"}`))).toEqual(["6"]);
  });

  test("promtool finds nothing to object to in a scrape", async () => {
    const scrape = await (await fetch(`${url()}/metrics`)).text();
    expect(scrape).toInclude("pushed_value{");
    expect(await lintMetrics(scrape)).toBe("");
  });
});

test("Prometheus gets text or protobuf, as it asks, and both as gzip", () => {
  for (const { exchanges } of cluster.taps) {
    for (const format of ["text/plain", "application/vnd.google.protobuf"]) {
      const own = exchanges.filter(({ contentType }) => contentType.startsWith(format));
      expect(own.length, format).toBeGreaterThan(0);
      for (const { accept, acceptEncoding, contentEncoding } of own) {
        expect([acceptEncoding, contentEncoding]).toEqual(["gzip", "gzip"]);
        expect(accept.includes("protobuf")).toBe(format !== "text/plain");
      }
    }
  }
});

describe("dashboards", () => {
  beforeAll(() => pushJobs(cluster.replicas[0]));

  test.each(
    dashboards.flatMap(({ title, panels }) => panels.map((panel) => ({ dashboard: title, ...panel }))),
  )("$dashboard: $title", async ({ type, targets }) => {
    for (const { expr } of targets) {
      const query = expanded(expr, { rateInterval });
      await untilSome(cluster.text, query);
      if (type === "timeseries") expect(await cluster.text.queryRange(query, { seconds: 3 })).not.toBeEmpty();
    }
  });

  test("each variable has values", async () => {
    const queries = dashboards.flatMap(({ variables }) => variables.filter(({ type }) => type === "query"));
    for (const { query } of queries) {
      const [, metric = "", label = ""] = /^label_values\((.+), (\w+)\)$/.exec(query) ?? [];
      expect(await cluster.text.labelValues(label, metric)).toIncludeAllMembers(["backup", "etl"]);
    }
  });

  test("failed and overdue jobs and refused pushes are counted", async () => {
    const [batchJobs] = dashboards.filter(({ uid }) => uid === "pushfleet-batch-jobs");
    for (const title of ["Failed", "Overdue", "Running", "Refused pushes"]) {
      const [target] = batchJobs?.panels.find((panel) => panel.title === title)?.targets ?? [];
      await untilSome(cluster.text, `(${expanded(target?.expr ?? "", { rateInterval })}) == 1`);
    }
  });
});

/** Three buckets with 1, 2 and 3 observations: up to 1, 2 and 4. */
const nativeHistogram = families({
  name: "record_seconds",
  help: "Time for each record.",
  type: FAMILY_TYPE.histogram,
  metric: {
    label: labels(),
    histogram: {
      sample_count: 6,
      sample_sum: 12,
      schema: 0,
      zero_threshold: 2.938735877055719e-39,
      positive_span: [{ offset: 0, length: 3 }],
      positive_delta: [1, 1, 1],
    },
  },
});

/** Jobs that did well, that run just now, that failed, that did not run for days, and one that cannot push. */
async function pushJobs(url: string): Promise<void> {
  const now = Date.now() / 1000;
  const jobs = {
    "/job/etl/instance/worker-1": `batch_job_success 1
batch_job_duration_seconds 42.5
batch_job_last_success_timestamp ${now}
batch_job_records_processed_total{record_type="users"} 900
batch_job_errors_total{error_type="validation"} 9
`,
    "/job/import": `batch_job_last_start_timestamp_seconds ${now}
batch_job_cpu_seconds{mode="user"} 2
batch_job_resident_memory_max_bytes 50000000
`,
    "/job/report": `batch_job_success 0
batch_job_last_success_timestamp_seconds ${now - 3600}
`,
    "/job/forgotten": `batch_job_success 1
batch_job_last_success_timestamp ${now - 3 * 86_400}
`,
    "/job/backup": `backup_success 1
backup_duration_seconds 600
backup_last_completion_timestamp ${now}
`,
  };
  for (const [path, body] of Object.entries(jobs)) await push(url, path, body);
  const refused = await fetch(`${url}/metrics/job/backup`, { method: "PUT", body: "m 1\nm 2\n" });
  expect(refused.status).toBe(400);
}

async function push(url: string, path: string, body: string | Uint8Array, headers = {}): Promise<void> {
  const response = await fetch(`${url}/metrics${path}`, { method: "POST", body: Buffer.from(body), headers });
  expect(response.status, await response.text()).toBe(200);
}

const help = (name: string) => `# HELP ${name} What a test pushes.\n`;

const values = (samples: readonly Sample[]) => samples.map(({ value: [, value] }) => value);

/** Asks until the query returns so many series. */
async function untilSome(prometheus: Prometheus, query: string, count = 1): Promise<readonly Sample[]> {
  return await until(prometheus, query, (samples) => samples.length >= count);
}

/** Asks until the query returns nothing, which without a staleness marker takes five minutes. */
async function untilNone(prometheus: Prometheus, query: string): Promise<void> {
  await until(prometheus, query, (samples) => samples.length === 0);
}

const patienceMs = 15_000;

async function until(
  prometheus: Prometheus,
  query: string,
  isEnough: (samples: readonly Sample[]) => boolean,
): Promise<readonly Sample[]> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const samples = await prometheus.query(query);
    if (isEnough(samples)) return samples;
    if (Date.now() > deadline)
      throw new Error(`${query} is ${JSON.stringify(samples)} after ${patienceMs} ms`);
    await delay(100);
  }
}
