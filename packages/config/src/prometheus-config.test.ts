import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ConfigFileError, readScrapeJobs } from "./prometheus-config.ts";

test("jobs are read with Prometheus' own defaults", () => {
  const jobs = readScrapeJobs(
    `global: { scrape_timeout: 5s }
scrape_configs:
  - job_name: a
    honor_labels: true
    static_configs: [{ targets: ["gw:9091"], labels: { replica: 1 } }]
  - job_name: b
    metrics_path: /x
    scheme: https
    scrape_timeout: 1m
    authorization: { credentials: <secret> }
    dns_sd_configs: [{ names: [gw] }]
    static_configs:
  - job_name: c
    scrape_interval: 2s
    tls_config: { ca_file: ca.crt }
  - job_name: d
    tls_config: { cert_file: own.crt, key_file: own.key }
`,
    "prometheus.yml",
  );
  expect(jobs).toEqual([
    {
      name: "a",
      honorLabels: true,
      path: "/metrics",
      scheme: "http",
      timeoutMs: 5_000,
      hasCredentials: false,
      targets: [{ address: "gw:9091", labels: { replica: "1" } }],
      isDiscovering: false,
    },
    {
      name: "b",
      honorLabels: false,
      path: "/x",
      scheme: "https",
      timeoutMs: 60_000,
      hasCredentials: true,
      targets: [],
      isDiscovering: true,
    },
    expect.objectContaining({ name: "c", timeoutMs: 2_000, hasCredentials: false }),
    expect.objectContaining({ name: "d", timeoutMs: 5_000, hasCredentials: true }),
  ]);
  expect(readScrapeJobs("", "prometheus.yml")).toEqual([]);
});

test("the files of this project can be read", () => {
  const file = new URL("../../../ops/prometheus/prometheus.yml", import.meta.url);
  expect(readScrapeJobs(readFileSync(file, "utf8"), "prometheus.yml").map(({ name }) => name)).toContain(
    "pushfleet",
  );
});

test("what is wrong is told with its line, and without secrets", () => {
  const text = "scrape_configs:\n  - job_name: a\n    honor_labels: hunter2\n";
  expect(() => readScrapeJobs(text, "p.yml")).toThrow(ConfigFileError);
  expect(() => readScrapeJobs(text, "p.yml")).toThrow(/^p\.yml:3: (?!.*hunter2)/);
  const soon = "scrape_configs:\n  - job_name: a\n    scrape_timeout: soon\n";
  expect(() => readScrapeJobs(soon, "p.yml")).toThrow(/^p\.yml:3: .*scrape_timeout/);
});
