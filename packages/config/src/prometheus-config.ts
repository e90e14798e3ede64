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

const time = z.string().refine(isDuration, "must be a duration").nullish();
const times = { scrape_interval: time, scrape_timeout: time };

const job = z.looseObject({
  job_name: z.string(),
  honor_labels: z.boolean().nullish(),
  metrics_path: z.string().nullish(),
  scheme: z.string().nullish(),
  ...times,
  tls_config: z.looseObject({ cert: z.string().nullish(), cert_file: z.string().nullish() }).nullish(),
  static_configs: z.array(staticConfig).nullish(),
});

const schema = z.looseObject({
  global: z.looseObject(times).nullish(),
  scrape_configs: z.array(job).nullish(),
});

function isDuration(text: string): boolean {
  try {
    duration(text);
    return true;
  } catch {
    return false;
  }
}

const usual = { scrape_interval: "1m", scrape_timeout: "10s" };

/** Reads the jobs of a prometheus.yml; `file` is its name for messages, which repeat no value. @throws ConfigFileError */
export function readScrapeJobs(text: string, file: string): readonly ScrapeJob[] {
  const { content } = readYaml(text, file, { schema, scalars: "typed", values: "hidden" });
  const { global } = content;
  return (content.scrape_configs ?? []).map((given) => ({
    name: given.job_name,
    honorLabels: given.honor_labels ?? false,
    path: given.metrics_path ?? "/metrics",
    scheme: given.scheme ?? "http",
    timeoutMs: timeoutOf(given, global ?? {}),
    hasCredentials:
      ["basic_auth", "authorization", "oauth2"].some((key) => given[key] != null) ||
      (given.tls_config?.cert ?? given.tls_config?.cert_file) != null,
    targets: (given.static_configs ?? []).flatMap(({ targets, labels }) =>
      (targets ?? []).map((address) => ({ address, labels: labels ?? {} })),
    ),
    isDiscovering: Object.keys(given).some((key) => key.endsWith("_sd_configs")),
  }));
}

type Times = Readonly<Partial<Record<keyof typeof times, string | null | undefined>>>;

/** What is not said is never longer than the time between two scrapes. */
function timeoutOf(job: Times, global: Times): number {
  if (job.scrape_timeout != null) return duration(job.scrape_timeout);
  const interval = job.scrape_interval ?? global.scrape_interval ?? usual.scrape_interval;
  return Math.min(duration(global.scrape_timeout ?? usual.scrape_timeout), duration(interval));
}
