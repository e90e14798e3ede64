import { Redis } from "ioredis";
import { expect, test } from "vitest";
import { startFaultyPeer } from "./faulty-peer.ts";
import { federate, patient, peerMetric, soon, startRegion } from "./regions.ts";

const jobs = (count: number, prefix = "job") =>
  Array.from({ length: count }, (_, i) => `${prefix}-${i}`).sort();

test("pushes and deletions of one region show in the other, and what came from there is not sent back", async () => {
  await using east = await startRegion("east");
  await using west = await startRegion("west");
  await using ships = await federate(east, { west: west.gateway.url });
  await using shipsBack = await federate(west, { east: east.gateway.url });
  await east.push("a", "m 1\n# TYPE h histogram\nh_count 2\n");
  await west.push("b", "m 3\n");
  await expect.poll(() => west.jobs(), soon).toEqual(["a", "b"]);
  await expect.poll(() => east.jobs(), soon).toEqual(["a", "b"]);
  expect(await west.lines()).toEqual(await east.lines());
  await east.delete("b");
  await west.delete("a");
  await expect.poll(() => west.jobs(), soon).toEqual([]);
  await expect.poll(() => east.jobs(), soon).toEqual([]);
  // Each told of one push and one deletion, and of nothing that the other told.
  await expect.poll(() => peerMetric(ships, "shipped_groups_total", "west"), soon).toBeWithin(1, 4);
  await expect.poll(() => peerMetric(shipsBack, "shipped_groups_total", "east"), soon).toBeWithin(1, 4);
  await expect.poll(() => peerMetric(ships, "lag_seconds", "west"), soon).toBe(0);
  expect(await peerMetric(ships, "link_up", "west")).toBe(1);
  expect(await peerMetric(ships, "active", "west")).toBe(1);
}, 120_000);

test("whatever happens to requests and answers, everything arrives; the trouble is told once, and its end", async () => {
  await using east = await startRegion("east");
  await using west = await startRegion("west");
  await using peer = await startFaultyPeer(west.gateway.url);
  await using federator = await federate(east, { west: peer.url });
  await east.push("first");
  await expect.poll(() => west.jobs(), soon).toEqual(["first"]);

  const expected = ["first"];
  for (const fate of ["unavailable", "cut-answer", "wrong-count", "cut-request"] as const) {
    const before = peer.requests.length;
    peer.behave(() => fate);
    await east.push(fate);
    expected.push(fate);
    await expect.poll(() => peer.requests.length, soon).toBeGreaterThan(before + 2);
    expect(await peerMetric(federator, "link_up", "west")).toBe(0);
    expect(await peerMetric(federator, "lag_seconds", "west")).toBeGreaterThan(0);
    peer.behave(() => "pass");
    await expect.poll(() => west.jobs(), patient).toEqual(expected.toSorted());
    await expect.poll(() => peerMetric(federator, "link_up", "west"), soon).toBe(1);
  }
  const log = federator.process?.output() ?? "";
  expect(log.match(/the peer is back/g)).toHaveLength(4);
  expect(log.match(/level=error/g)).toHaveLength(4);
  expect(log).toInclude("answered 503: later");
  expect(await peerMetric(federator, "failures_total", "west")).toBeGreaterThanOrEqual(8);
}, 120_000);

test("gateways of another region than the one that was named are told, and count as no link", async () => {
  await using east = await startRegion("east");
  await using west = await startRegion("west");
  await using federator = await federate(east, { north: west.gateway.url, west: east.gateway.url });
  const log = () => federator.process?.output();
  await expect.poll(log, soon).toInclude('are of the region \\"west\\", not \\"north\\"');
  await expect.poll(log, soon).toInclude('are of the region \\"east\\", not \\"west\\"');
  expect(await peerMetric(federator, "link_up", "north")).toBe(0);
}, 120_000);

test("what waited while the peer was down arrives in its newest state, and a restart goes on where it was", async () => {
  await using east = await startRegion("east");
  await using west = await startRegion("west");
  await using peer = await startFaultyPeer(west.gateway.url);
  const first = await federate(east, { west: peer.url });
  try {
    await east.push("before");
    await expect.poll(() => west.jobs(), soon).toEqual(["before"]);
    await expect
      .poll(() => peerMetric(first, "last_comparison_timestamp_seconds", "west"), soon)
      .toBeGreaterThan(0);
    // The comparison may have brought it first. Once it is shipped and nothing is owed, it is written down how far shipping has come.
    await expect.poll(() => peerMetric(first, "shipped_groups_total", "west"), soon).toBeGreaterThan(0);
    await expect.poll(() => peerMetric(first, "lag_seconds", "west"), soon).toBe(0);
    peer.behave(() => "hang");
    for (let value = 1; value <= 20; value++) await east.push("again", `m ${value}\n`);
    await east.push("gone");
    await east.delete("gone");
  } finally {
    await first[Symbol.asyncDispose]();
  }
  peer.behave(() => "pass");
  await using second = await federate(east, { west: peer.url });
  await expect.poll(() => west.jobs(), patient).toEqual(["again", "before"]);
  expect(await west.lines()).toContain('m{instance="",job="again"} 20');
  // "before" is known to be there, and of the others the newest state is all there is.
  await expect.poll(() => peerMetric(second, "shipped_groups_total", "west"), soon).toBe(2);
}, 120_000);

