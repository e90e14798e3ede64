import { expect, test } from "vitest";
import { freePort } from "../support/ports.ts";
import { startServerProcess } from "../support/process.ts";
import { metric, openBench, startReaper } from "./reaper.ts";

const patient = { timeout: 20_000, interval: 50 };

async function status(url: string): Promise<number> {
  const response = await fetch(url);
  await response.body?.cancel();
  return response.status;
}

function count(output: string, text: string): number {
  return output.split(text).length - 1;
}

test("an outage of Redis is survived, and logged once when it begins and once when it ends", async () => {
  await using bench = await openBench();
  await using reaper = await startReaper(bench.server.url, ["--sweep.interval=100ms"]);
  await bench.server.kill();
  await expect.poll(() => status(`${reaper.url}/-/ready`), patient).toBe(503);
  const noticed = performance.now();
  expect(await status(`${reaper.url}/-/healthy`)).toBe(200);
  expect(await metric(reaper, "pushfleet_reaper_up")).toBe(0);
  // Long enough for its connections to be tried again and again.
  await expect.poll(() => performance.now() - noticed, patient).toBeGreaterThan(4_000);
  // With nothing that was in it: schedule, groups and scripts are gone.
  await bench.server.restart();
  await expect.poll(() => status(`${reaper.url}/-/ready`), patient).toBe(200);
  await expect
    .poll(
      () =>
        bench.store.ready().then(
          () => true,
          () => false,
        ),
      patient,
    )
    .toBe(true);
  const sweepsBefore = await metric(reaper, "pushfleet_reaper_sweeps_total");
  await bench.fill(20, { ttlMs: 1 });
  await expect.poll(bench.awaitingExpiry, patient).toBe(0);
  await expect
    .poll(() => metric(reaper, "pushfleet_reaper_sweeps_total"), patient)
    .toBeGreaterThan(sweepsBefore);
  expect(await reaper.process.stop()).toBe(0);
  const output = reaper.process.output();
  expect(count(output, "Redis is unavailable")).toBe(1);
  expect(count(output, "Redis is back")).toBe(1);
  expect(count(output, "level=error")).toBe(1);
  expect(output.trim().split("\n").length).toBeLessThan(10);
});

test("a Redis that hangs is an outage too", async () => {
  await using bench = await openBench();
  await using reaper = await startReaper(bench.server.url, ["--sweep.interval=100ms"]);
  await bench.server.pause();
  await expect.poll(() => reaper.process.output(), patient).toInclude("Redis is unavailable");
  await bench.server.resume();
  await expect.poll(() => reaper.process.output(), patient).toInclude("Redis is back");
  await bench.fill(20, { ttlMs: 1 });
  await expect.poll(bench.awaitingExpiry, patient).toBe(0);
  expect(count(reaper.process.output(), "level=error")).toBe(1);
});

test("a Redis that is full of what has expired is emptied", async () => {
  await using bench = await openBench();
  await using reaper = await startReaper(bench.server.url, ["--sweep.interval=100ms"]);
  await bench.fill(2_000, { ttlMs: 3_000 });
  await bench.redis.config("SET", "maxmemory", 1);
  await expect.poll(() => reaper.process.output(), patient).toInclude("OOM");
  await expect.poll(bench.awaitingExpiry, patient).toBe(0);
  expect(await status(`${reaper.url}/-/ready`)).toBe(503);
  await bench.redis.config("SET", "maxmemory", 0);
  await expect.poll(() => status(`${reaper.url}/-/ready`), patient).toBe(200);
  expect(count(reaper.process.output(), "level=error")).toBe(1);
});

test.each(["while Redis answers", "while Redis is away", "in the middle of a sweep"] as const)(
  "SIGTERM ends a reaper cleanly and soon %s",
  async (when) => {
    await using bench = await openBench();
    await using reaper = await startReaper(bench.server.url, ["--sweep.interval=100ms"]);
    if (when === "while Redis is away") {
      await bench.server.kill();
      await expect.poll(() => reaper.process.output(), patient).toInclude("Redis is unavailable");
    }
    if (when === "in the middle of a sweep") {
      reaper.process.signal("SIGSTOP");
      await bench.fill(15_000, { ttlMs: 1 });
      reaper.process.signal("SIGCONT");
      await expect.poll(bench.awaitingExpiry, { ...patient, interval: 1 }).toBeLessThan(14_000);
    }
    const begun = performance.now();
    expect(await reaper.process.stop("SIGTERM")).toBe(0);
    expect(performance.now() - begun).toBeLessThan(10_000);
    if (when === "in the middle of a sweep") expect(await bench.awaitingExpiry()).toBeGreaterThan(0);
  },
);

test("a reaper without Redis says which option it needs, and one that cannot reach it says so", async () => {
  const start = async (flags: readonly string[]) =>
    startServerProcess({
      command: process.execPath,
      args: ["apps/reaper/src/main.ts", `--web.listen-address=127.0.0.1:${await freePort()}`, ...flags],
      readyUrl: "http://127.0.0.1:1/",
    });
  await expect(start([])).rejects.toThrow("--redis.url or --redis.sentinels is needed");
  await expect(start(["--redis.url=redis://127.0.0.1:1"])).rejects.toThrow(
    /--redis\.url: cannot connect .*ECONNREFUSED/,
  );
});
