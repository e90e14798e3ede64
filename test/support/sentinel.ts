/** One of the Sentinels that watch a Redis cluster. */
import { freePort } from "./ports.ts";
import { type RedisProcess, startRedisProcess } from "./redis-process.ts";

export interface Sentinel {
  /** `host:port`, for `--redis.sentinels`. */
  readonly address: string;
  kill(): Promise<void>;
  /** After `kill`, with all it knew. */
  restart(): Promise<void>;
}

export interface RunningSentinel extends AsyncDisposable {
  readonly name: string;
  readonly process: RedisProcess;
  readonly sentinel: Sentinel;
  /**
   * Until `takeTime` it looks at the nodes, and talks to the other Sentinels, more often than one in production: it needs
   * 10 seconds else to make a replica of a primary that is back.
   */
  hurry(): Promise<void>;
  takeTime(): Promise<void>;
}

export interface SentinelOptions {
  readonly masterName: string;
  readonly primary: { readonly host: string; readonly port: number };
  /** Milliseconds without an answer after which a node counts as down. */
  readonly downAfterMs: number;
  /** Loopback address that its connections come from. */
  readonly source: string;
  /** Exists, is empty, and is the caller's to remove. */
  readonly directory: string;
}

/** Half of the Sentinels and one more: these have to agree on a failover. */
const quorum = 2;

/** The shortest `down-after` of a Sentinel that is left as it is, see `pingOften`. */
const soundDownAfterMs = 1_500;

export async function startSentinel(options: SentinelOptions): Promise<RunningSentinel> {
  const { masterName, primary, downAfterMs, source, directory } = options;
  const server = { host: "127.0.0.1", port: await freePort() };
  const process = await startRedisProcess({
    mode: "sentinel",
    ...server,
    directory,
    settings: [
      `bind-source-addr ${source}`,
      `sentinel announce-ip ${server.host}`,
      `sentinel monitor ${masterName} ${primary.host} ${primary.port} ${quorum}`,
      `sentinel down-after-milliseconds ${masterName} ${downAfterMs}`,
      `sentinel failover-timeout ${masterName} 3000`,
      `sentinel parallel-syncs ${masterName} 2`,
    ],
  });
  const prepare = async () => {
    if (downAfterMs < soundDownAfterMs) await pingOften(process);
  };
  await prepare();
  const address = `${server.host}:${server.port}`;
  return {
    name: `sentinel ${address}`,
    process,
    sentinel: {
      address,
      kill: process.kill,
      async restart() {
        await process.restart();
        await prepare();
      },
    },
    hurry: () => setPeriods(process, { "info-period": 500, "publish-period": 250 }),
    takeTime: () => setPeriods(process, { "info-period": 10_000, "publish-period": 2_000 }),
    [Symbol.asyncDispose]: process[Symbol.asyncDispose],
  };
}

/** In milliseconds. Not kept in its configuration; there since Redis 7.0. */
async function setPeriods(sentinel: RedisProcess, periods: Readonly<Record<string, number>>): Promise<void> {
  await sentinel.command("sentinel", "debug", ...Object.entries(periods).flat().map(String));
}

/**
 * A Sentinel opens a connection at most once in its ping period, which is a second, and counts that from the last one to
 * the *former* primary also when it has just been told of another. So it may not look at a sound new primary for a second,
 * while what it takes for silence counts from the switch: with a `down-after` of 1000 it now and then calls that primary
 * down at once and has a third one elected. (3 of 25 runs of a test with Redis 7.0, none with 1500.) A test that wants to
 * know how Pushfleet fares with a short `down-after` must not depend on that.
 */
async function pingOften(sentinel: RedisProcess): Promise<void> {
  await setPeriods(sentinel, { "ping-period": 250 });
}
