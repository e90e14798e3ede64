import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { type Prometheus, type Sample, startPrometheus } from "../prometheus/prometheus.ts";
import { promtool } from "../prometheus/promtool.ts";
import { startGateway } from "../support/gateway.ts";
import { freePort } from "../support/ports.ts";
import { startServerProcess } from "../support/process.ts";
import { createWorkplace } from "./workplace.ts";

/** One of the configurations scrapes every 15 s. */
const patience = { timeout: 60_000, interval: 200 };

describe.each([
  { snippet: "pushgateways/prometheus.yml", job: "etl", instance: "worker-1" },
  { snippet: "how-to-implement/prometheus.yml", job: "etl", instance: "worker-1" },
  { snippet: "how-to-configure/prometheus.yml", job: "etl", instance: "worker-1" },
  // Without honor_labels: what the job pushed is under exported_job and exported_instance.
  { snippet: "short-lived-jobs/prometheus.yml", job: "pushgateway", app: "pushgateway" },
])("$snippet", { concurrent: true }, ({ snippet, job, ...labels }) => {
  test("promtool accepts it, and a Prometheus scrapes with it", { timeout: 90_000 }, async () => {
    await using gateway = await startGateway();
    await using workplace = await createWorkplace({ gatewayUrl: gateway.url });
    const file = await workplace.put(snippet);
    expect(await promtool("check", "config", file)).toInclude("SUCCESS");
    await push(gateway.url, "/job/etl/instance/worker-1", "rows 15000\n");
    const config = { global: { scrape_interval: "1s" }, ...parse(await readFile(file, "utf8")) };
    await using prometheus = await startPrometheus({ config });
    const [sample] = await untilSome(prometheus, "rows");
    expect(sample).toMatchObject({ metric: { job, ...labels }, value: [expect.any(Number), "15000"] });
  });
});

test("pushgateways/restart-prometheus.sh and pushgateways/start-prometheus.sh run a Prometheus with it", async () => {
  await using gateway = await startGateway();
  const address = `127.0.0.1:${await freePort()}`;
  await using workplace = await createWorkplace({ gatewayUrl: gateway.url });
  const config = await workplace.text("pushgateways/prometheus.yml");
  await writeFile(join(workplace.directory, "etc/prometheus/prometheus.yml"), config);
  // The program that the article has unpacked, with a port and a folder of its own.
  await writeFile(
    join(workplace.directory, "prometheus"),
    `#!/bin/sh\nexec prometheus "$@" --web.listen-address=${address} --storage.tsdb.path=${workplace.directory}/data\n`,
    { mode: 0o755 },
  );
  expect(await workplace.bash("pushgateways/restart-prometheus.sh")).toMatchObject({ exitCode: 0 });
  expect(await workplace.commands()).toEqual([["systemctl", "restart", "prometheus"]]);

  await using _prometheus = await startServerProcess({
    command: "bash",
    args: [
      "-c",
      `cd ${workplace.directory} && exec ${await workplace.text("pushgateways/start-prometheus.sh")}`,
    ],
    env: workplace.env,
    readyUrl: `http://${address}/-/ready`,
  });
  const targets = async () => (await fetch(`http://${address}/api/v1/targets`)).json();
  await expect.poll(targets, patience).toMatchObject({
    data: { activeTargets: [{ scrapePool: "batch_jobs", scrapeUrl: `${gateway.url}/metrics` }] },
  });
});

test("how-to-configure/debug.sh shows groups, metrics and the target, and pushes", {
  timeout: 60_000,
}, async () => {
  await using gateway = await startGateway();
  await using workplace = await createWorkplace({ gatewayUrl: gateway.url });
  const config = parse(await workplace.text("how-to-configure/prometheus.yml"));
  await using prometheus = await startPrometheus({ config });
  await using debugging = await createWorkplace({ gatewayUrl: gateway.url, prometheusUrl: prometheus.url });
  await push(gateway.url, "/job/etl", "batch_job_success 1\n");
  await expect
    .poll(async () => (await debugging.bash("how-to-configure/debug.sh")).stdout, patience)
    .toMatch(/"scrapePool": "pushgateway"/);
  const { exitCode, stdout } = await debugging.bash("how-to-configure/debug.sh");
  expect(exitCode).toBe(0);
  expect(stdout).toInclude('"status": "success"');
  expect(stdout).toInclude('batch_job_success{instance="",job="etl"} 1\n');
  expect(await (await fetch(`${gateway.url}/metrics`)).text()).toInclude(
    'test_metric{instance="",job="test_job"} 123',
  );
});

describe("rules", () => {
  test.each([
    ["how-to-implement/pushgateway_alerts.yml", "pushgateway_alerts"],
    ["how-to-configure/prometheus-rules.yaml", "prometheus-rules"],
    ["how-to-configure/prometheus-recording-rules.yaml", "prometheus-recording-rules"],
  ])("%s: promtool accepts it, and each rule does what it is for", async (snippet, name) => {
    await using workplace = await createWorkplace({ gatewayUrl: "http://127.0.0.1:1" });
    expect(await promtool("check", "rules", await workplace.put(snippet))).toInclude("SUCCESS");
    const tests = fileURLToPath(new URL(`rules/${name}.test.yml`, import.meta.url));
    expect(await promtool("test", "rules", tests)).toInclude("SUCCESS");
  });
});

test("how-to-configure/dashboard.json: each panel has data once the article's jobs have pushed", {
  timeout: 60_000,
}, async () => {
  await using gateway = await startGateway();
  await using workplace = await createWorkplace({ gatewayUrl: gateway.url });
  await pushAsArticle(gateway.url);
  const { dashboard } = JSON.parse(await workplace.text("how-to-configure/dashboard.json")) as Dashboard;
  await using prometheus = await startPrometheus({
    config: {
      global: { scrape_interval: "1s" },
      ...parse(await workplace.text("how-to-implement/prometheus.yml")),
    },
  });
  expect(dashboard.panels).toHaveLength(4);
  for (const { title, targets } of dashboard.panels)
    for (const { expr } of targets) {
      const samples = await untilSome(prometheus, expr);
      expect(samples[0]?.metric, title).toMatchObject({ job_name: "data_processor" });
    }
});

/** Grafana's own format, as far as it is looked at. */
interface Dashboard {
  readonly dashboard: {
    readonly panels: readonly {
      readonly title: string;
      readonly targets: readonly { readonly expr: string }[];
    }[];
  };
}

/** What the article's job in Python pushes, and the success that only its job in Node does. */
async function pushAsArticle(gatewayUrl: string): Promise<void> {
  const label = '{job_name="data_processor"}';
  const lines = [
    `batch_job_success${label} 1`,
    `batch_job_duration_seconds${label} 42.5`,
    `batch_job_records_processed_total{job_name="data_processor",record_type="users"} 900`,
    `batch_job_last_success_timestamp${label} ${Date.now() / 1000}`,
  ];
  await push(gatewayUrl, "/job/data_processor/instance/worker-7", `${lines.join("\n")}\n`);
}

async function push(gatewayUrl: string, path: string, body: string): Promise<void> {
  const answer = await fetch(`${gatewayUrl}/metrics${path}`, { method: "PUT", body });
  expect(answer.status).toBe(200);
}

async function untilSome(prometheus: Prometheus, query: string): Promise<readonly Sample[]> {
  await expect.poll(() => prometheus.query(query), patience).not.toBeEmpty();
  return await prometheus.query(query);
}
