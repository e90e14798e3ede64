/** The users that docs/operations.md proposes may do what they have to, and nothing else. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createRedisStore, type GroupStore } from "@pushfleet/store";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { gauge, group } from "../../packages/store/src/contract/families.ts";
import { describeStoreContract } from "../../packages/store/src/store.contract.ts";
import { startFederator } from "../support/federator.ts";
import { startGateway } from "../support/gateway.ts";
import { startReaper } from "../support/reaper.ts";
import { type DocumentedUser, documentedUser } from "./documented-user.ts";
import { type SecuredRedis, startSecuredRedis } from "./secured-redis.ts";
import { push, scrape } from "./traffic.ts";

const patient = { timeout: 20_000, interval: 50 };
const password = "of-the-administrator";

const apiPaths = ["status", "metrics", "groups", "jobs", "cluster"].map((name) => `/api/v1/${name}`);

/** Names of the commands that the server has carried out, alone or in scripts. */
async function calledCommands(redis: SecuredRedis): Promise<ReadonlySet<string>> {
  const stats = String(await redis.command("info", "commandstats"));
  return new Set([...stats.matchAll(/^cmdstat_([^:]+):calls=[1-9]/gm)].map(([, name = ""]) => name));
}

/** What was refused for lack of rights. */
async function refusals(redis: SecuredRedis): Promise<unknown> {
  return await redis.command("acl", "log");
}

describe("the gateways' user", () => {
  let user: DocumentedUser;
  let redis: SecuredRedis;
  let replica: SecuredRedis;
  beforeAll(async () => {
    user = await documentedUser("pushfleet-gateway");
    redis = await startSecuredRedis({ password, settings: [user.line, "repl-diskless-sync-delay 0"] });
    replica = await startSecuredRedis({
      password,
      settings: [`masterauth ${password}`, `replicaof ${redis.host} ${redis.port}`],
    });
  });
  afterAll(async () => {
    expect(await refusals(redis)).toBeEmpty();
    await replica[Symbol.asyncDispose]();
    await redis[Symbol.asyncDispose]();
  });

  let opened = 0;
  describe.each([
    { name: "the store", options: {} },
    { name: "the store with acknowledgements", options: { acks: 1, holdMs: 20_000 } },
  ])("$name", ({ name, options }) =>
    describeStoreContract(name, async () => {
      const keyPrefix = `pushfleet:contract-${++opened}:{0}:`;
      const handles: GroupStore[] = [];
      const another = async () => {
        const url = `redis://${user.name}:${user.password}@${redis.host}:${redis.port}`;
        const handle = await createRedisStore({ url, keyPrefix, tombstones: 20, ...options });
        handles.push(handle);
        return handle;
      };
      return {
        store: await another(),
        another,
        tombstoneLimit: 20,
        passTime: (ms) => delay(ms + 2),
        async forgetHistory() {
          await redis.command("replicaof", "127.0.0.1", "1");
          await redis.command("replicaof", "no", "one");
        },
        async [Symbol.asyncDispose]() {
          await Promise.all(handles.map((handle) => handle.close()));
        },
      };
    }),
  );

  test("suffices for all that a gateway is asked", async () => {
    const redisUrl = `redis://${user.name}:${user.password}@${redis.host}:${redis.port}`;
    const flags = ["--web.enable-admin-api", "--push.max-rate-per-job=5", "--federation.region=here"];
    await using gateway = await startGateway({ redisUrl, flags });
    const ask = async (method: string, path: string) =>
      await (await fetch(`${gateway.url}${path}`, { method })).text();
    await push(gateway, "kept", "its rights");
    expect(await scrape(gateway)).toInclude("kept{");
    for (const path of ["/-/ready", "/-/metrics", "/federation/v1/digests", ...apiPaths])
      await ask("GET", path);
    await ask("DELETE", "/metrics/job/redis/name/kept");
    await ask("PUT", "/api/v1/admin/wipe");
    expect(await scrape(gateway)).not.toInclude("kept{");
    expect(await refusals(redis)).toBeEmpty();
  });

  test("has no right that the store does not use", async () => {
    expect([...user.commands.difference(await calledCommands(redis))]).toBeEmpty();
  });
});

