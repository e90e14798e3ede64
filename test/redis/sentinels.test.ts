/** Sentinels that want TLS and a password, and programs with the documented rights only. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { startReaper } from "../support/reaper.ts";
import { failedStart } from "./failed-start.ts";
import { type SecuredCluster, startSecuredCluster } from "./secured-cluster.ts";
import { push, scrape } from "./traffic.ts";

const patient = { timeout: 25_000, interval: 50 };

let cluster: SecuredCluster;
beforeAll(async () => {
  cluster = await startSecuredCluster();
});
afterAll(() => cluster[Symbol.asyncDispose]());

test.concurrent.each([
  [
    "without the Sentinel's password",
    [],
    /^--redis\.sentinels: cannot connect to Redis at secured \(by Sentinels localhost:\d+\): failed to connect to sentinel localhost:\d+ because NOAUTH .* \(see --redis\.sentinel-username and --redis\.sentinel-password-file\)$/,
  ],
  [
    "with a wrong one for it",
    ["--redis.sentinel-password=wrong-secret"],
    /sentinel localhost:\d+ because WRONGPASS .* \(see --redis\.sentinel-username and --redis\.sentinel-password-file\)$/,
  ],
  [
    "with a wrong one for the nodes",
    ["--redis.sentinel-password=secret-of-the-sentinel", "--redis.password=wrong-secret"],
    /^--redis\.sentinels: cannot connect to Redis at [^:]+:\d+\): WRONGPASS .* \(see --redis\.username and --redis\.password-file\)$/,
  ],
  [
    "with a database that the nodes have not",
    [
      "--redis.sentinel-password=secret-of-the-sentinel",
      "--redis.password=secret-of-the-nodes",
      "--redis.database=99",
    ],
    /^--redis\.sentinels: cannot connect to Redis at [^:]+:\d+\): ERR DB index is out of range \(see --redis\.database\)$/,
  ],
  [
    "for a primary that the Sentinel does not know",
    ["--redis.sentinel-password=secret-of-the-sentinel", "--redis.master-name=unknown"],
    /^--redis\.sentinels: cannot connect to Redis at unknown \(by Sentinels localhost:\d+\): no Sentinel that answers knows a master of the name unknown \(see --redis\.master-name\)$/,
  ],
  [
    "for a primary that none knows of the Sentinels that answer",
    [
      "--redis.sentinel-password=secret-of-the-sentinel",
      "--redis.master-name=unknown",
      "--redis.sentinels=localhost:1",
    ],
    /^--redis\.sentinels: cannot connect to Redis at unknown \(by Sentinels localhost:\d+, localhost:1\): no Sentinel that answers knows a master of the name unknown \(see --redis\.master-name\)$/,
  ],
])("a gateway does not start %s", async (_what, flags, line) => {
  const begun = performance.now();
  const { code, output } = await failedStart("gateway", [...cluster.flags, ...flags]);
  // Waiting for other settings is in vain.
  expect(performance.now() - begun).toBeLessThan(10_000);
  expect(output.trimEnd().replace("pushfleet-gateway: ", "")).toMatch(line);
  expect(output).not.toMatch(/secret/);
  expect(code).toBe(1);
});

test("pushes are confirmed, kept through a failover, and reapers go on", async () => {
  const { primary, replica, sentinel, masterName, flagsOf } = cluster;
  const gatewayFlags = [...(await flagsOf("pushfleet-gateway")), "--redis.acks=1"];
  await using gateway = await startGateway({ flags: gatewayFlags });
  await using reaper = await startReaper([...(await flagsOf("pushfleet-reaper")), "--sweep.interval=100ms"]);
  const primaryPort = async () => {
    const answer = await sentinel.command("sentinel", "get-master-addr-by-name", masterName);
    return Array.isArray(answer) ? Number(answer[1]) : undefined;
  };
  for (const node of [primary, replica]) await node.command("acl", "log", "reset");
  await push(gateway, "before", "the first primary");
  expect(await replica.command("zcard", "pushfleet:{0}:changes")).toBe(1);

  expect(await primaryPort()).toBe(primary.port);
  await sentinel.command("sentinel", "failover", masterName);
  await expect.poll(primaryPort, patient).toBe(replica.port);
  await push(gateway, "after", "the second primary");
  const text = await scrape(gateway);
  expect(text).toMatch(/^before\{/m);
  expect(text).toMatch(/^after\{/m);
  const sweep = async () => Number(await replica.command("hget", "pushfleet:{0}:state", "sweep"));
  const last = await sweep();
  await expect.poll(sweep, patient).toBeGreaterThan(last + 3);

  for (const node of [primary, replica]) expect(await node.command("acl", "log")).toBeEmpty();
  for (const { process } of [gateway, reaper]) expect(process.output()).not.toMatch(/secret/);
});
