import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { ops, promtool, type ScrapeJob, targetsIn, targetsOf } from "./promtool.ts";

const examples = `${ops}prometheus/examples/`;

describe("promtool accepts", async () => {
  const names = (await readdir(examples)).filter((name) => name.endsWith(".yml"));
  test.each(["../prometheus.yml", ...names.filter((name) => name !== "kubernetes.yml")])(
    "%s",
    async (name) => {
      expect(await promtool("check", "config", examples + name)).not.toContain("FAILED");
    },
  );

  test("kubernetes.yml but for its discovery, which Debian's Prometheus is built without", async () => {
    const directory = await mkdtemp(join(tmpdir(), "pushfleet-prometheus-"));
    try {
      const config = await kubernetesExample();
      for (const job of config.scrape_configs) {
        expect(job.kubernetes_sd_configs).toEqual([
          { role: expect.toBeOneOf(["service", "pod"]), namespaces: { names: ["pushfleet"] } },
        ]);
        delete job.kubernetes_sd_configs;
      }
      const rules = config.rule_files.map((file) => join(examples, file));
      const file = join(directory, "prometheus.yml");
      await writeFile(file, stringify({ ...config, rule_files: rules }));
      expect(await promtool("check", "config", file)).not.toContain("FAILED");
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});

test("file discovery makes targets of each component in the job for it, and of none in two", async () => {
  const config = `${examples}file-discovery.yml`;
  const targets = async (job: string) =>
    (await targetsIn(config, job)).map(
      ({ __address__, __metrics_path__ }) => `${__address__}${__metrics_path__}`,
    );
  expect(await targets("pushfleet")).toEqual(["pushfleet.example.com:9091/metrics"]);
  expect(await targets("pushfleet-gateway")).toEqual([
    "gateway-1.example.com:9091/-/metrics",
    "gateway-2.example.com:9091/-/metrics",
  ]);
  expect(await targets("pushfleet-reaper")).toEqual([
    "gateway-1.example.com:9092/-/metrics",
    "gateway-2.example.com:9092/-/metrics",
  ]);
  expect(await targets("pushfleet-federator")).toEqual([
    "gateway-1.example.com:9095/-/metrics",
    "gateway-2.example.com:9095/-/metrics",
  ]);
});

test("Kubernetes discovery makes one target of the Service, and one of each pod under the job of its component", async () => {
  const [pushed, pods] = (await kubernetesExample()).scrape_configs;
  if (pushed === undefined || pods === undefined) throw new Error("kubernetes.yml has no two jobs");
  const service = (name: string, port: string) => ({
    __address__: `${name}.pushfleet.svc:9091`,
    __meta_kubernetes_service_name: name,
    __meta_kubernetes_service_port_name: port,
  });
  const pod = (name: string, component: string, port = "http") => ({
    __address__: `10.0.0.${name.length}:9091`,
    __meta_kubernetes_pod_name: name,
    __meta_kubernetes_pod_label_app_kubernetes_io_name: "pushfleet",
    __meta_kubernetes_pod_label_app_kubernetes_io_component: component,
    __meta_kubernetes_pod_container_port_name: port,
  });

  const services = await targetsOf(withoutDiscovery(pushed), [
    service("pushfleet", "http"),
    service("redis", "http"),
  ]);
  expect(services.map(({ __address__, job }) => [__address__, job])).toEqual([
    ["pushfleet.pushfleet.svc:9091", "pushfleet"],
  ]);

  const found = [
    pod("gateway-a", "gateway"),
    pod("reaper", "reaper"),
    pod("federator-b", "federator"),
    pod("other", "x", "metrics"),
  ];
  const targets = await targetsOf(withoutDiscovery(pods), found);
  expect(targets.map(({ job, instance }) => [job, instance])).toEqual([
    ["pushfleet-federator", "federator-b"],
    ["pushfleet-reaper", "reaper"],
    ["pushfleet-gateway", "gateway-a"],
  ]);
});

test.each([
  { alert: "BatchJobFailed", severity: "critical", receiver: "job-owners" },
  { alert: "PushRefused", severity: "warning", receiver: "job-owners" },
  { alert: "PushfleetStoreDown", severity: "critical", receiver: "on-call" },
  { alert: "PushfleetGatewayDown", severity: "warning", receiver: "nobody" },
  { alert: "PushfleetRegionUnreachable", severity: "warning", receiver: "nobody" },
])(
  "Alertmanager accepts its configuration, and sends $alert to $receiver",
  async ({ alert, severity, receiver }) => {
    const file = `--config.file=${ops}alertmanager/alertmanager.yml`;
    const labels = [`alertname=${alert}`, `severity=${severity}`, "job=etl"];
    const { stdout } = await promisify(execFile)("amtool", ["config", "routes", "test", file, ...labels]);
    expect(stdout.trim()).toBe(receiver);
  },
);

test.each(["../prometheus.yml", "regions.yml"])(
  "%s: an alert about processes says its region, one about jobs does not, and neither which Prometheus told it",
  async (name) => {
    const { alerting } = parse(await readFile(examples + name, "utf8"));
    const relabelled = await targetsOf(
      { job_name: "alerts", relabel_configs: alerting.alert_relabel_configs },
      [
        { __address__: "a", alertname: "PushfleetStoreDown", replica: "east" },
        { __address__: "b", alertname: "PushfleetStoreDown", replica: "west" },
        { __address__: "c", alertname: "PushfleetStoreDown" },
        { __address__: "d", alertname: "BatchJobFailed", replica: "east" },
      ],
    );
    expect(relabelled.map(({ alertname, region, replica }) => [alertname, region, replica])).toEqual([
      ["PushfleetStoreDown", "east", undefined],
      ["PushfleetStoreDown", "west", undefined],
      ["PushfleetStoreDown", undefined, undefined],
      ["BatchJobFailed", undefined, undefined],
    ]);
  },
);

test("Alertmanager mutes alerts of the same region only", async () => {
  const { inhibit_rules } = parse(await readFile(`${ops}alertmanager/alertmanager.yml`, "utf8"));
  const rules = inhibit_rules as readonly { source_matchers: string[]; equal: string[] }[]; // as amtool has checked
  const ofProcesses = rules.filter(({ source_matchers: [source] }) => source?.includes("Pushfleet"));
  expect(ofProcesses.length).toBeGreaterThan(2);
  for (const { equal } of ofProcesses) expect(equal).toContain("region");
});

interface KubernetesJob extends ScrapeJob {
  kubernetes_sd_configs?: unknown;
}

async function kubernetesExample(): Promise<{ rule_files: string[]; scrape_configs: KubernetesJob[] }> {
  return parse(await readFile(`${examples}kubernetes.yml`, "utf8"));
}

function withoutDiscovery({ kubernetes_sd_configs: _, ...job }: KubernetesJob): ScrapeJob {
  return job;
}
