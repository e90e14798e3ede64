import type { Page } from "playwright-core";
import { expect } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { startReaper } from "../support/reaper.ts";
import { startRedisCluster } from "../support/redis-cluster.ts";
import { prefixes, soon, test } from "./fixture.ts";
import { groupsShown } from "./pages.ts";

const host = ({ url }: { readonly url: string }) => new URL(url).host;

/** Rows of a table of the region, cell by cell. */
async function rowsIn(page: Page, region: string): Promise<string[][]> {
  const rows = await page.getByRole("region", { name: region }).getByRole("row").all();
  return await Promise.all(
    rows.slice(1).map((row) => row.getByRole("rowheader").or(row.getByRole("cell")).allTextContents()),
  );
}

/** How many of the chart's points were painted in a colour of its lines, rather than grey or not at all. */
function paintedPoints(page: Page, chart: number): Promise<number> {
  return page.evaluate<number>(`(() => {
    const canvas = document.querySelectorAll("figure canvas")[${chart}];
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let painted = 0;
    for (let at = 0; at < data.length; at += 4) {
      const [red, green, blue, opacity] = data.subarray(at, at + 4);
      if (opacity > 200 && Math.max(red, green, blue) - Math.min(red, green, blue) > 80) painted += 1;
    }
    return painted;
  })()`);
}

for (const prefix of prefixes) {
  test(`a gateway alone is a cluster of one, whose pushes are drawn, under the prefix "${prefix}"`, async ({
    shared,
    open,
  }) => {
    const site = await shared.siteAt(prefix);
    for (const job of ["a", "b", "c"]) await site.push(job, "m 1\n");
    await site.push("c", "m 1\nm 2\n");
    for (let scrape = 0; scrape < 3; scrape++) await fetch(`${site.url}/metrics`);
    await site.pass(20_000);
    const page = await open(`${site.url}/cluster`);
    await page.getByRole("status").filter({ hasText: "The cluster is well" }).waitFor();
    await page.getByText("1 gateway", { exact: true }).waitFor();
    expect(await rowsIn(page, "Members")).toEqual([
      [
        `${host(site)} (answers this page)`,
        "gateway",
        "up",
        expect.stringMatching(/^\d+\.\d+\.\d+$/),
        expect.stringMatching(/^\d+s$/),
        expect.stringMatching(/^\d+s ago$/),
        "–",
      ],
    ]);
    const store = page.getByRole("region", { name: "Store" });
    await store.getByText("in memory, of this process alone").waitFor();
    await store.getByText("up", { exact: true }).waitFor();

    const rates = page.getByRole("region", { name: "Rates" });
    await rates.getByText(/^taken: 0\/s now, at most 0\.[123]\/s$/).waitFor();
    await rates.getByText(/^refused \(4xx\): 0\/s now, at most 0\.1\/s$/).waitFor();
    await rates.getByText(/^scrapes: 0\/s now, at most 0\.[123]\/s$/).waitFor();
    for (const chart of [0, 1, 2])
      await soon(() => paintedPoints(page, chart), `chart ${chart}`).toBeGreaterThan(100);
  });
}

test("gateways, reapers and Redis nodes are shown, and what fails of them", async ({ open }) => {
  await using redis = await startRedisCluster();
  const flags = [
    ...redis.sentinels.map(({ address }) => `--redis.sentinels=${address}`),
    `--redis.master-name=${redis.masterName}`,
  ];
  await using first = await startGateway({ flags });
  await using second = await startGateway({ flags });
  await using reaper = await startReaper([...flags, "--sweep.interval=1s"]);
  await fetch(`${second.url}/metrics/job/backup`, { method: "PUT", body: "m 1\n" });
  // What Chromium writes of requests that get no answer in time, or 503.
  const provoked = /net::ERR_|the server responded with a status of 503/;
  const page = await open(`${first.url}/cluster`, { provoked });
  await page.getByRole("status").filter({ hasText: "The cluster is well" }).waitFor();
  await page.getByText("2 gateways, 1 reaper, a Redis primary with 2 replicas").waitFor();
  const members = (await rowsIn(page, "Members")).map((cells) => cells.slice(0, 3));
  const gateways = [`${host(first)} (answers this page)`, `${host(second)} `].sort();
  expect(members).toEqual([
    ...gateways.map((name) => [name, "gateway", "up"]),
    [`${host(reaper)} `, "reaper", "up"],
  ]);
  await page.getByRole("row", { name: /^127.* primary Redis 7\.\d+\.\d+, [\d.]+ MB used/ }).waitFor();
  const onlineReplicas = page.getByRole("row", { name: /replica online / });
  expect(await onlineReplicas.count()).toBe(2);

  const primary = await redis.primary();
  await redis.nodes.find((node) => node !== primary)?.kill();
  await soon(() => onlineReplicas.count()).toBe(1);
  await page.getByText("a Redis primary with 1 replica").waitFor();
  await page.getByRole("row", { name: /reaper up .* \d+s ago \d+s ago$/ }).waitFor();

  const groups = page.getByRole("navigation").getByRole("link", { name: "Groups" });
  await groups.click();
  await soon(() => groupsShown(page)).toEqual(["backup"]);
  for (const node of redis.nodes) node.freeze();
  await page
    .getByRole("alert")
    .filter({ hasText: "The store is unavailable: this is its state of" })
    .waitFor();
  expect(await groupsShown(page)).toEqual(["backup"]);
  await page.getByRole("navigation").getByRole("link", { name: "Cluster" }).click();
  await page
    .getByRole("status")
    .filter({ hasText: "The store does not answer: pushes wait or are refused." })
    .waitFor();
});
