import { expect, test } from "vitest";
import { startFaultyPeer } from "./faulty-peer.ts";
import { federate, patient, peerMetric, soon, startRegion } from "./regions.ts";

test("a peer that lost everything gets everything again, of all regions", async () => {
  await using east = await startRegion("east");
  await using west = await startRegion("west");
  await using north = await startRegion("north");
  await using fromNorth = await federate(north, { east: east.gateway.url });
  await using federator = await federate(east, { west: west.gateway.url });
  await north.push("n");
  for (let i = 0; i < 20; i++) await east.push(`e-${i}`);
  await east.delete("e-0");
  await expect.poll(() => east.jobs(), soon).toContain("n");
  await expect.poll(() => west.jobs(), soon).toContain("e-19");
  await expect
    .poll(() => peerMetric(federator, "last_comparison_timestamp_seconds", "west"), soon)
    .toBeGreaterThan(0);

  await west.redis.kill();
  await west.redis.restart();
  // With the line that its store is there: before it shows what it last knew, which is all of it.
  await expect.poll(() => west.lines(), patient).toEqual(await east.lines());
  // Told at the end of the comparison.
  await expect
    .poll(() => peerMetric(federator, "repaired_groups_total", "west"), soon)
    .toBeGreaterThanOrEqual(20);
  expect(federator.process?.output()).toInclude("the peer's store is not the one it was");
  expect(await peerMetric(fromNorth, "link_up", "east")).toBe(1);
}, 120_000);

test("what a third region pushed reaches a peer that has no link to it, at the next comparison", async () => {
  await using east = await startRegion("east");
  await using west = await startRegion("west");
  await using north = await startRegion("north");
  await using fromNorth = await federate(north, { east: east.gateway.url });
  await using federator = await federate(east, { west: west.gateway.url }, [
    "--federation.anti-entropy-interval=1s",
  ]);
  const comparedAt = () => peerMetric(federator, "last_comparison_timestamp_seconds", "west");
  await expect.poll(comparedAt, soon).toBeGreaterThan(0);
  await north.push("n", "m 7\n");
  await expect.poll(() => east.jobs(), soon).toEqual(["n"]);
  await expect.poll(() => west.jobs(), patient).toEqual(["n"]);
  expect(await west.lines()).toEqual(await east.lines());
  await expect.poll(() => peerMetric(federator, "repaired_groups_total", "west"), soon).toBe(1);
  expect(await peerMetric(federator, "shipped_groups_total", "west")).toBe(0);
  await expect.poll(() => peerMetric(fromNorth, "shipped_groups_total", "east"), soon).toBe(1);
}, 120_000);

test("a peer that has everything is compared with, however slowly it answers", async () => {
  await using east = await startRegion("east");
  await using west = await startRegion("west");
  await using peer = await startFaultyPeer(west.gateway.url);
  peer.behave(({ path }) => (path.endsWith("changes") ? "slow" : "pass"));
  await using federator = await federate(east, { west: peer.url });
  await expect
    .poll(() => peerMetric(federator, "last_comparison_timestamp_seconds", "west"), patient)
    .toBeGreaterThan(0);
}, 120_000);
