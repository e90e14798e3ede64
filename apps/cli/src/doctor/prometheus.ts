import { readFile } from "node:fs/promises";
import { type Probe, parseGateway, probeGateway } from "@pushfleet/client";
import { ConfigFileError, readScrapeJobs, type ScrapeJob } from "@pushfleet/config/prometheus-config";
import { Failure } from "../failure.ts";

/** A job as Prometheus runs it, or would by its file. */
export interface RunJob extends Omit<ScrapeJob, "targets"> {
  readonly targets: readonly RunTarget[];
}

export interface RunTarget {
  /** `HOST:PORT`, or `HOST` with the port of the scheme. */
  readonly address: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Why the last scrape failed; undefined when it did not, or nobody knows. */
  readonly problem: string | undefined;
}

/** @throws Failure */
export async function jobsOfFile(path: string): Promise<readonly RunJob[]> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new Failure(`--prometheus-config: ${cause instanceof Error ? cause.message : cause}`, { cause });
  });
  return readJobs(text, path).map((job) => ({
    ...job,
    targets: job.targets.map((target) => ({ ...target, problem: undefined })),
  }));
}

interface ActiveTarget {
  readonly scrapePool: string;
  readonly scrapeUrl: string;
  readonly health: string;
  readonly lastError: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** What a running Prometheus does: its jobs with the targets it has found. @throws Failure, ClientError */
export async function jobsOfPrometheus(url: string, timeoutMs: number): Promise<readonly RunJob[]> {
  const { url: shown } = parseGateway(url); // Without credentials.
  const ask = async <T>(path: string): Promise<T> =>
    dataOf<T>(await probeGateway({ url, path, timeoutMs }), `${shown}${path}`);
  const { yaml } = await ask<{ yaml: string }>("/api/v1/status/config");
  const { activeTargets } = await ask<{ activeTargets: readonly ActiveTarget[] }>(
    "/api/v1/targets?state=active",
  );
  const byJob = Map.groupBy(activeTargets, ({ scrapePool }) => scrapePool);
  return readJobs(yaml, shown).map((job) => {
    const found = byJob.get(job.name) ?? [];
    const [first] = found;
    // Relabelling may have changed what the file says.
    const scraped = first === undefined ? undefined : new URL(first.scrapeUrl);
    return {
      ...job,
      ...(scraped === undefined ? {} : { path: scraped.pathname, scheme: scraped.protocol.replace(":", "") }),
      targets: found.map(({ scrapeUrl, labels, health, lastError }) => ({
        address: new URL(scrapeUrl).host,
        labels: withoutOwn(labels),
        problem: health === "down" ? lastError : undefined,
      })),
    };
  });
}

/** Those that tell targets apart by themselves. */
function withoutOwn({ job: _job, instance: _instance, ...others }: RunTarget["labels"]): RunTarget["labels"] {
  return others;
}

function readJobs(text: string, file: string): readonly ScrapeJob[] {
  try {
    return readScrapeJobs(text, file);
  } catch (error) {
    if (error instanceof ConfigFileError) throw new Failure(error.message, { cause: error });
    throw error;
  }
}

function dataOf<T>({ status, body }: Probe, what: string): T {
  try {
    const answer: { status?: unknown; data?: unknown } = JSON.parse(body.toString());
    if (answer.status === "success") return answer.data as T; // As Prometheus documents it.
  } catch {
    // Told below.
  }
  throw new Failure(`--prometheus-url: GET ${what} was answered ${status}, and not as Prometheus does`);
}
