import { createFederationStore, type FederatorReport, type PeerReport } from "@pushfleet/store";
import { describe, expect } from "vitest";
import { batchOf, deliver, region } from "../federation-http/states.ts";
import { accessibilityProblems } from "../support/browser.ts";
import { startGateway } from "../support/gateway.ts";
import { startReaper } from "../support/reaper.ts";
import { startRedis } from "../support/redis.ts";
import { soon, test } from "./fixture.ts";
import { groupsShown, listOf } from "./pages.ts";

/**
 * The region `us` of three: a group of its own, of which another region has an older family in the way, groups of the others,
 * and a federator.
 */
async function startRegion() {
  await using started = new AsyncDisposableStack();
  const redis = started.use(await startRedis());
  const gateway = started.use(
    await startGateway({ redisUrl: redis.url, flags: ["--federation.region=us", "--web.drain-time=0s"] }),
  );
  started.use(await startReaper([`--redis.url=${redis.url}`, "--sweep.interval=1s"]));
  const store = await createFederationStore({ url: redis.url, region: region("us") });
  started.defer(() => store.close());
  const own = "# TYPE m gauge\nm 1\n# TYPE n gauge\nn 1\n";
  await fetch(`${gateway.url}/metrics/job/own`, { method: "PUT", body: own });
  await deliver(
    gateway.url,
    await batchOf(
      { path: "/job/far", body: "# TYPE m counter\nm 2\n", region: "eu" },
      { path: "/job/further", body: "o 1\n", region: "ap-south" },
    ),
  );
  const federator: FederatorReport = {
    kind: "federator",
    id: "f1",
    name: "federator-1:9095",
    version: "1.2.3",
    uptimeMs: 60_000,
    isStopping: false,
    region: region("us"),
    peers: [],
  };
  const kept = started.move();
  return {
    url: gateway.url,
    /** The federator's heartbeat. */
    tell: (peers: readonly PeerReport[]) => store.cluster.beat({ ...federator, peers }),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** What Chromium writes when the gateway of the test ends before its page does. */
const provoked = /net::ERR_/;

const peer = (id: string, report: Omit<PeerReport, "id">): PeerReport => ({ id: region(id), ...report });
const eu = peer("eu", { isActive: true, isUp: true, lagMs: 420 });

describe.each(["light", "dark"] as const)("in %s colours", (colorScheme) => {
  test("groups show their regions, and what is hidden of them", async ({ open }) => {
    await using here = await startRegion();
    const page = await open(`${here.url}/groups?sort=job`, { colorScheme, provoked });
    await soon(() => groupsShown(page)).toEqual(["far", "further", "own"]);
    const list = listOf(page, "Groups");
    const row = (job: string) => list.getByRole("row").filter({ hasText: `job="${job}"` });
    await row("far").getByText("eu", { exact: true }).waitFor();
    await row("further").getByText("ap-south", { exact: true }).waitFor();
    await row("own").getByText("us", { exact: true }).waitFor();
    const flag = list.getByText("hidden", { exact: true });
    expect(await flag.count()).toBe(1);
    expect(await row("own").getByText("hidden", { exact: true }).getAttribute("title")).toBe(
      "Scrapes do not show 1 family of this group in full, because of older ones of another group.",
    );
    expect(await accessibilityProblems(page)).toEqual([]);

    await row("own").getByRole("link").click();
    await page.getByRole("alert").filter({ hasText: "Scrapes do not show 1 family in full" }).waitFor();
    await page.getByRole("region", { name: "Summary" }).getByText("us", { exact: true }).waitFor();
    const family = page.getByRole("region", { name: "m", exact: true });
    const because = await family.getByText("hidden", { exact: true }).getAttribute("title");
    expect(because).toContain("eu");
    await family.getByText(because ?? "", { exact: true }).waitFor();
    await family.getByText(/ in us$/).waitFor();
    expect(await page.getByRole("region", { name: "n", exact: true }).getByText("hidden").count()).toBe(0);
    expect(await accessibilityProblems(page)).toEqual([]);

    // What is in the way goes, and the page follows.
    await fetch(`${here.url}/metrics/job/far`, { method: "DELETE" });
    await page.reload();
    await family.waitFor();
    expect(await page.getByText("hidden", { exact: true }).count()).toBe(0);
  });

  test("the cluster shows the links to other regions, and what is wrong with them", async ({ open }) => {
    await using here = await startRegion();
    await here.tell([eu]);
    const page = await open(`${here.url}/cluster`, { colorScheme, provoked });
    const regions = page.getByRole("region", { name: "Regions" });
    await regions.getByText("This is us").waitFor();
    await page.getByText("1 gateway, 1 federator, 1 reaper, a Redis primary with 0 replicas").waitFor();
    await page.getByRole("status").filter({ hasText: "The cluster is well" }).waitFor();
    const cells = async () => {
      const rows = await regions.getByRole("row").all();
      return await Promise.all(
        rows.slice(1).map((row) => row.getByRole("rowheader").or(row.getByRole("cell")).allTextContents()),
      );
    };
    await soon(cells).toEqual([["eu", "up", "0.4s", "federator-1:9095"]]);
    expect(await accessibilityProblems(page)).toEqual([]);

    await here.tell([
      peer("ap-south", { isActive: false, isUp: null, lagMs: null }),
      { ...eu, isUp: false, lagMs: 75_000 },
    ]);
    await soon(cells).toEqual([
      ["ap-south", "unknown", "–", "none"],
      ["eu", "down", "1m 15s", "federator-1:9095"],
    ]);
    const health = page.getByRole("status").filter({ hasText: "The cluster needs attention" });
    await health.getByText("No federator sends changes to the region ap-south.").waitFor();
    await health.getByText("The region eu does not take what it is sent.").waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
  });
});

test("a cluster that belongs to no region shows none", async ({ site, visit }) => {
  await site.push("own", "m 1\n");
  const page = await visit("/groups");
  await soon(() => groupsShown(page)).toEqual(["own"]);
  expect(await page.getByRole("columnheader", { name: "Region" }).count()).toBe(0);
  await listOf(page, "Groups").getByRole("link").click();
  await page.getByRole("heading", { name: "Metrics" }).waitFor();
  expect(await page.getByText(/region/i).count()).toBe(0);
  await page.getByRole("navigation").getByRole("link", { name: "Cluster" }).click();
  await page.getByRole("region", { name: "Store" }).waitFor();
  expect(await page.getByRole("region", { name: "Regions" }).count()).toBe(0);
});
