import { expect, test } from "vitest";
import type { HttpServer } from "../support/reference.ts";
import { federate, patient, peerMetric, soon, startRegion } from "./regions.ts";

const isActive = (federator: HttpServer) => peerMetric(federator, "active", "west");

test("of two federators one is active; when it is killed the other goes on within 5 s, and when it stops at once", async () => {
  await using east = await startRegion("east");
  await using west = await startRegion("west");
  await using one = await federate(east, { west: west.gateway.url });
  await expect.poll(() => isActive(one), soon).toBe(1);
  await using two = await federate(east, { west: west.gateway.url });
  await east.push("a");
  await expect.poll(() => west.jobs(), soon).toEqual(["a"]);
  expect(await isActive(two)).toBe(0);
  expect(await peerMetric(two, "shipped_groups_total", "west")).toBe(0);

  await one.process?.stop("SIGKILL");
  const killed = performance.now();
  await east.push("b");
  await expect.poll(() => isActive(two), patient).toBe(1);
  expect(performance.now() - killed).toBeLessThan(5_000);
  await expect.poll(() => west.jobs(), soon).toEqual(["a", "b"]);

  await using three = await federate(east, { west: west.gateway.url });
  expect(await isActive(three)).toBe(0);
  expect(await two.process?.stop()).toBe(0);
  const stopped = performance.now();
  await expect.poll(() => isActive(three), soon).toBe(1);
  expect(performance.now() - stopped).toBeLessThan(2_000);
  await east.push("c");
  await expect.poll(() => west.jobs(), soon).toEqual(["a", "b", "c"]);
}, 120_000);

test("a federator that was frozen for longer than its lease notices that it is not the active one any more", async () => {
  await using east = await startRegion("east");
  await using west = await startRegion("west");
  await using one = await federate(east, { west: west.gateway.url });
  await expect.poll(() => isActive(one), soon).toBe(1);
  await using two = await federate(east, { west: west.gateway.url });
  one.process?.signal("SIGSTOP");
  await expect.poll(() => isActive(two), patient).toBe(1);
  one.process?.signal("SIGCONT");
  await expect.poll(() => isActive(one), soon).toBe(0);
  await east.push("a");
  await expect.poll(() => west.jobs(), soon).toEqual(["a"]);
  expect(await isActive(two)).toBe(1);
}, 120_000);

test("without Redis nobody holds a lease, and afterwards all goes on", async () => {
  await using east = await startRegion("east");
  await using west = await startRegion("west");
  await using federator = await federate(east, { west: west.gateway.url });
  await east.push("a");
  await expect.poll(() => west.jobs(), soon).toEqual(["a"]);
  await east.redis.pause();
  await expect.poll(() => isActive(federator), patient).toBe(0);
  await expect.poll(async () => (await fetch(`${federator.url}/-/ready`)).status, patient).toBe(503);
  await east.redis.resume();
  await expect.poll(() => isActive(federator), patient).toBe(1);
  expect((await fetch(`${federator.url}/-/ready`)).status).toBe(200);
  await east.push("b");
  await expect.poll(() => west.jobs(), patient).toEqual(["a", "b"]);
}, 120_000);
