import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startGateway } from "../../support/gateway.ts";
import type { HttpServer } from "../../support/reference.ts";
import { authorizationOf, config, webConfig } from "./identities.ts";

/** Gateways with access rules, as they would be attacked. */
export interface Site extends AsyncDisposable {
  readonly urls: readonly string[];
  readonly ports: readonly number[];
  /** The most memory that any of the gateways has ever had, in MiB. */
  mostMebibytes(): number;
  /** The larger one of what the gateways tell of themselves under this name. */
  largest(metric: string): Promise<number>;
}

export interface SiteOptions {
  readonly replicas: number;
  /** Absent = the embedded store. */
  readonly redisUrl?: string;
}

export async function startSite({ replicas, redisUrl }: SiteOptions): Promise<Site> {
  const stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "pushfleet-hostile-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const [configFile, webConfigFile] = [join(folder, "pushfleet.yml"), join(folder, "web.yml")];
  await writeFile(configFile, config);
  await writeFile(webConfigFile, webConfig);
  const options = {
    flags: [`--config.file=${configFile}`, `--web.config.file=${webConfigFile}`],
    ...(redisUrl === undefined ? {} : { redisUrl }),
  };
  const gateways: HttpServer[] = [];
  for (let i = 0; i < replicas; i++) gateways.push(stack.use(await startGateway(options)));
  const urls = gateways.map(({ url }) => url);
  return {
    urls,
    ports: urls.map((url) => Number(new URL(url).port)),
    mostMebibytes: () => Math.max(...gateways.map(({ process }) => mostMebibytes(process.pid))),
    largest: async (metric) => Math.max(...(await Promise.all(urls.map((url) => told(url, metric))))),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

function mostMebibytes(pid: number): number {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
}

async function told(url: string, metric: string): Promise<number> {
  const headers = { authorization: authorizationOf("prometheus") };
  const text = await (await fetch(`${url}/-/metrics`, { headers })).text();
  return Number(new RegExp(`^${metric} (\\S+)$`, "m").exec(text)?.[1]);
}
