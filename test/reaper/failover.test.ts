import { expect, test } from "vitest";
import { tellLogsOnFailure } from "../cluster/run.ts";
import { startGateway } from "../support/gateway.ts";
import type { ProcessLog } from "../support/process-log.ts";
import { startReaper } from "../support/reaper.ts";
import { type RedisCluster, startRedisCluster } from "../support/redis-cluster.ts";
import type { HttpServer } from "../support/reference.ts";
import { type Relay, startRelay } from "../support/relay.ts";
import { metric } from "./reaper.ts";

const patient = { timeout: 30_000, interval: 50 };
/** Within this time of the new primary, everything is as before. */
const soon = { timeout: 15_000, interval: 50 };
const testTimeoutMs = 180_000;
const rounds = 3;
const groupsPushed = 20;

test("kill -9 the Redis primary, again and again: each time both reapers sweep again soon, and tell of one outage", {
  timeout: testTimeoutMs,
}, async () => {
  await using bench = await openBench();
  await using _logs = tellLogsOnFailure(bench.logs);
  for (let round = 1; round <= rounds; round++) {
    const old = await bench.cluster.primary();
    await old.kill();
    await bench.untilUnready();
    await bench.cluster.replacementOf(old);
    await bench.expectSweeps();
    bench.expectOutagesTold(round);
    await old.restart();
    await bench.cluster.untilWhole();
  }
  const [first, second] = bench.reapers;
  await first.process.stop("SIGKILL");
  await bench.expectFreedSpace();
  expect(await second.process.stop()).toBe(0);
});

test("primary frozen (SIGSTOP) through the failover, then back: both reapers sweep again soon", {
  timeout: testTimeoutMs,
}, async () => {
  await using bench = await openBench();
  await using _logs = tellLogsOnFailure(bench.logs);
  const old = await bench.cluster.primary();
  old.freeze();
  await bench.untilUnready();
  await bench.cluster.replacementOf(old);
  await bench.expectSweeps();
  bench.expectOutagesTold(1);
  old.thaw();
  await bench.cluster.untilWhole();
  await bench.expectSweeps();
  bench.expectOutagesTold(1);
});

test("primary cut off from all but its clients through the failover: both reapers sweep again soon", {
  timeout: testTimeoutMs,
}, async () => {
  await using bench = await openBench();
  await using _logs = tellLogsOnFailure(bench.logs);
  const old = await bench.cluster.primary();
  old.isolate();
  await bench.cluster.replacementOf(old);
  await bench.expectSweeps();
});

test("the primary killed while two Sentinels hang: both reapers sweep again soon", {
  timeout: testTimeoutMs,
}, async () => {
  await using bench = await openBench();
  await using _logs = tellLogsOnFailure(bench.logs);
  // Whoever asks these two for the primary is still waiting when the third announces a new one.
  for (const path of bench.pathsToSentinels.slice(0, 2)) path.setCut(() => true);
  const old = await bench.cluster.primary();
  await old.kill();
  await bench.untilUnready();
  await bench.cluster.replacementOf(old);
  await bench.expectSweeps();
  bench.expectOutagesTold(1);
});

interface Bench extends AsyncDisposable {
  readonly cluster: RedisCluster;
  /** What gateway and reapers reach the Sentinels through, in the order in which those are asked. */
  readonly pathsToSentinels: readonly Relay[];
  readonly reapers: readonly [HttpServer, HttpServer];
  /** Resolves when each reaper has said that it cannot sweep. */
  untilUnready(): Promise<void>;
  /** That what is pushed now for a moment is soon gone from Redis. */
  expectFreedSpace(): Promise<void>;
  /** As well, and that both reapers take their turns, and say that they can. */
  expectSweeps(): Promise<void>;
  expectOutagesTold(times: number): void;
  logs(): readonly ProcessLog[];
}

async function openBench(): Promise<Bench> {
  await using started = new AsyncDisposableStack();
  const cluster = started.use(await startRedisCluster());
  const pathsToSentinels: Relay[] = [];
  const flags = [`--redis.master-name=${cluster.masterName}`];
  for (const { address } of cluster.sentinels) {
    const [host = "", port] = address.split(":");
    const path = started.use(await startRelay({ host, target: { host, port: Number(port) } }));
    pathsToSentinels.push(path);
    flags.push(`--redis.sentinels=${host}:${path.port}`);
  }
  const startOne = async () => started.use(await startReaper([...flags, "--sweep.interval=100ms"]));
  const [gateway, ...reapers] = await Promise.all([
    startGateway({ flags: [...flags, "--redis.acks=1"] }).then((gateway) => started.use(gateway)),
    startOne(),
    startOne(),
  ]);
  const all = started.move();

  const ready = async ({ url }: HttpServer): Promise<boolean> => {
    const response = await fetch(`${url}/-/ready`);
    await response.body?.cancel();
    return response.ok;
  };
  const sweeps = (reaper: HttpServer) => metric(reaper, "pushfleet_reaper_sweeps_total");
  const awaitingExpiry = async () => (await cluster.primary()).command("zcard", "pushfleet:{0}:expiry");

  const expectFreedSpace = async () => {
    for (let number = 0; number < groupsPushed; number++) {
      const { status } = await fetch(`${gateway.url}/metrics/job/expiring/number/${number}`, {
        method: "PUT",
        headers: { "Pushfleet-TTL": "1ms" },
        body: "# TYPE expiring gauge\nexpiring 1\n",
      });
      expect(status).toBe(200);
    }
    await expect.poll(awaitingExpiry, soon).toBe(0);
  };

  return {
    cluster,
    pathsToSentinels,
    reapers,
    untilUnready: async () =>
      void (await Promise.all(
        reapers.map((reaper) => expect.poll(() => ready(reaper), patient).toBeFalse()),
      )),
    expectFreedSpace,
    async expectSweeps() {
      const before = await Promise.all(reapers.map(sweeps));
      await expectFreedSpace();
      for (const [i, reaper] of reapers.entries()) {
        await expect.poll(() => sweeps(reaper), soon).toBeGreaterThan((before[i] ?? 0) + 1);
        expect(await ready(reaper)).toBeTrue();
      }
    },
    expectOutagesTold(times) {
      for (const { process } of reapers) {
        const told = process.output().match(/Redis is (unavailable|back)|level=error/g) ?? [];
        const outage = ["level=error", "Redis is unavailable", "Redis is back"];
        expect(told).toEqual(Array.from({ length: times }, () => outage).flat());
      }
    },
    logs: () => [
      ...cluster.logs(),
      { name: "gateway", text: gateway.process.output() },
      ...reapers.map(({ process }, i) => ({ name: `reaper-${i + 1}`, text: process.output() })),
    ],
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}
