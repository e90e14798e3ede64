/** Three Redis servers and three Sentinels that fail over, with ways to break them. */
import { randomInt } from "node:crypto";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { freePort } from "./ports.ts";
import type { ProcessLog } from "./process-log.ts";
import { type RedisProcess, redisCommand, startRedisProcess } from "./redis-process.ts";
import { type Relay, startRelay } from "./relay.ts";
import { type RunningSentinel, type Sentinel, startSentinel } from "./sentinel.ts";

export interface RedisCluster extends AsyncDisposable {
  readonly sentinels: readonly Sentinel[];
  readonly masterName: string;
  readonly nodes: readonly RedisNode[];
  /** The primary as most Sentinels see it now. Rejects when there is no such node within a few seconds. */
  primary(): Promise<RedisNode>;
  /** Has a Sentinel replace the primary, as for an upgrade. Resolves when it has begun. */
  failOver(): Promise<void>;
  /** Resolves to the new primary when the Sentinels have replaced this one. */
  replacementOf(node: RedisNode): Promise<RedisNode>;
  /** Resolves when both other nodes follow the primary and every Sentinel knows all of them. */
  untilWhole(): Promise<void>;
  logs(): readonly ProcessLog[];
}

/** One Redis server, by the address that clients, Sentinels and the other nodes know. */
export interface RedisNode {
  readonly host: string;
  readonly port: number;
  kill(): Promise<void>;
  /** After `kill`, with what is in its append-only file; the Sentinels make it a replica if it was replaced. */
  restart(): Promise<void>;
  freeze(): void;
  thaw(): void;
  /** Cuts it off from the other nodes and the Sentinels, while clients still reach it, until `rejoin`. */
  isolate(): void;
  /** Cuts it off from the Sentinels only, until `rejoin`. */
  hideFromSentinels(): void;
  rejoin(): void;
  /** Asks it as a client does, isolated or not. */
  command(...words: readonly string[]): Promise<unknown>;
}

const masterName = "pushfleet";
const patienceMs = 40_000;

const nodeSettings = [
  "appendonly yes",
  "save ''",
  "min-replicas-to-write 1",
  "min-replicas-max-lag 2",
  "repl-diskless-sync yes",
  "repl-diskless-sync-delay 0",
  "repl-ping-replica-period 1",
  // For tests that compare what two nodes hold: DEBUG DIGEST.
  "enable-debug-command local",
];

export interface RedisClusterOptions {
  /** Milliseconds without an answer after which a Sentinel calls a node down. Default 1500, which Sentinel itself needs. */
  readonly downAfterMs?: number;
}

/**
 * Resolves when the cluster is whole.
 *
 * How a node can be isolated: nodes and Sentinels open their connections from loopback addresses of their own
 * (`bind-source-addr`), and each node is known by the address of a relay in front of it. The relay tells by the source
 * address whether a connection is a client's or a peer's, and stops passing on the latter's bytes. Needs neither root nor
 * anything that outlives the test, but Linux, where all of 127.0.0.0/8 is loopback.
 */
