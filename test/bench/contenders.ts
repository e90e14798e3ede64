/** The servers that are measured, each started, filled and ended the same way. */
import { hash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Redis } from "ioredis";
import { startFederator } from "../support/federator.ts";
import { startGateway } from "../support/gateway.ts";
import { freePort } from "../support/ports.ts";
import { type ServerProcess, startServerProcess } from "../support/process.ts";
import { type RedisServer, startRedis } from "../support/redis.ts";
import { allGroups, pushGroups } from "./fill.ts";

export interface Contender extends AsyncDisposable {
  readonly name: string;
  readonly port: number;
  /** How many groups it holds. */
  readonly groups: number;
  readonly pid: number;
  /** Of the redis-server it writes to. */
  readonly redisPid?: number;
  /** Without it, pushes are refused. */
  readonly authorization?: string;
}

export interface ContenderOptions {
  /** How many groups to fill it with. */
  readonly groups: number;
  readonly signal: AbortSignal;
}

export type StartContender = (options: ContenderOptions) => Promise<Contender>;

export const startEmbedded: StartContender = async ({ groups, signal }) => {
  await using stack = new AsyncDisposableStack();
  const gateway = stack.use(await startGateway());
  const port = Number(new URL(gateway.url).port);
  await pushGroups({ port, groups: allGroups(groups), signal });
  return contender({ name: "embedded", port, groups, pid: gateway.process.pid }, stack.move());
};

export const startRedisStore: StartContender = async ({ groups, signal }) => {
  await using stack = new AsyncDisposableStack();
  const redis = stack.use(await startRedis());
  const gateway = stack.use(await startGateway({ redisUrl: redis.url }));
  const port = Number(new URL(gateway.url).port);
  await pushGroups({ port, groups: allGroups(groups), signal });
  const pids = { pid: gateway.process.pid, redisPid: await processOf(redis) };
  return contender({ name: "redis store", port, groups, ...pids }, stack.move());
};

/** A region whose federator ships to two others, which keep nothing. */
export const startRegionWithPeers: StartContender = async ({ groups, signal }) => {
  await using stack = new AsyncDisposableStack();
  const redis = stack.use(await startRedis());
  const sinkPort = await freePort();
  const sinkUrl = `http://127.0.0.1:${sinkPort}`;
  const sink = fileURLToPath(new URL("peer-sink.ts", import.meta.url));
  stack.use(
    await startServerProcess({ command: process.execPath, args: [sink, `${sinkPort}`], readyUrl: sinkUrl }),
  );
  const flags = ["--federation.region=a"];
  const gateway = stack.use(await startGateway({ redisUrl: redis.url, flags }));
  const peers = { b: `${sinkUrl}/b`, c: `${sinkUrl}/c` };
  stack.use(await startFederator({ redisUrl: redis.url, region: "a", peers }));
  const port = Number(new URL(gateway.url).port);
  await pushGroups({ port, groups: allGroups(groups), signal });
  const pids = { pid: gateway.process.pid, redisPid: await processOf(redis) };
  return contender({ name: "region, two peers", port, groups, ...pids }, stack.move());
};

/** The embedded store behind access rules: a team that may push to its jobs, known by a token or as a user with a password. */
export function startGuarded(credentials: "token" | "password"): StartContender {
  return async ({ groups, signal }) => {
    await using stack = new AsyncDisposableStack();
    const folder = await mkdtemp(join(tmpdir(), "pushfleet-bench-"));
    stack.defer(() => rm(folder, { recursive: true, force: true }));
    const [rules, webConfig] = [join(folder, "rules.yml"), join(folder, "web.yml")];
    const allow = `allow: [{ roles: [push], match: '{job=~"job-.*"}' }]`;
    await writeFile(
      rules,
      `access: { identities: [{ name: team, users: [team], token_sha256: [${hash("sha256", secret)}], ${allow} }] }\n`,
    );
    await writeFile(webConfig, `basic_auth_users: { team: ${secretHash} }\n`);
    const flags = [`--config.file=${rules}`, `--web.config.file=${webConfig}`];
    const gateway = stack.use(await startGateway({ flags }));
    const port = Number(new URL(gateway.url).port);
    const authorization = credentials === "token" ? `Bearer ${secret}` : `Basic ${btoa(`team:${secret}`)}`;
    await pushGroups({ port, groups: allGroups(groups), signal, authorization });
    const name = `embedded, by ${credentials}`;
    return contender({ name, port, groups, pid: gateway.process.pid, authorization }, stack.move());
  };
}

