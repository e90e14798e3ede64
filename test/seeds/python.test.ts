import { describe, expect, test } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { pythonOfJobs } from "../support/python/jobs.ts";
import { createWorkplace, scrape } from "./workplace.ts";

const python = pythonOfJobs();

describe.skipIf(python === undefined)("with prometheus_client", () => {
  test("pushgateways/push.py pushes a gauge", async () => {
    await using gateway = await startGateway();
    await run("pushgateways/push.py", gateway.url);
    expect(await scrape(gateway.url)).toIncludeAllMembers([
      "# HELP batch_job_duration_seconds Job duration in seconds",
      "# TYPE batch_job_duration_seconds gauge",
      'batch_job_duration_seconds{instance="",job="batch_jobs"} 3.14',
    ]);
  });

  test("how-to-implement/push_metrics.py pushes gauges, a counter and a histogram", async () => {
    await using gateway = await startGateway();
    const { exitCode, stdout } = await run("how-to-implement/push_metrics.py", gateway.url);
    expect(exitCode).toBe(0);
    const [, records] = /^Processed (\d+) records in .*\nMetrics pushed successfully\n$/.exec(stdout) ?? [];
    const lines = await scrape(gateway.url);
    expect(lines).toIncludeAllMembers([
      "# TYPE batch_job_duration_seconds gauge",
      "# TYPE batch_job_records_processed_total counter",
      "# TYPE batch_job_record_processing_seconds histogram",
      "# TYPE batch_job_last_success_timestamp gauge",
    ]);
    const labels = '{instance="worker-1",job="etl_pipeline"}';
    for (const name of ["batch_job_records_processed_total", "batch_job_record_processing_seconds_count"])
      expect(sampleOf(name + labels, lines), name).toBe(Number(records));
  });

  test.each([
    { database: "up", exitCode: 0, status: "success" },
    { database: "down", exitCode: 1, status: "failure" },
  ])(
    "how-to-configure/data_processor.py pushes a $status and ends with $exitCode",
    async ({ database, exitCode, status }) => {
      await using gateway = await startGateway();
      const env = {
        PUSHGATEWAY_URL: new URL(gateway.url).host,
        HOSTNAME: "worker-7",
        DATABASE: database,
      };
      const ended = await run("how-to-configure/data_processor.py", gateway.url, { env });
      expect(ended.exitCode, ended.stderr).toBe(exitCode);
      const own = 'instance="worker-7",job="data_processor",job_name="data_processor"';
      const lines = await scrape(gateway.url);
      expect(sampleOf(`batch_job_duration_seconds{${own},status="${status}"}`, lines)).toBeGreaterThan(0);
      expect(lines).toIncludeAllMembers(
        status === "success"
          ? [
              `batch_job_records_processed_total{${own},record_type="users"} 2`,
              `batch_job_records_processed_total{${own},record_type="orders"} 1`,
              `batch_job_errors_total{error_type="validation",${own}} 1`,
              `batch_job_errors_total{error_type="database",${own}} 1`,
            ]
          : [`batch_job_errors_total{error_type="fatal",${own}} 1`],
      );
    },
  );

  test("how-to-implement/completion-timestamp.py sets the time of the last success", async () => {
    await using gateway = await startGateway();
    const ended = await run("how-to-implement/completion-timestamp.py", gateway.url, {
      before: "import time\nfrom prometheus_client import Gauge, REGISTRY, push_to_gateway\n",
      after: "push_to_gateway('GATEWAY', job='etl_pipeline', registry=REGISTRY)\n",
    });
    expect(ended.exitCode, ended.stderr).toBe(0);
    const time = sampleOf(
      'batch_job_last_success_timestamp{instance="",job="etl_pipeline"}',
      await scrape(gateway.url),
    );
    expect(time).toBeWithin(Date.now() / 1000 - 60, Date.now() / 1000 + 1);
  });

  test.each([
    { work: "pass", shows: ["job_success 1"] },
    { work: "raise RuntimeError('no rows')", shows: ["job_success 0", 'job_error{error="no rows"} 1'] },
  ])("how-to-implement/success-and-failure.py pushes either way ($work)", async ({ work, shows }) => {
    await using gateway = await startGateway();
    const ended = await run("how-to-implement/success-and-failure.py", gateway.url, {
      // The article leaves out what it has shown before, and writes dots for the arguments of the push.
      before: `
import prometheus_client
from prometheus_client import CollectorRegistry, Gauge
registry = CollectorRegistry()
job_success = Gauge('job_success', 'Success.', registry=registry)
job_error_message = Gauge('job_error', 'Error.', ['error'], registry=registry)
def process_batch():
    ${work}
def push_to_gateway(_):
    prometheus_client.push_to_gateway('GATEWAY', job='etl', registry=registry)
`,
    });
    expect(ended.exitCode, ended.stderr).toBe(0);
    const pushed = (await scrape(gateway.url))
      .filter((line) => line.startsWith("job_"))
      .map((line) => line.replace(/,?instance="",job="etl"/, "").replace("{}", ""));
    expect(pushed).toIncludeSameMembers(shows);
  });

  test("how-to-implement/grouping-keys.py pushes to a group of each run", async () => {
    await using gateway = await startGateway();
    for (const runId of ["1", "2"]) {
      const ended = await run("how-to-implement/grouping-keys.py", gateway.url, {
        before: `from prometheus_client import push_to_gateway as push, CollectorRegistry, Gauge
registry = CollectorRegistry()
Gauge('rows', 'Rows.', registry=registry).set(${runId})
def push_to_gateway(url, job, grouping_key):
    push(url, job=job, registry=registry, grouping_key=grouping_key)
hostname, run_id = 'worker-1', '${runId}'
`,
      });
      expect(ended.exitCode, ended.stderr).toBe(0);
    }
    expect(await scrape(gateway.url)).toIncludeAllMembers([
      'rows{instance="worker-1",job="etl_pipeline",run_id="1"} 1',
      'rows{instance="worker-1",job="etl_pipeline",run_id="2"} 2',
    ]);
  });

  test("how-to-implement/pushadd.py keeps other families, and replaces a counter: it adds nothing up", async () => {
    await using gateway = await startGateway();
    await fetch(`${gateway.url}/metrics/job/etl_pipeline`, { method: "PUT", body: "other 1\n" });
    const before = `from prometheus_client import CollectorRegistry, Counter
registry = CollectorRegistry()
Counter('rows', 'Rows.', registry=registry).inc(3)
`;
    for (const _ of [1, 2]) {
      const ended = await run("how-to-implement/pushadd.py", gateway.url, { before });
      expect(ended.exitCode, ended.stderr).toBe(0);
    }
    const lines = await scrape(gateway.url);
    expect(lines).toIncludeAllMembers([
      'rows_total{instance="",job="etl_pipeline"} 3',
      'other{instance="",job="etl_pipeline"} 1',
    ]);
  });

  test("how-to-configure/push-or-pushadd.py replaces the group, then merges into it", async () => {
    await using gateway = await startGateway();
    const group = `${gateway.url}/metrics/job/my_job/instance/worker-1`;
    await fetch(group, { method: "PUT", body: "before 1\n" });
    const ended = await run("how-to-configure/push-or-pushadd.py", gateway.url, {
      before: `from prometheus_client import CollectorRegistry, Gauge
registry = CollectorRegistry()
Gauge('rows', 'Rows.', registry=registry).set(3)
`,
    });
    expect(ended.exitCode, ended.stderr).toBe(0);
    const lines = await scrape(gateway.url);
    expect(lines).toContain('rows{instance="worker-1",job="my_job"} 3');
    expect(lines.filter((line) => line.startsWith("before"))).toBeEmpty();
  });
});

interface Surroundings {
  readonly env?: Readonly<Record<string, string>>;
  /** Lines before and after a snippet that is only part of a program; GATEWAY is its address. */
  readonly before?: string;
  readonly after?: string;
}

async function run(snippet: string, gatewayUrl: string, { env, before = "", after = "" }: Surroundings = {}) {
  await using workplace = await createWorkplace({ gatewayUrl });
  const around = (lines: string) => lines.replaceAll("GATEWAY", new URL(gatewayUrl).host);
  const program = around(before) + (await workplace.text(snippet)) + around(after);
  return await workplace.run(python ?? "", ["-c", program], env);
}

/** Undefined when there is no such series. */
function sampleOf(series: string, lines: readonly string[]): number | undefined {
  const line = lines.find((one) => one.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length));
}
