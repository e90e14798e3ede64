import { chmod, copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";
import { haproxyConfig } from "../support/haproxy.ts";
import { createNetwork, type Machine, type Program, whyNoNetwork } from "./network.ts";

const virtualAddress = "198.51.100.10";
const url = `http://${virtualAddress}:9091`;
const balancerNames = ["lb-1", "lb-2"] as const;
const gatewayPorts = [9191, 9192, 9193] as const;
const gatewayProgram = fileURLToPath(new URL("../../apps/gateway/src/main.ts", import.meta.url));
const keepalivedFolder = new URL("../../ops/keepalived/", import.meta.url);

test("kill -9 the active HAProxy: the virtual address moves within 3 s, Prometheus misses at most one scrape, and back", {
  timeout: 90_000,
}, async ({ skip }) => {
  const reason = await whyNoNetwork();
  if (reason !== undefined) {
    process.stderr.write(`test/vip is skipped: ${reason}.\n`);
    skip(reason);
  }
  await using folder = await temporaryFolder();
  await using network = await createNetwork(
    new Map([
      ["app", "198.51.100.20"],
      ["lb-1", "198.51.100.11"],
      ["lb-2", "198.51.100.12"],
    ]),
  );
  const app = named(network.machines, "app");
  await startApp(app, folder.path);
  const balancers = await Promise.all(
    balancerNames.map((name) => startBalancer(name, named(network.machines, name), app, folder.path)),
  );

  await vi.waitFor(async () => expect(await push(app)).toBe("200"), patiently);
  await scrapesInARow(app, 3);

  const first = await holder(balancers);
  const firstMove = await killAndTime(first, balancers);
  const second = await holder(balancers);
  expect(second.name).not.toBe(first.name);
  expect(await push(app)).toBe("200");

  // Repaired, it stands by; the address stays where it is.
  const backups = timesBackup(first);
  first.startHaproxy();
  await vi.waitFor(() => expect(timesBackup(first)).toBe(backups + 1), patiently);
  await scrapesInARow(app, 3);
  expect((await holder(balancers)).name).toBe(second.name);

  const secondMove = await killAndTime(second, balancers);
  expect((await holder(balancers)).name).toBe(first.name);
  expect(await push(app)).toBe("200");
  await scrapesInARow(app, 3);

  expect(firstMove.milliseconds).toBeLessThanOrEqual(3_000);
  expect(secondMove.milliseconds).toBeLessThanOrEqual(3_000);
  const missed = (await scrapes(app)).filter(({ ok, at }) => !ok && at >= firstMove.startedAt);
  expect(missed.filter(({ at }) => at < secondMove.startedAt).length).toBeLessThanOrEqual(1);
  expect(missed.filter(({ at }) => at >= secondMove.startedAt).length).toBeLessThanOrEqual(1);
});

const patiently = { timeout: 20_000, interval: 100 };

interface Balancer {
  readonly name: string;
  readonly machine: Machine;
  readonly keepalived: Program;
  startHaproxy(): void;
  killHaproxy(): Promise<void>;
}

/** Redis, three gateways and a Prometheus that scrapes the virtual address every second. */
async function startApp(app: Machine, folder: string): Promise<void> {
  app.start("redis-server", ["--port", "6379", "--save", "", "--dir", folder]);
  await vi.waitFor(() => app.run("redis-cli", "ping"), patiently);
  for (const port of gatewayPorts) {
    app.start(process.execPath, [
      gatewayProgram,
      `--web.listen-address=:${port}`,
      "--redis.url=redis://127.0.0.1:6379",
    ]);
  }
  const config = join(folder, "prometheus.yml");
  await writeFile(
    config,
    `scrape_configs:
  - job_name: pushfleet
    scrape_interval: 1s
    scrape_timeout: 1s
    honor_labels: true
    static_configs: [{ targets: ["${virtualAddress}:9091"] }]
`,
  );
  app.start("prometheus", [`--config.file=${config}`, `--storage.tsdb.path=${join(folder, "prometheus")}`]);
}

/** HAProxy and keepalived with the project's own files; only the parameters at the head of the latter are the test's. */
async function startBalancer(
  name: string,
  machine: Machine,
  app: Machine,
  folder: string,
): Promise<Balancer> {
  const check = join(folder, "check-haproxy.sh");
  const config = join(folder, `${name}.conf`);
  await copyFile(new URL("check-haproxy.sh", keepalivedFolder), check);
  const parameters = new Map([
    ["INTERFACE", "eth0"],
    ["VIRTUAL_ADDRESS", `${virtualAddress}/24`],
    ["LB_1", "198.51.100.11"],
    ["LB_2", "198.51.100.12"],
    ["CHECK", `${check} http://127.0.0.1:8404/-/healthy`],
  ]);
  const original = await readFile(new URL("keepalived.conf", keepalivedFolder), "utf8");
  await writeFile(
    config,
    original.replace(/^\$(\w+)=.*$/gm, (line, parameter: string) =>
      parameters.has(parameter) ? `$${parameter}=${parameters.get(parameter)}` : line,
    ),
  );
  const [one, two, three] = gatewayPorts.map((port) => `${app.address}:${port}`);
  const startHaproxy = () =>
    machine.start("haproxy", ["-db", "-f", haproxyConfig], {
      PUSHFLEET_BIND: ":9091",
      PUSHFLEET_STATS_BIND: "127.0.0.1:8404",
      GATEWAY_1: one ?? "",
      GATEWAY_2: two ?? "",
      GATEWAY_3: three ?? "",
    });
  let haproxy = startHaproxy();
  return {
    name,
    machine,
    keepalived: machine.start("keepalived", [
      "--vrrp",
      "--dont-fork",
      "--log-console",
      `--config-id=${name}`,
      `--use-file=${config}`,
      `--pid=${join(folder, `${name}.pid`)}`,
      `--vrrp_pid=${join(folder, `${name}-vrrp.pid`)}`,
    ]),
    startHaproxy() {
      haproxy = startHaproxy();
    },
    killHaproxy: () => haproxy.kill(),
  };
}

/** The one that has the virtual address. */
async function holder(balancers: readonly Balancer[]): Promise<Balancer> {
  const holders = [];
  for (const balancer of balancers) {
    if ((await balancer.machine.addresses()).includes(virtualAddress)) holders.push(balancer);
  }
  const [one, ...more] = holders;
  if (one === undefined || more.length > 0) throw new Error(`${holders.length} machines have the address`);
  return one;
}

/** Kills a HAProxy; the time is that until another machine has the address. */
async function killAndTime(
  active: Balancer,
  balancers: readonly Balancer[],
): Promise<{ startedAt: number; milliseconds: number }> {
  const startedAt = Date.now();
  const start = performance.now();
  await active.killHaproxy();
  const moved = async () => expect((await holder(balancers)).name).not.toBe(active.name);
  await vi.waitFor(moved, { timeout: 15_000, interval: 20 }).catch((error: unknown) => {
    const logs = balancers.map(({ name, keepalived }) => `${name}:\n${keepalived.output()}`);
    throw new Error(`the address does not move\n${logs.join("")}`, { cause: error });
  });
  return { startedAt, milliseconds: performance.now() - start };
}

/** How often keepalived has begun to stand by. */
function timesBackup({ keepalived }: Balancer): number {
  return keepalived.output().split("Entering BACKUP STATE").length - 1;
}

/** Status of a push to the virtual address. */
function push(from: Machine): Promise<string> {
  const output = ["--silent", "--output", "/dev/null", "--write-out", "%{http_code}", "--max-time", "5"];
  return from.run("curl", ...output, "--data-binary", "vip_value 1\n", `${url}/metrics/job/vip`);
}

interface Scrape {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly ok: boolean;
}

/** All that Prometheus has made so far, in order. */
async function scrapes(app: Machine): Promise<readonly Scrape[]> {
  const query = `query=up{job="pushfleet"}[5m]`;
  const body = await app.run(
    "curl",
    "--silent",
    "--get",
    "--data-urlencode",
    query,
    "http://127.0.0.1:9090/api/v1/query",
  );
  // Prometheus' own format of a range vector.
  const answer = JSON.parse(body) as { data: { result: { values: [number, string][] }[] } };
  return (answer.data.result[0]?.values ?? []).map(([at, value]) => ({ at: at * 1_000, ok: value === "1" }));
}

/** Resolves when Prometheus has made so many more, and the last so many of all were good. */
async function scrapesInARow(app: Machine, count: number): Promise<void> {
  const since = Date.now();
  await vi.waitFor(async () => {
    const latest = (await scrapes(app)).filter(({ at }) => at >= since).slice(-count);
    expect(latest.map(({ ok }) => ok)).toEqual(Array.from({ length: count }, () => true));
  }, patiently);
}

function named(machines: ReadonlyMap<string, Machine>, name: string): Machine {
  const machine = machines.get(name);
  if (machine === undefined) throw new Error(`no machine ${name}`);
  return machine;
}

/** Open to all: Redis, Prometheus and the check script's user have to reach what is in it. */
async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "pushfleet-vip-"));
  await chmod(path, 0o755);
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
