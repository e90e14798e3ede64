import { readFileSync } from "node:fs";
import { configurationDocument, federatorOptions, gatewayOptions, reaperOptions } from "@pushfleet/config";
import { cliDocument } from "./cli-document.ts";
import { batchJobsDashboard } from "./dashboards/batch-jobs.ts";
import { clusterDashboard } from "./dashboards/cluster.ts";
import { dashboardJson } from "./dashboards/dashboard.ts";
import { prometheusRule } from "./prometheus-rule.ts";

/** The generated documents: their texts by path. */
export function generatedDocuments(): ReadonlyMap<string, string> {
  return new Map([
    [
      "docs/configuration.md",
      configurationDocument([
        {
          title: "Gateway",
          introduction:
            "Without `--redis.url` and `--redis.sentinels` it keeps the groups itself: one process, without reaper.",
          options: gatewayOptions,
        },
        {
          title: "Reaper",
          introduction:
            "It needs `--redis.url` or `--redis.sentinels`, those of the gateways. Any number of reapers may run; they take turns.",
          options: reaperOptions,
        },
        {
          title: "Federator",
          introduction:
            "It needs `--federation.region`, a peer at least, and `--redis.url` or `--redis.sentinels`, those of the gateways. Any number of federators may run; for each peer one is active.",
          options: federatorOptions,
        },
      ]),
    ],
    ["docs/cli.md", cliDocument()],
    ["ops/grafana/dashboards/pushfleet.json", dashboardJson(clusterDashboard)],
    ["ops/grafana/dashboards/batch-jobs.json", dashboardJson(batchJobsDashboard)],
    [
      "ops/kubernetes/monitoring/pushfleet-rules.yaml",
      prometheusRule({ name: "pushfleet", rules: rulesIn("rules.yml") }),
    ],
    [
      "ops/kubernetes/monitoring/batch-job-rules.yaml",
      prometheusRule({ name: "pushfleet-batch-jobs", rules: rulesIn("batch-jobs.yml") }),
    ],
  ]);
}

function rulesIn(file: string): string {
  return readFileSync(new URL(`../ops/prometheus/${file}`, import.meta.url), "utf8");
}