export async function startRedisCluster({
  downAfterMs = 1_500,
}: RedisClusterOptions = {}): Promise<RedisCluster> {
  await using started = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), "pushfleet-redis-cluster-"));
  started.defer(() => rm(directory, { recursive: true, force: true }));
  const network = `127.${randomInt(1, 255)}.${randomInt(1, 255)}.`;
  const sentinelHosts = [11, 12, 13].map((number) => network + number);
  const partition = createPartition({ network, sentinelHosts });

  const nodes: RunningNode[] = [];
  for (const host of [1, 2, 3].map((number) => network + number)) {
    const primary = nodes[0]?.node;
    const node = await startNode({
      host,
      directory,
      partition,
      ...(primary === undefined ? {} : { primary }),
    });
    started.use(node);
    nodes.push(node);
  }
  const first = nodes[0]?.node;
  if (first === undefined) throw new Error("a cluster without nodes");
  const sentinels: RunningSentinel[] = [];
  for (const source of sentinelHosts) {
    const own = { source, directory: await subdirectory(directory, source) };
    sentinels.push(started.use(await startSentinel({ masterName, primary: first, downAfterMs, ...own })));
  }

  const cluster = describe(
    nodes.map(({ node }) => node),
    sentinels,
  );
  await cluster.untilWhole();
  const all = started.move();
  return {
    ...cluster,
    logs: () => [...nodes, ...sentinels].map(({ name, process }) => ({ name, text: process.log() })),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

interface RunningNode extends AsyncDisposable {
  readonly name: string;
  readonly process: RedisProcess;
  readonly node: RedisNode;
}

interface Addresses {
  /** What all addresses of nodes and Sentinels begin with. */
  readonly network: string;
  readonly sentinelHosts: readonly string[];
}

/** Which nodes are cut off, and the relays that have to know. */
interface Partition {
  add(host: string, relay: Relay): void;
  isolate(host: string): void;
  hide(host: string): void;
  rejoin(host: string): void;
}

function createPartition({ network, sentinelHosts }: Addresses): Partition {
  const isolated = new Set<string>();
  const hidden = new Set<string>();
  const relays = new Map<string, Relay>();
  const apply = () => {
    for (const [host, relay] of relays)
      relay.setCut(
        (peer) =>
          (peer.startsWith(network) && (isolated.has(host) || isolated.has(peer))) ||
          (sentinelHosts.includes(peer) && hidden.has(host)),
      );
  };
  return {
    add: (host, relay) => void relays.set(host, relay),
    isolate(host) {
      isolated.add(host);
      apply();
    },
    hide(host) {
      hidden.add(host);
      apply();
    },
    rejoin(host) {
      isolated.delete(host);
      hidden.delete(host);
      apply();
    },
  };
}

interface NodeOptions {
  readonly host: string;
  readonly directory: string;
  readonly partition: Partition;
  /** Absent = this is to be the first primary. */
  readonly primary?: RedisNode;
}

async function startNode({ host, directory, partition, primary }: NodeOptions): Promise<RunningNode> {
  await using started = new AsyncDisposableStack();
  const server = { host: "127.0.0.1", port: await freePort() };
  const relay = started.use(await startRelay({ host, target: server }));
  partition.add(host, relay);
  const process = started.use(
    await startRedisProcess({
      mode: "server",
      ...server,
      directory: await subdirectory(directory, host),
      settings: [
        ...nodeSettings,
        `bind-source-addr ${host}`,
        `replica-announce-ip ${host}`,
        `replica-announce-port ${relay.port}`,
        ...(primary === undefined ? [] : [`replicaof ${primary.host} ${primary.port}`]),
      ],
    }),
  );
  const all = started.move();
  return {
    name: `redis ${host}:${relay.port}`,
    process,
    node: {
      host,
      port: relay.port,
      kill: process.kill,
      restart: process.restart,
      freeze: process.freeze,
      thaw: process.thaw,
      isolate: () => partition.isolate(host),
      hideFromSentinels: () => partition.hide(host),
      rejoin: () => partition.rejoin(host),
      command: (...words) => redisCommand({ host, port: relay.port }, words),
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

async function subdirectory(directory: string, name: string): Promise<string> {
  const path = join(directory, name);
  await mkdir(path);
  return path;
}

type View = Omit<RedisCluster, "logs" | typeof Symbol.asyncDispose>;

function describe(nodes: readonly RedisNode[], sentinels: readonly RunningSentinel[]): View {
  const ask = (sentinel: RunningSentinel, what: string) =>
    sentinel.process.command("sentinel", what, masterName);

  const primaryNow = async (): Promise<RedisNode | undefined> => {
    const answers = await Promise.all(
      sentinels.map((sentinel) => ask(sentinel, "get-master-addr-by-name").catch(() => undefined)),
    );
    const votes = answers.map((answer) => (Array.isArray(answer) ? answer.join(":") : ""));
    return nodes.find(
      ({ host, port }) => votes.filter((vote) => vote === `${host}:${port}`).length > sentinels.length / 2,
    );
  };

  const isWhole = async (): Promise<boolean> => {
    const primary = await primaryNow();
    const replication = String(await primary?.command("info", "replication"));
    const following = [...replication.matchAll(/^slave\d+:.*state=online/gm)].length;
    if (following !== nodes.length - 1 || !replication.includes("role:master")) return false;
    const known = await Promise.all(sentinels.map((sentinel) => ask(sentinel, "master")));
    return known.every((answer) => {
      const fields = pairs(answer);
      return (
        fields.get("num-slaves") === String(nodes.length - 1) &&
        fields.get("num-other-sentinels") === String(sentinels.length - 1) &&
        fields.get("flags") === "master"
      );
    });
  };

  return {
    sentinels: sentinels.map(({ sentinel }) => sentinel),
    masterName,
    nodes,
    primary: () => until("a primary that most Sentinels agree on", primaryNow),
    async failOver() {
      const [sentinel] = sentinels;
      await sentinel?.process.command("sentinel", "failover", masterName);
    },
    replacementOf: (node) =>
      until(`another primary than ${node.host}`, async () => {
        const now = await primaryNow();
        return now === node ? undefined : now;
      }),
    async untilWhole() {
      for (const sentinel of sentinels) await sentinel.hurry();
      await until("all nodes at work", async () => ((await isWhole().catch(() => false)) ? true : undefined));
      for (const sentinel of sentinels) await sentinel.takeTime();
    },
  };
}

/** Asks until there is an answer. */
async function until<T>(what: string, find: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const found = await find();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`the Redis cluster has not got ${what} in ${patienceMs} ms`);
    await delay(50);
  }
}

/** Redis answers a map as a flat list of names and values. */
function pairs(answer: unknown): ReadonlyMap<string, string> {
  const flat = Array.isArray(answer) ? answer.map(String) : [];
  return new Map(
    flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1] ?? ""] as const] : [])),
  );
}
