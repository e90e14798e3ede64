import { setTimeout as delay } from "node:timers/promises";
import { startGateway } from "../support/gateway.ts";
import { createMovingClock, type MovingClock } from "../support/moving-clock.ts";
import { startReaper } from "../support/reaper.ts";
import { startRedisCluster } from "../support/redis-cluster.ts";
import type { HttpServer } from "../support/reference.ts";

/** A cluster after days at work, of which the last half hour was busy. */
export interface ShowcaseCluster extends AsyncDisposable {
  /** Of one of its gateways. */
  readonly url: string;
  /** Names for people by the addresses of all processes. */
  readonly names: ReadonlyMap<string, string>;
}

/** What the charts show: 180 intervals of 10 s. */
const intervalMs = 10_000;
const intervals = 180;
const daysBefore = 6 * 86_400_000 + 5 * 3_600_000;

interface Gateway extends HttpServer {
  readonly clock: MovingClock;
}

/** Three Redis nodes, three gateways and two reapers. Takes about half a minute. */
export async function startShowcaseCluster(): Promise<ShowcaseCluster> {
  await using started = new AsyncDisposableStack();
  const redis = started.use(await startRedisCluster());
  const flags = [
    ...redis.sentinels.map(({ address }) => `--redis.sentinels=${address}`),
    `--redis.master-name=${redis.masterName}`,
  ];
  const gateways: Gateway[] = [];
  for (let number = 0; number < 3; number++) {
    const clock = started.use(await createMovingClock(-daysBefore - intervals * intervalMs));
    const gateway = started.use(await startGateway({ flags, env: clock.env }));
    gateways.push({ ...gateway, clock });
    await clock.pass(daysBefore, gateway.process);
  }
  const reapers = [];
  for (let number = 0; number < 2; number++) {
    reapers.push(started.use(await startReaper([...flags, "--sweep.interval=5s"])));
  }
  // A few more than are shown, because not all gateways began in the same one.
  for (let interval = 0; interval < intervals + 5; interval++) await workOn(gateways, interval);
  await untilAllKnow(gateways);

  const url = gateways[0]?.url ?? "";
  const hosts = (processes: readonly HttpServer[]) => processes.map(({ url }) => new URL(url).host);
  const redisHosts = redis.nodes.map(({ host, port }) => `${host}:${port}`);
  const names = new Map([
    ...numbered(hosts(gateways), "gateway", 9091),
    ...numbered(hosts(reapers), "reaper", 9092),
    ...numbered(redisHosts, "redis", 6379),
  ]);
  const all = started.move();
  return { url, names, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

/** `reaper-1:9092` and so on, in the order in which the page sorts the addresses. */
function numbered(addresses: readonly string[], kind: string, port: number): [string, string][] {
  return addresses.toSorted().map((address, index) => [address, `${kind}-${index + 1}:${port}`]);
}

/** One interval: pushes that rise and fall, a job that is refused for a while, and two Prometheus servers. */
async function workOn(gateways: readonly Gateway[], interval: number): Promise<void> {
  const begunAt = performance.now();
  const pushes = Math.round(24 + 9 * Math.sin(interval / 14) + 5 * Math.sin(interval / 3.1) + (interval % 7));
  const isRefused = interval > 118 && interval < 131;
  const requests = Array.from({ length: pushes }, (_, index) => {
    const url = gateways[index % gateways.length]?.url;
    const number = interval * 31 + index * 17;
    const job = ["etl-orders", "ci-build", "nightly-backup"][index % 3];
    const body = isRefused && index % 5 === 0 ? "m 1\nm 2\n" : `job_duration_seconds ${number % 613}\n`;
    return fetch(`${url}/metrics/job/${job}/instance/worker-${number % 400}`, { method: "PUT", body });
  });
  for (const { url } of gateways.slice(0, 2)) requests.push(fetch(`${url}/metrics`));
  for (const answer of await Promise.all(requests)) await answer.arrayBuffer();
  const rest = Math.max(0, intervalMs - (performance.now() - begunAt));
  await Promise.all(gateways.map(({ clock, process }) => clock.pass(rest, process)));
}

/** Until each gateway's heartbeat has told the others of all that it did, and both reapers have swept. */
async function untilAllKnow(gateways: readonly Gateway[]): Promise<void> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const answer = await fetch(`${gateways[0]?.url}/api/v1/cluster`);
    const { data } = (await answer.json()) as { readonly data: ClusterData }; // the API's, tested elsewhere
    const areAllTold = data.members.every(
      ({ rates }) => rates === undefined || rates.pushes.length === intervals,
    );
    const swept = data.members.filter(({ last_sweep }) => typeof last_sweep === "string").length;
    if (areAllTold && data.members.length === 5 && swept === 2) return;
    if (Date.now() > deadline) throw new Error(`the cluster does not come together: ${JSON.stringify(data)}`);
    await delay(200);
  }
}

interface ClusterData {
  readonly members: readonly {
    readonly last_sweep?: string | null;
    readonly rates?: { readonly pushes: readonly number[] };
  }[];
}
