import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { createRedisStore } from "@pushfleet/store";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { type RedisServer, startRedis } from "../support/redis.ts";
import type { HttpServer } from "../support/reference.ts";
import { createTtlClient, type ShownGroup, type TtlClient } from "./client.ts";

const ruleFile = `
ttl:
  rules:
    - match: '{job=~"ci-.*", branch="main"}'
      ttl: 2h
    - match: '{job=~"ci-.*"}'
      ttl: 1h
    - match: 'job="kept"'
      ttl: 0
`;

/** Seconds between the last push and the end of the group; undefined when it has none. */
function lifetimeOf(group: ShownGroup | undefined): number | undefined {
  if (group === undefined) throw new Error("no such group");
  if (group.expires_at === undefined) return undefined;
  const pushedAtMs = Date.parse(group.push_time_seconds.time_stamp);
  return Math.round((Date.parse(group.expires_at) - pushedAtMs) / 1000);
}

describe.each(["embedded", "redis"] as const)("time to live, on the %s store", (store) => {
  let directory: string;
  let redis: RedisServer | undefined;
  let gateway: HttpServer;
  let client: TtlClient;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "pushfleet-ttl-"));
    const file = join(directory, "pushfleet.yml");
    await writeFile(file, ruleFile);
    redis = store === "redis" ? await startRedis() : undefined;
    gateway = await startGateway({
      flags: [`--config.file=${file}`, "--push.ttl=30m", "--log.level=debug"],
      ...(redis === undefined ? {} : { redisUrl: redis.url }),
    });
    client = createTtlClient(gateway.url);
  });
  afterAll(async () => {
    await gateway?.[Symbol.asyncDispose]();
    await redis?.[Symbol.asyncDispose]();
    await rm(directory, { recursive: true });
  });

  test.each([
    ["plain", {}, 1800],
    ["ci-1", {}, 3600],
    ["ci-1/branch/main", {}, 7200],
    ["kept", {}, undefined],
    ["ci-2?ttl=5m", {}, 300],
    ["ci-2", { header: "10m" }, 600],
    ["kept?ttl=5m", {}, 300],
    ["plain?ttl=0", {}, undefined],
    ["ci-3", { header: "0" }, undefined],
    ["ci-3/?ttl=5m&x=/job/b", { header: "300s" }, 300],
  ])("a push to %s with %j lives for %j s", async (path, options, seconds) => {
    for (const method of ["PUT", "POST"] as const) {
      expect(await client.push(path, { ...options, method })).toMatchObject({ status: 200 });
      const job = /^[^/?]+/.exec(path)?.[0] ?? "";
      const shown = await client.group(job);
      expect(lifetimeOf(shown)).toBe(seconds);
      if (seconds !== undefined)
        expect(shown?.remaining_ttl_seconds).toBeWithin(seconds - 60, seconds + 0.001);
      else expect(shown).not.toHaveProperty("remaining_ttl_seconds");
      await fetch(`${gateway.url}/metrics/job/${path}`, { method: "DELETE" });
    }
  });

  test("a query does not change which group is meant", async () => {
    await client.push("a%2Fb@x/label/v?ttl=1h&labels=/x/y");
    expect((await client.group("a/b@x"))?.labels).toEqual({ job: "a/b@x", label: "v" });
  });

  test.each([
    ["bad?ttl=15", {}, 'query parameter ttl must be a duration such as 15s, 5m or 1h30m, got "15"'],
    [
      "bad",
      { header: "soon" },
      'header Pushfleet-TTL must be a duration such as 15s, 5m or 1h30m, got "soon"',
    ],
    [
      "bad?ttl=5m",
      { header: "6m" },
      'different times to live: query parameter ttl "5m", header Pushfleet-TTL "6m"',
    ],
    ["bad?ttl=300y", {}, 'query parameter ttl is too long a duration: "300y"'],
  ])("%s with %j is refused and leaves nothing behind", async (path, options, text) => {
    expect(await client.push(path, options)).toEqual({ status: 400, text: `${text}\n` });
    expect(await client.group("bad")).toBeUndefined();
  });

  test("the longest time to live can be shown", async () => {
    await client.push("long?ttl=292y");
    expect((await client.group("long"))?.expires_at).toMatch(/^23\d\d-.*Z$/);
  });

  test("each push restarts the clock with its own time to live", async () => {
    await client.push("clock?ttl=1h");
    await client.push("clock?ttl=2h", { method: "POST", body: "other 1\n" });
    expect(lifetimeOf(await client.group("clock"))).toBe(7200);
    await client.push("clock", { method: "POST" });
    expect(lifetimeOf(await client.group("clock"))).toBe(1800);
    await client.push("clock?ttl=0", { method: "POST" });
    expect(lifetimeOf(await client.group("clock"))).toBeUndefined();
  });

  test("a group that is pushed to often enough outlives its first end", async () => {
    const ttlMs = 3_000;
    await client.push(`alive?ttl=${ttlMs}ms`);
    const end = Date.parse((await client.group("alive"))?.expires_at ?? "");
    for (let value = 2; Date.now() < end + 200; value++) {
      expect(await client.push(`alive?ttl=${ttlMs}ms`, { value })).toMatchObject({ status: 200 });
      expect(await client.scrape()).toContain(`m{instance="",job="alive"} ${value}`);
    }
  });

  test("a group that only a refused push made lives as long as the push would have", async () => {
    const refused = { body: "m 1 1000\n" };
    expect(await client.push("ci-failed", refused)).toMatchObject({ status: 400 });
    expect((await client.group("ci-failed"))?.remaining_ttl_seconds).toBeWithin(3500, 3601);
    expect(await client.push("ci-failed?ttl=5m", refused)).toMatchObject({ status: 400 });
    expect((await client.group("ci-failed"))?.remaining_ttl_seconds).toBeWithin(3500, 3601);
    expect(await client.push("kept-failed?ttl=0", refused)).toMatchObject({ status: 400 });
    expect(await client.group("kept-failed")).not.toHaveProperty("expires_at");
  });

  test("a pushed family called expires_at is shown as upstream shows it", async () => {
    await client.push("named?ttl=1h", { body: "expires_at 5\n" });
    expect((await client.group("named"))?.expires_at).toMatchObject({ metrics: [{ value: "5" }] });
  });

  test("a group is on every scrape until its end and on none after it", async () => {
    const toleranceMs = 50;
    await client.push("exact?ttl=1500ms", { body: "m 1\nn 2\n" });
    const endMs = Date.parse((await client.group("exact"))?.expires_at ?? "");
    const seen = { before: 0, after: 0 };
    while (Date.now() < endMs + 500) {
      const startedMs = Date.now();
      const isShown = (await client.scrape()).some((line) => line.includes('job="exact"'));
      const finishedMs = Date.now();
      // The store's clock is this machine's, and so is the test's.
      if (isShown) expect(startedMs, "shown after its end").toBeLessThan(endMs + toleranceMs);
      else expect(finishedMs, "gone before its end").toBeGreaterThan(endMs - toleranceMs);
      if (isShown) seen.before++;
      else seen.after++;
    }
    expect(seen.before).toBeGreaterThan(0);
    expect(seen.after).toBeGreaterThan(0);
    expect(await client.group("exact")).toBeUndefined();
  });

  test("a push that races with expiry wins", async () => {
    const isOver = new AbortController();
    const reaping = redis === undefined ? undefined : reapUntil(isOver.signal, redis.url);
    const jobs = Array.from({ length: 10 }, (_, index) => `race-${index}`);
    await Promise.all(
      jobs.map(async (job) => {
        for (let round = 1; round <= 20; round++) {
          await client.push(`${job}?ttl=25ms`, { value: -round });
          // Sometimes before the end, sometimes after it, most often close to it.
          await delay(15 + ((round * 7) % 20));
          expect(await client.push(`${job}?ttl=0`, { value: round, method: "POST" })).toMatchObject({
            status: 200,
          });
          expect(await client.scrape()).toContain(`m{instance="",job="${job}"} ${round}`);
        }
      }),
    );
    isOver.abort();
    if (reaping !== undefined) expect(await reaping).toBeGreaterThan(0);
    const lines = await client.scrape();
    for (const job of jobs) expect(lines).toContain(`m{instance="",job="${job}"} 20`);
  });

  test.runIf(store === "embedded")("the gateway frees what has expired by itself", async () => {
    await client.push("swept?ttl=1ms");
    await vi.waitFor(() => expect(gateway.process.output()).toInclude("removed what has expired"), {
      timeout: 15_000,
    });
    expect(await gateway.process.stop("SIGTERM")).toBe(0);
  });
});

/** Sweeps as fast as it can. Resolves to how many groups it removed. */
async function reapUntil(over: AbortSignal, url: string): Promise<number> {
  const store = await createRedisStore({ url });
  let removed = 0;
  while (!over.aborted) removed += await store.expire(100);
  await store.close();
  return removed;
}
