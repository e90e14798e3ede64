import { expect, test, vi } from "vitest";
import { gauge, group } from "../../packages/store/src/contract/families.ts";
import { loadScript } from "../../packages/store/src/redis/script-loader.ts";
import { metric, openBench, startReaper } from "./reaper.ts";

const key = (name: string) => `pushfleet:{0}:${name}`;
const patient = { timeout: 60_000, interval: 20 };
vi.setConfig({ testTimeout: 120_000 });

test("the space of expired groups is freed, and nothing else", async () => {
  await using bench = await openBench();
  await using reaper = await startReaper(bench.server.url, ["--sweep.interval=100ms"]);
  const kept = group({ job: "kept" });
  await bench.store.push(kept, [gauge(kept, "m", 1)], { mode: "replace" });
  await bench.fill(500, { ttlMs: 300 });
  await expect.poll(() => bench.redis.keys(key("group:*")), patient).toEqual([key(`group:${kept.id}`)]);
  expect(await bench.redis.hgetall(key("families"))).toEqual({ m: "g 1" });
  expect(await bench.redis.hgetall(key("shapes"))).toEqual({ '["job"]': "1" });
  await expect.poll(() => metric(reaper, "pushfleet_reaper_groups_expired_total"), patient).toBe(500);
  expect(await metric(reaper, "pushfleet_reaper_last_sweep_timestamp_seconds")).toBeWithin(
    Date.now() / 1000 - 20,
    Date.now() / 1000 + 1,
  );
  expect(await metric(reaper, "pushfleet_reaper_up")).toBe(1);
});

test("finished jobs do not pile up in Redis", async () => {
  await using bench = await openBench();
  await using reaper = await startReaper(bench.server.url, ["--sweep.interval=20ms"]);
  await expect.poll(() => metric(reaper, "pushfleet_reaper_sweeps_total"), patient).toBeGreaterThan(80);
  expect((await bench.redis.keys(key("reaper:*"))).length).toBeLessThan(15);
  // Redis trims a stream by whole nodes of 100 entries.
  expect(await bench.redis.xlen(key("reaper:sweeps:events"))).toBeLessThan(250);
  // All in the slot of the store.
  expect(await bench.redis.keys("*")).toSatisfy((names: string[]) =>
    names.every((name) => name.startsWith(key(""))),
  );
});

test("three reapers take turns: a sweep never works after another has begun", async () => {
  await using bench = await openBench();
  const [begin, expire] = [loadScript("begin-sweep").sha1, loadScript("expire").sha1];
  const monitor = await bench.redis.monitor();
  /** In the order of execution, which Redis itself tells: by which connection, and for which sweep, a script ran. */
  const steps: { readonly reaper: string; readonly sweep: string | undefined }[] = [];
  monitor.on("monitor", (_time: string, [command, sha, , , , , sweep]: string[], reaper: string) => {
    if (command === "evalsha" && (sha === begin || sha === expire)) steps.push({ reaper, sweep });
  });
  // Each sweep takes longer than the interval, so that the next job is always due while one is running.
  const flags = ["--sweep.interval=20ms"];
  await using one = await startReaper(bench.server.url, flags);
  await using two = await startReaper(bench.server.url, flags);
  await using three = await startReaper(bench.server.url, flags);
  const reapers = [one, two, three];
  for (let round = 0; round < 3; round++) {
    await bench.fill(4_000, { ttlMs: 1 });
    await expect.poll(bench.awaitingExpiry, patient).toBe(0);
  }
  for (const reaper of reapers) {
    await expect.poll(() => metric(reaper, "pushfleet_reaper_sweeps_total"), patient).toBeGreaterThan(2);
  }
  await Promise.all(reapers.map((reaper) => reaper.process.stop()));
  monitor.disconnect();

  expect(new Set(steps.map(({ reaper }) => reaper)).size).toBe(3);
  const sweeps = steps.filter(({ sweep }) => sweep !== undefined).map(({ sweep }) => Number(sweep));
  expect(sweeps.length).toBeGreaterThan(100);
  expect(sweeps).toEqual(sweeps.toSorted((a, b) => a - b));
  // One begins only when the one before is over: after its own steps, no other reaper's in between.
  let current = "";
  for (const { reaper, sweep } of steps) {
    if (sweep === undefined) current = reaper;
    else expect(reaper).toBe(current);
  }
  for (const reaper of reapers) expect(reaper.process.output()).not.toInclude("overtaken");
});

test("a reaper that is killed in the middle of a sweep is replaced within seconds", async () => {
  await using bench = await openBench();
  await using active = await startReaper(bench.server.url);
  await using other = await startReaper(bench.server.url);
  for (const reaper of [active, other]) reaper.process.signal("SIGSTOP");
  await bench.fill(15_000, { ttlMs: 1 });
  active.process.signal("SIGCONT");
  await expect.poll(bench.awaitingExpiry, { ...patient, interval: 1 }).toBeLessThan(14_000);
  await active.process.stop("SIGKILL");
  expect(await bench.awaitingExpiry()).toBeGreaterThan(0);
  other.process.signal("SIGCONT");
  await expect.poll(bench.awaitingExpiry, patient).toBe(0);
  expect(await bench.redis.exists(key("families"), key("shapes"))).toBe(0);
});

test("a reaper that is frozen in the middle of a sweep is replaced, and takes its turns again when it is back", async () => {
  await using bench = await openBench();
  await using frozen = await startReaper(bench.server.url);
  await using other = await startReaper(bench.server.url);
  for (const reaper of [frozen, other]) reaper.process.signal("SIGSTOP");
  await bench.fill(15_000, { ttlMs: 1 });
  frozen.process.signal("SIGCONT");
  await expect.poll(bench.awaitingExpiry, { ...patient, interval: 1 }).toBeLessThan(14_000);
  frozen.process.signal("SIGSTOP");
  expect(await bench.awaitingExpiry()).toBeGreaterThan(0);
  other.process.signal("SIGCONT");
  await expect.poll(bench.awaitingExpiry, patient).toBe(0);
  frozen.process.signal("SIGCONT");
  const turns = await metric(frozen, "pushfleet_reaper_sweeps_total");
  await expect
    .poll(() => metric(frozen, "pushfleet_reaper_sweeps_total"), patient)
    .toBeGreaterThan(turns + 1);
  await bench.fill(10, { ttlMs: 1 });
  await expect.poll(bench.awaitingExpiry, patient).toBe(0);
});

test("a reaper finds and corrects wrong counts, tells of them, and is quiet about right ones", async () => {
  await using bench = await openBench();
  await bench.fill(50, { ttlMs: 3_600_000 });
  const right = await bench.redis.hgetall(key("families"));
  await bench.redis.hset(key("families"), { batch_bytes: "c 7", nobody: "g 1" });
  await using reaper = await startReaper(bench.server.url);
  await expect.poll(() => bench.redis.hgetall(key("families")), patient).toEqual(right);
  await expect.poll(() => metric(reaper, "pushfleet_reaper_audit_differences_total"), patient).toBe(2);
  expect(reaper.process.output()).toMatch(
    /level=warn .*name=batch_bytes stored="c 7" counted="g 50" isCorrected=true/,
  );
  await using another = await startReaper(bench.server.url);
  await expect.poll(() => metric(another, "pushfleet_reaper_audits_total"), patient).toBe(1);
  expect(await metric(another, "pushfleet_reaper_audit_differences_total")).toBe(0);
});