describe("the reapers' user", () => {
  test("frees space, audits and takes turns, and has no right beside those of its scripts and BullMQ's", async () => {
    const user = await documentedUser("pushfleet-reaper");
    await using redis = await startSecuredRedis({ password, settings: [user.line] });
    const address = `${redis.host}:${redis.port}`;
    const store = await createRedisStore({ url: `redis://:${password}@${address}` });
    const mine = group({ job: "counted wrongly" });
    const [one, two] = [gauge(mine, "one", 1), gauge(mine, "two", 2)];
    await store.push(mine, [one], { mode: "replace" });
    await store.push(mine, [two], { mode: "merge" });
    await redis.command("hset", "pushfleet:{0}:families", "one", "g 7", "nobody's", "g 1");
    await redis.command("hset", "pushfleet:{0}:shapes", '["job"]', "7");
    for (let number = 0; number < 100; number++) {
      const owner = group({ job: `${number}` });
      await store.push(owner, [gauge(owner, "m", 1)], { mode: "replace", ttlMs: 1 });
    }
    await store.close();

    const flags = [
      `--redis.url=redis://${user.name}:${user.password}@${address}`,
      "--sweep.interval=100ms",
      "--audit.interval=100ms",
    ];
    await using first = await startReaper(flags);
    await using second = await startReaper(flags);
    const state = async () => ({
      waiting: await redis.command("zcard", "pushfleet:{0}:expiry"),
      families: await redis.command("hgetall", "pushfleet:{0}:families"),
      shapes: await redis.command("hgetall", "pushfleet:{0}:shapes"),
    });
    await expect
      .poll(state, patient)
      .toEqual({ waiting: 0, families: { one: "g 1", two: "g 1" }, shapes: { '["job"]': "1" } });
    // In the middle of a job or not: the other one goes on.
    await first.process.stop("SIGKILL");
    const swept = async () => Number(await redis.command("hget", "pushfleet:{0}:state", "sweep"));
    const before = await swept();
    await expect.poll(swept, patient).toBeGreaterThan(before + 20);
    expect(await second.process.stop()).toBe(0);

    expect(await refusals(redis)).toBeEmpty();
    const needed = (await calledCommands(redis)).union(commandsOfBullMq());
    expect([...user.commands.difference(needed)]).toBeEmpty();
    expect([...commandsOfBullMq().difference(user.commands)]).toBeEmpty();
  });
});

describe("the federators' user", () => {
  test("ships, compares and hands over, and has no other right", async () => {
    const user = await documentedUser("pushfleet-federator");
    await using redis = await startSecuredRedis({ password, settings: [user.line] });
    const address = `${redis.host}:${redis.port}`;
    await using peer = await startGateway({ flags: ["--federation.region=there"] });
    {
      const flags = ["--federation.region=here"];
      await using gateway = await startGateway({ redisUrl: `redis://:${password}@${address}`, flags });
      await push(gateway, "shipped", "its rights");
    }
    await redis.command("config", "resetstat");

    const options = {
      redisUrl: `redis://${user.name}:${user.password}@${address}`,
      region: "here",
      peers: { there: peer.url },
      flags: ["--federation.anti-entropy-interval=100ms"],
    };
    await using first = await startFederator(options);
    await expect.poll(() => scrape(peer), patient).toInclude("shipped{");
    await using second = await startFederator(options);
    expect(await first.process.stop()).toBe(0);
    const compared = async () => await (await fetch(`${second.url}/-/metrics`)).text();
    await expect
      .poll(compared, patient)
      .toMatch(/^pushfleet_federator_last_comparison_timestamp_seconds\{peer="there"\} [1-9]/m);
    expect(await second.process.stop()).toBe(0);

    expect(await refusals(redis)).toBeEmpty();
    expect([...user.commands.difference(await calledCommands(redis))]).toBeEmpty();
  });
});

/** What schedules, takes, finishes and rescues jobs: all commands in these, as some are for rare moments. */
const scriptsOfBullMq = [
  "addJobScheduler",
  "extendLocks",
  "moveStalledJobsToWait",
  "moveToActive",
  "moveToFinished",
  "updateJobScheduler",
];

function commandsOfBullMq(): ReadonlySet<string> {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const folder = join(root, "node_modules", "bullmq", "dist", "cjs", "scripts");
  const files = globSync(
    scriptsOfBullMq.map((name) => `${name}-*.js`),
    { cwd: folder },
  );
  expect(files).toHaveLength(scriptsOfBullMq.length);
  const sources = files.map((file) => readFileSync(join(folder, file), "utf8")).join("\n");
  // At which end of a list a job is put, is handed down to the function that calls it.
  const calls = sources.matchAll(/(?:\brcall\(\s*["'](\w+)|["']([LR]PUSH))["']/g);
  return new Set([...calls].map(([, called, handedDown]) => (called ?? handedDown ?? "").toLowerCase()));
}
