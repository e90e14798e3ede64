import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { startFederator } from "../support/federator.ts";
import { startGateway } from "../support/gateway.ts";
import { freePort } from "../support/ports.ts";
import { startServerProcess } from "../support/process.ts";
import { startReaper } from "../support/reaper.ts";
import { type RedisServer, startRedis } from "../support/redis.ts";
import { redisCommand } from "../support/redis-process.ts";
import { type Prometheus, startPrometheus } from "./prometheus.ts";
import { ops } from "./promtool.ts";
import { startTap, type Tap } from "./tap.ts";

/**
 * Two gateways on a Redis with a replica, a reaper, a federator that ships to a region which nobody watches, and a gateway of its own,
 * all watched by two Prometheus.
 */
export interface MonitoredCluster extends AsyncDisposable {
  /** Where to push, by what takes it. What is pushed to one of `replicas` is scraped from the first. */
  readonly replicas: readonly [string, string];
  readonly single: string;
  /** Asks for text, and evaluates the project's rules. */
  readonly text: Prometheus;
  /** Has native histograms and therefore asks for protobuf. */
  readonly protobuf: Prometheus;
  /** In front of the first replica and of the gateway on its own: all scrapes of `/metrics` go through. */
  readonly taps: readonly [Tap, Tap];
}

/** Long enough to hold two scrapes at all times: what Grafana makes of `$__rate_interval`. */
export const rateInterval = "4s";
const scrapeInterval = "500ms";

export async function startMonitoredCluster(): Promise<MonitoredCluster> {
  await using started = new AsyncDisposableStack();
  const use = async <T extends AsyncDisposable>(starting: Promise<T>) => started.use(await starting);
  const [primary, replica] = await Promise.all([
    // The replica is served at once, as ops/redis/redis.conf has it.
    use(startRedis({ settings: { "repl-diskless-sync-delay": "0" } })),
    use(startRedis()),
  ]);
  await redisCommand(replica, ["replicaof", primary.host, String(primary.port)]);
  const redis = { redisUrl: primary.url, flags: ["--redis.acks=1", "--federation.region=here"] };
  const elsewhere = await use(startGateway({ flags: ["--federation.region=elsewhere"] }));
  const [first, second, single, reaper, federator, ...exporters] = await Promise.all([
    use(startGateway(redis)),
    use(startGateway(redis)),
    use(startGateway()),
    use(startReaper([`--redis.url=${primary.url}`])),
    use(
      startFederator({
        redisUrl: primary.url,
        region: "here",
        peers: { elsewhere: elsewhere.url },
      }),
    ),
    use(startExporter(primary)),
    use(startExporter(replica)),
  ]);
  const taps = [await use(startTap(first.url)), await use(startTap(single.url))] as const;

  const folder = await mkdtemp(join(tmpdir(), "pushfleet-rules-"));
  started.defer(() => rm(folder, { recursive: true }));
  const addresses = (...servers: readonly { readonly url: string }[]) =>
    servers.map(({ url }) => new URL(url).host);
  const scrape_configs = await scrapeJobs({
    pushfleet: [taps[0].address],
    "pushfleet-gateway": addresses(first, second),
    "pushfleet-reaper": addresses(reaper),
    "pushfleet-federator": addresses(federator),
    redis: addresses(...exporters),
  });
  scrape_configs.push({
    job_name: "single",
    honor_labels: true,
    static_configs: [{ targets: [taps[1].address] }],
  });
  const config = {
    global: {
      scrape_interval: scrapeInterval,
      scrape_timeout: scrapeInterval,
      evaluation_interval: scrapeInterval,
    },
    rule_files: await rulesWithoutPauses(folder),
    scrape_configs,
  };
  const [text, protobuf] = await Promise.all([
    use(startPrometheus({ config })),
    use(startPrometheus({ config, flags: ["--enable-feature=native-histograms"] })),
  ]);
  const all = started.move();
  return {
    replicas: [first.url, second.url],
    single: single.url,
    text,
    protobuf,
    taps,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** redis_exporter, as docs/monitoring.md advises it. */
async function startExporter({ url }: RedisServer) {
  const address = `127.0.0.1:${await freePort()}`;
  const process = await startServerProcess({
    command: "prometheus-redis-exporter",
    args: ["-redis.addr", url, "-web.listen-address", address],
    readyUrl: `http://${address}/health`,
    missing: "redis_exporter is missing: apt-get install prometheus-redis-exporter",
  });
  return {
    url: `http://${address}`,
    [Symbol.asyncDispose]: () => process[Symbol.asyncDispose](),
  };
}

/** The jobs of the example that operators start from, with these targets. */
async function scrapeJobs(targets: Readonly<Record<string, readonly string[]>>): Promise<object[]> {
  const example = await readFile(`${ops}prometheus/examples/virtual-address.yml`, "utf8");
  const { scrape_configs } = parse(example) as { scrape_configs: { job_name: string }[] };
  return scrape_configs.map((job) => {
    const own = targets[job.job_name];
    if (own === undefined)
      throw new Error(`virtual-address.yml has a job without targets here: ${job.job_name}`);
    return { ...job, static_configs: [{ targets: own }] };
  });
}

/** The project's rules, all evaluated as often as Prometheus scrapes: nobody waits a minute for what looks back for a week. */
async function rulesWithoutPauses(folder: string): Promise<string[]> {
  const names = ["rules.yml", "batch-jobs.yml"];
  for (const name of names) {
    const { groups } = parse(await readFile(`${ops}prometheus/${name}`, "utf8")) as { groups: object[] };
    await writeFile(
      join(folder, name),
      stringify({ groups: groups.map((group) => ({ ...group, interval: undefined })) }),
    );
  }
  return names.map((name) => join(folder, name));
}
