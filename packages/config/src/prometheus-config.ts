import * as z from "zod";
import { duration } from "./values.ts";
import { readYaml } from "./yaml-file.ts";

export { ConfigFileError } from "./config-file.ts";

/** A job of Prometheus' configuration, as far as scraping a gateway goes. */
export interface ScrapeJob {
  readonly name: string;
  readonly honorLabels: boolean;
  readonly path: string;
  readonly scheme: string;
  readonly timeoutMs: number;
  /** Whether it says who asks, in whatever way. */
  readonly hasCredentials: boolean;
  /** Those written in the file. */
  readonly targets: readonly StaticTarget[];
  /** True when others are found elsewhere. */
  readonly isDiscovering: boolean;
}

export interface StaticTarget {
  /** `HOST:PORT` or `HOST`. */
  readonly address: string;
  readonly labels: Readonly<Record<string, string>>;
}

const staticConfig = z.looseObject({
  targets: z.array(z.string()).nullish(),
  labels: z.record(z.string(), z.coerce.string()).nullish(),
});

const job = z.looseObject({
  job_name: z.string(),
  honor_labels: z.boolean().nullish(),
  metrics_path: z.string().nullish(),
  scheme: z.string().nullish(),
  scrape_timeout: z.string().nullish(),
  static_configs: z.array(staticConfig).nullish(),
});

const schema = z.looseObject({
  global: z.looseObject({ scrape_timeout: z.string().nullish() }).nullish(),
  scrape_configs: z.array(job).nullish(),
});

const usualTimeout = "10s";

/** Reads the jobs of a prometheus.yml; `file` is its name for messages, which repeat no value. @throws ConfigFileError, InvalidValue */
export function readScrapeJobs(text: string, file: string): readonly ScrapeJob[] {
  const { content } = readYaml(text, file, { schema, scalars: "typed", values: "hidden" });
  const timeout = content.global?.scrape_timeout ?? usualTimeout;
  return (content.scrape_configs ?? []).map((given) => ({
    name: given.job_name,
    honorLabels: given.honor_labels ?? false,
    path: given.metrics_path ?? "/metrics",
    scheme: given.scheme ?? "http",
    timeoutMs: duration(given.scrape_timeout ?? timeout),
    hasCredentials: ["basic_auth", "authorization", "oauth2", "tls_config"].some((key) => given[key] != null),
    targets: (given.static_configs ?? []).flatMap(({ targets, labels }) =>
      (targets ?? []).map((address) => ({ address, labels: labels ?? {} })),
    ),
    isDiscovering: Object.keys(given).some((key) => key.endsWith("_sd_configs")),
  }));
}
