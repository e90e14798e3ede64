/** Gateways and reapers write lines of their log and nothing else, whatever their client libraries have to say. */
import { expect, test } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { startReaper } from "../support/reaper.ts";
import { startRedisCluster } from "../support/redis-cluster.ts";
import type { HttpServer } from "../support/reference.ts";
import { startSecuredRedis } from "./secured-redis.ts";
import { push } from "./traffic.ts";

const patient = { timeout: 20_000, interval: 50 };

/** What has been written that is no line of the log. */
function foreignLines({ process }: HttpServer): readonly string[] {
  const lines = process.output().trimEnd().split("\n");
  return lines.filter((line) => !/^level=\w+ time=\S+Z /.test(line));
}

test("through a failover, with Sentinels that die and one that comes back, and without any Redis in the end", async () => {
  await using cluster = await startRedisCluster();
  const flags = [
    ...cluster.sentinels.map(({ address }) => `--redis.sentinels=${address}`),
    `--redis.master-name=${cluster.masterName}`,
    "--redis.password=that nobody needs",
  ];
  const [first, second] = cluster.sentinels;
  await first?.kill();
  await using gateway = await startGateway({ flags });
  await using reaper = await startReaper([...flags, "--sweep.interval=100ms"]);
  await push(gateway, "before", "the first primary");
  await first?.restart();
  const primary = await cluster.primary();
  await primary.kill();
  await cluster.replacementOf(primary);
  await push(gateway, "after", "the second primary");
  await expect.poll(() => reaper.process.output(), patient).toInclude("Redis is back");
  await second?.kill();
  await Promise.all(cluster.nodes.map((node) => node.kill()));
  await expect.poll(() => reaper.process.output().split("Redis is unavailable").length, patient).toBe(3);
  expect(await reaper.process.stop()).toBe(0);
  expect(await gateway.process.stop()).toBe(0);
  for (const program of [gateway, reaper]) {
    expect(foreignLines(program)).toBeEmpty();
    const output = program.process.output();
    // What the library remarks is in the log, but not what becomes of its connections: of outages the log tells itself.
    expect(output).toMatch(/^level=warn .*does not require a password/m);
    expect(output).not.toInclude("Unhandled error event");
  }
});

test("when a user loses the right to ask how Redis is", async () => {
  await using redis = await startSecuredRedis({
    password: "of-the-administrator",
    settings: ["user ours on >secret ~pushfleet:* +@all"],
  });
  const url = `redis://ours:secret@${redis.host}:${redis.port}`;
  await using gateway = await startGateway({ redisUrl: url });
  await using reaper = await startReaper([`--redis.url=${url}`, "--sweep.interval=100ms"]);
  await redis.command("acl", "setuser", "ours", "-info");
  await redis.command("client", "kill", "type", "normal");
  for (const program of [gateway, reaper]) {
    await expect.poll(() => program.process.output(), patient).toMatch(/^level=warn .*'info' command/m);
    expect(foreignLines(program)).toBeEmpty();
  }
});