const secret = "secret";
/** By bcrypt, at the usual cost of 10. */
const secretHash = "$2b$10$tyBPaUTZ1/6uJf6YprYAbebgllBQCyUGxFs5p9dR734js1JXxiBIa";

/** A Redis primary with two replicas, of which so many have to hold a push before it is answered. */
export function startReplicated(acks: number): StartContender {
  return async ({ groups, signal }) => {
    await using stack = new AsyncDisposableStack();
    const primary = stack.use(await startRedis({ settings: { "repl-diskless-sync-delay": "0" } }));
    const replicaof = `${primary.host} ${primary.port}`;
    for (let replica = 0; replica < 2; replica++) stack.use(await startRedis({ settings: { replicaof } }));
    const gateway = stack.use(
      await startGateway({ redisUrl: primary.url, flags: [`--redis.acks=${acks}`, "--push.timeout=1m"] }),
    );
    const port = Number(new URL(gateway.url).port);
    await pushGroups({ port, groups: allGroups(groups), signal });
    const pids = { pid: gateway.process.pid, redisPid: await processOf(primary) };
    const name = `redis store, ${acks === 0 ? "no acks" : `acks=${acks}`}`;
    return contender({ name, port, groups, ...pids }, stack.move());
  };
}

export const startFloor: StartContender = async ({ groups, signal }) => {
  await using stack = new AsyncDisposableStack();
  const redis = stack.use(await startRedis());
  const port = await freePort();
  const floor = stack.use(
    await startServerProcess({
      command: process.execPath,
      args: [fileURLToPath(new URL("floor.ts", import.meta.url)), `${port}`, redis.url],
      readyUrl: `http://127.0.0.1:${port}/-/ready`,
    }),
  );
  await pushGroups({ port, groups: allGroups(groups), signal });
  const pids = { pid: floor.pid, redisPid: await processOf(redis) };
  return contender({ name: "floor", port, groups, ...pids }, stack.move());
};

/** Rejects when the server does not run on this machine, where its memory and processor time could be read. */
async function processOf({ url }: RedisServer): Promise<number> {
  const redis = new Redis(url);
  try {
    const pid = /^process_id:(\d+)/m.exec(await redis.info("server"))?.[1] ?? "";
    const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    if (command.includes("redis-server")) return Number(pid);
    throw new Error("Redis does not run on this machine: apt-get install redis-server");
  } finally {
    redis.disconnect();
  }
}

const UNCHECKED = "--push.disable-consistency-check";

export const startUpstreamUnchecked: StartContender = async ({ groups, signal }) => {
  await using stack = new AsyncDisposableStack();
  const { port, server } = await startUpstream(["--persistence.file=", UNCHECKED]);
  stack.use(server);
  await pushGroups({ port, groups: allGroups(groups), signal });
  return contender({ name: "upstream unchecked", port, groups, pid: server.pid }, stack.move());
};

/** Checked pushes would take hours to fill it: filled unchecked, ended so that it writes its file, started checked. */
export const startUpstreamChecked: StartContender = async ({ groups, signal }) => {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "pushfleet-bench-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const persistence = [`--persistence.file=${join(folder, "groups")}`, "--persistence.interval=24h"];

  const { port: fillPort, server: unchecked } = await startUpstream([...persistence, UNCHECKED]);
  stack.use(unchecked);
  await pushGroups({ port: fillPort, groups: allGroups(groups), signal });
  await unchecked.stop("SIGTERM");

  const { port, server } = await startUpstream(persistence);
  stack.use(server);
  return contender({ name: "upstream checked", port, groups, pid: server.pid }, stack.move());
};

/** As startReference, but with the persistence flags of the caller: the flag cannot be given twice. */
async function startUpstream(flags: readonly string[]): Promise<{ port: number; server: ServerProcess }> {
  const port = await freePort();
  const server = await startServerProcess({
    command: "prometheus-pushgateway",
    args: [`--web.listen-address=127.0.0.1:${port}`, ...flags],
    readyUrl: `http://127.0.0.1:${port}/-/ready`,
    missing: "The reference Pushgateway is missing: apt-get install prometheus-pushgateway",
  });
  return { port, server };
}

function contender(
  facts: Omit<Contender, typeof Symbol.asyncDispose>,
  stack: AsyncDisposableStack,
): Contender {
  return { ...facts, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}
