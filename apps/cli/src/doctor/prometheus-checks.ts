import { formatDuration } from "@pushfleet/config/values";
import { type Check, checksAbout } from "./check.ts";
import type { GatewayKind } from "./gateway-checks.ts";
import type { RunJob, RunTarget } from "./prometheus.ts";

interface Scraped {
  readonly urls: readonly string[];
  /** Undefined when the gateway could not be asked. */
  readonly kind: GatewayKind | undefined;
  /** How long a scrape took; undefined when it failed. */
  readonly scrapeMs: number | undefined;
}

const ownTelemetry = "/-/metrics";

/** Looks whether Prometheus scrapes the gateways as it should. */
export function checkJobs(jobs: readonly RunJob[], scraped: Scraped): readonly Check[] {
  const { ok, fail } = checksAbout("prometheus");
  const hosts = new Set(scraped.urls.map(hostOf));
  // Replicas tell of themselves there, which is another matter.
  const candidates = jobs.filter(({ path }) => !path.endsWith(ownTelemetry));
  const certain = candidates.filter(({ targets, scheme }) =>
    targets.some(({ address }) => hosts.has(hostOf(`${scheme}://${address}`))),
  );
  const found = certain.length > 0 ? certain : candidates.filter(looksLikeGateway);
  if (found.length === 0)
    return [
      fail(
        `no job scrapes ${[...hosts].join(" or ")}; add one with honor_labels: true, as in ops/prometheus/examples`,
      ),
    ];
  const path = scraped.kind?.scrapePath ?? "/metrics";
  const right = found.filter((job) => job.path === path);
  const looked = right.length > 0 ? right : found;
  const problems = [
    ...looked.flatMap((job) => jobChecks(job, scraped, { path, isCertain: certain.length > 0 })),
    ...replicaChecks(looked, scraped),
  ];
  if (problems.length > 0) return problems;
  return [ok(`${looked.map(({ name }) => `job "${name}"`).join(" and ")} scrapes it with honor_labels`)];
}

function looksLikeGateway({ name, targets }: RunJob): boolean {
  return /push-?_?(?:gateway|fleet)/i.test(name) || targets.some(({ address }) => address.endsWith(":9091"));
}

function jobChecks(
  job: RunJob,
  { kind, urls, scrapeMs }: Scraped,
  { path, isCertain }: { readonly path: string; readonly isCertain: boolean },
): readonly Check[] {
  const { warn, fail } = checksAbout("prometheus");
  const who = `job "${job.name}"`;
  const schemes = new Set(urls.map((url) => new URL(url).protocol.replace(":", "")));
  const down = job.targets.find(({ problem }) => problem !== undefined);
  return [
    ...(job.honorLabels
      ? []
      : [
          fail(
            `${who} lacks honor_labels: true; without it the job and instance of every push are renamed exported_job and exported_instance`,
          ),
        ]),
    ...(job.path === path ? [] : [fail(`${who} scrapes ${job.path}; set metrics_path: ${path}`)]),
    ...(!isCertain || schemes.has(job.scheme)
      ? []
      : [fail(`${who} asks by ${job.scheme}; set scheme: ${[...schemes][0]}`)]),
    ...(kind?.isOpen === false && !job.hasCredentials
      ? [
          fail(
            `${who} does not say who asks, which the gateway wants to know; set basic_auth or authorization`,
          ),
        ]
      : []),
    ...(down === undefined ? [] : [fail(`${who} cannot scrape ${down.address}: ${down.problem}`)]),
    ...(scrapeMs !== undefined && scrapeMs > job.timeoutMs / 2
      ? [
          warn(
            `${who} gives up after ${formatDuration(job.timeoutMs)}, and a scrape took ${Math.round(scrapeMs)} ms; raise scrape_timeout`,
          ),
        ]
      : []),
  ];
}

/** With the same labels, each sample would be stored once for each target. */
function replicaChecks(jobs: readonly RunJob[], { kind }: Scraped): readonly Check[] {
  if (kind?.isShared !== true) return [];
  const targets = jobs.flatMap((job) => job.targets);
  const identities = new Set(targets.map(({ labels }) => JSON.stringify(Object.entries(labels).sort())));
  if (identities.size === targets.length || targets.length < 2) return [];
  return [
    checksAbout("prometheus").fail(
      `${listed(targets)} are scraped, which all show the same groups; scrape one address for all replicas, and their own metrics at ${ownTelemetry}`,
    ),
  ];
}

function listed(targets: readonly RunTarget[]): string {
  return targets.map(({ address }) => address).join(" and ");
}

/** `localhost:9091`, with the port even where it goes without saying; what is no URL, as targets of other jobs may be, as it is. */
function hostOf(url: string): string {
  const parsed = URL.parse(url);
  if (parsed === null) return url;
  const { hostname, port, protocol } = parsed;
  const host = hostname === "127.0.0.1" || hostname === "[::1]" ? "localhost" : hostname;
  return `${host}:${port || (protocol === "https:" ? "443" : "80")}`;
}
