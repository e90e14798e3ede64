import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { freePort } from "../support/ports.ts";
import { startServerProcess } from "../support/process.ts";
import type { HttpServer } from "../support/reference.ts";
import type { Labels } from "./promtool.ts";

/** A running Prometheus with a database of its own. */
export interface Prometheus extends HttpServer {
  /** What the expression is now. Rejects with Prometheus' own words when it is not valid. */
  query(expr: string): Promise<readonly Sample[]>;
  /** How the expression was in the last seconds: a series with its points for each set of labels. */
  queryRange(expr: string, options: { readonly seconds: number }): Promise<readonly Series[]>;
  /** Of each series that the metric has: its value of the label, each once. */
  labelValues(label: string, metric: string): Promise<readonly string[]>;
}

export interface Sample {
  readonly metric: Labels;
  /** Time in seconds and the number as text. */
  readonly value: readonly [number, string];
}

interface Series {
  readonly metric: Labels;
  readonly values: readonly (readonly [number, string])[];
}

export interface PrometheusOptions {
  /** As in prometheus.yml; paths are absolute. */
  readonly config: object;
  readonly flags?: readonly string[];
}

export async function startPrometheus({ config, flags = [] }: PrometheusOptions): Promise<Prometheus> {
  await using started = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "pushfleet-prometheus-"));
  started.defer(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "prometheus.yml");
  await writeFile(file, stringify(config));
  const address = `127.0.0.1:${await freePort()}`;
  const url = `http://${address}`;
  const process = started.use(
    await startServerProcess({
      command: "prometheus",
      args: [
        `--config.file=${file}`,
        `--storage.tsdb.path=${join(folder, "data")}`,
        `--web.listen-address=${address}`,
        "--log.level=warn",
        ...flags,
      ],
      readyUrl: `${url}/-/ready`,
      missing: "Prometheus is missing: apt-get install prometheus",
    }),
  );
  const all = started.move();
  return {
    url,
    process,
    query: async (query) => (await ask<{ result: Sample[] }>(url, "query", { query })).result,
    async queryRange(query, { seconds }) {
      const end = Date.now() / 1000;
      const range = { query, start: String(end - seconds), end: String(end), step: "1" };
      return (await ask<{ result: Series[] }>(url, "query_range", range)).result;
    },
    labelValues: (label, metric) => ask<string[]>(url, `label/${label}/values`, { "match[]": metric }),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

async function ask<Data>(url: string, endpoint: string, parameters: Readonly<Record<string, string>>) {
  const response = await fetch(`${url}/api/v1/${endpoint}?${new URLSearchParams(parameters)}`);
  // Prometheus' own format.
  const answer = (await response.json()) as { status: string; error?: string; data: Data };
  if (answer.status !== "success") throw new Error(`${parameters["query"]}: ${answer.error}`);
  return answer.data;
}
