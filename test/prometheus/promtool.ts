import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { stringify } from "yaml";

const run = promisify(execFile);

/** The folder `ops` of the repository, with a slash at its end. */
export const ops = fileURLToPath(new URL("../../ops/", import.meta.url));

/** Comes with Prometheus. Resolves to what it printed; rejects with it when promtool has found something wrong. */
export async function promtool(...args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await run("promtool", args);
  return stdout + stderr;
}

/** What promtool says of this exposition; empty when it is as it should be. */
export async function lintMetrics(exposition: string): Promise<string> {
  const child = run("promtool", ["check", "metrics"]);
  child.child.stdin?.end(exposition);
  const { stdout, stderr } = await child.catch((failure: { stdout: string; stderr: string }) => failure);
  return stdout + stderr;
}

export type Labels = Readonly<Record<string, string>>;

/** A scrape job as in prometheus.yml, as far as its targets are concerned. */
export interface ScrapeJob {
  readonly job_name: string;
  readonly relabel_configs?: readonly object[];
}

/**
 * Which targets Prometheus makes of what it has discovered (an `__address__` and the `__meta_…` labels): their labels after
 * relabelling, equal ones once, as Prometheus scrapes them. Done by promtool, with the labels handed to it as those of static targets.
 */
export async function targetsOf(job: ScrapeJob, discovered: readonly Labels[]): Promise<Labels[]> {
  const static_configs = discovered.map(({ __address__, ...labels }) => ({ targets: [__address__], labels }));
  const directory = await mkdtemp(join(tmpdir(), "pushfleet-targets-"));
  try {
    const config = join(directory, "prometheus.yml");
    await writeFile(config, stringify({ scrape_configs: [{ ...job, static_configs }] }));
    return await targetsIn(config, job.job_name);
  } finally {
    await rm(directory, { recursive: true });
  }
}

/**
 * The targets of one job of a configuration, as above, in the order of their texts, because Prometheus has them in none. Waits
 * two seconds: its discovery never says that it is done.
 */
export async function targetsIn(config: string, job: string): Promise<Labels[]> {
  const { stdout } = await run("promtool", ["check", "service-discovery", "--timeout=2s", config, job]);
  // promtool's own format: dropped targets have no labels.
  const targets = JSON.parse(stdout) as readonly { readonly labels: Labels }[];
  const kept = targets.map(({ labels }) => labels).filter((labels) => Object.keys(labels).length > 0);
  const unique = new Map(kept.map((labels) => [JSON.stringify(labels), labels]));
  return [...unique].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, labels]) => labels);
}