test("10,000 changed groups arrive within 10 s", async () => {
  await using east = await startRegion("east");
  await using west = await startRegion("west");
  for (let start = 0; start < 10_000; start += 250) {
    await Promise.all(Array.from({ length: 250 }, (_, i) => east.push(`job-${start + i}`)));
  }
  const begin = performance.now();
  await using federator = await federate(east, { west: west.gateway.url });
  await expect
    .poll(() => peerMetric(federator, "shipped_groups_total", "west"), { timeout: 20_000, interval: 100 })
    .toBeGreaterThanOrEqual(10_000);
  expect(performance.now() - begin).toBeLessThan(10_000);
  expect(await west.jobs()).toEqual(jobs(10_000));
}, 120_000);

test("a group that the peer takes in no way is told and left out, and the others arrive", async () => {
  await using east = await startRegion("east");
  await using west = await startRegion("west");
  await using peer = await startFaultyPeer(west.gateway.url);
  peer.behave(({ bytes }) => (bytes > 100_000 ? "too-large" : "pass"));
  await using federator = await federate(east, { west: peer.url });
  await east.push("small-1");
  // Larger than a batch, so it travels alone; and such that compression does not help.
  const random = () => Math.random().toString(36);
  await east.push(
    "large",
    Array.from({ length: 40_000 }, () => `m{a="${random()}",b="${random()}"} 1\n`).join(""),
  );
  await east.push("small-2");
  await expect.poll(() => west.jobs(), patient).toEqual(["small-1", "small-2"]);
  await expect
    .poll(() => peerMetric(federator, "refused_groups_total", "west"), patient)
    .toBeGreaterThanOrEqual(1);
  expect(federator.process?.output()).toMatch(/the peer refuses groups/);
  await expect.poll(() => peerMetric(federator, "lag_seconds", "west"), soon).toBe(0);
  expect(await peerMetric(federator, "link_up", "west")).toBe(1);
}, 120_000);

test("a peer that takes less at once than a batch gets it in smaller ones", async () => {
  await using east = await startRegion("east");
  await using west = await startRegion("west");
  await using peer = await startFaultyPeer(west.gateway.url);
  peer.behave(({ bytes }) => (bytes > 5_000 ? "too-large" : "pass"));
  for (const job of jobs(50)) {
    // Such that compression does not help.
    const values = Array.from({ length: 20 }, () => Math.random().toString(36)).join("");
    await east.push(job, `m{a="${values}"} 1\n`);
  }
  await using federator = await federate(east, { west: peer.url });
  await expect.poll(() => west.jobs(), patient).toEqual(jobs(50));
  expect(peer.requests.map(({ fate }) => fate)).toContain("too-large");
  await expect.poll(() => peerMetric(federator, "shipped_groups_total", "west"), soon).toBe(50);
  expect(await peerMetric(federator, "refused_groups_total", "west")).toBe(0);
  expect(await peerMetric(federator, "failures_total", "west")).toBe(0);
}, 120_000);

test("two peers in step are shipped to by one reading of the feed; a slow one goes by itself", async () => {
  await using east = await startRegion("east");
  await using west = await startRegion("west");
  await using north = await startRegion("north");
  await using peer = await startFaultyPeer(north.gateway.url);
  await using federator = await federate(east, { west: west.gateway.url, north: peer.url });
  await using redis = observe(east.redis.url);
  await east.push("a");
  await expect.poll(() => west.jobs(), soon).toEqual(["a"]);
  await expect.poll(() => north.jobs(), soon).toEqual(["a"]);
  for (const id of ["west", "north"]) {
    await expect
      .poll(() => peerMetric(federator, "last_comparison_timestamp_seconds", id), soon)
      .toBeGreaterThan(0);
  }
  // Four looks a second, a beat, two leases and what the gateway does; two readers would need four more.
  // The time that is measured, and no waiting for anything.
  await redis.reset();
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  const perSecond = (await redis.scripts()) / 3;
  expect(perSecond).toBeLessThan(11);

  peer.behave(({ path }) => (path.endsWith("changes") ? "slow" : "pass"));
  const begin = performance.now();
  let longest = 0;
  for (let i = 0; i < 5; i++) {
    const pushed = performance.now();
    await east.push(`b-${i}`);
    await expect.poll(() => west.jobs(), soon).toContain(`b-${i}`);
    longest = Math.max(longest, performance.now() - pushed);
  }
  // Once, the others waited for it.
  expect(longest).toBeLessThan(3_000);
  expect(performance.now() - begin).toBeLessThan(8_000);
  await expect.poll(() => north.jobs(), patient).toEqual(["a", ...jobs(5, "b")]);
}, 120_000);

function observe(url: string) {
  const redis = new Redis(url);
  return {
    reset: () => redis.config("RESETSTAT"),
    /** Scripts that were run since. */
    async scripts(): Promise<number> {
      const stats = await redis.info("commandstats");
      return [...stats.matchAll(/^cmdstat_(?:evalsha|eval)(?:_ro)?:calls=(\d+)/gm)].reduce(
        (sum, [, calls]) => sum + Number(calls),
        0,
      );
    },
    async [Symbol.asyncDispose]() {
      await redis.quit();
    },
  };
}
