// `npm run screenshots`: docs/screenshots/*.png, each page of the web UI in both themes, of a gateway and of a cluster that
// hold what batch jobs might have left.

import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { pushShowcase, showcaseSpanMs } from "../test/browser/showcase.ts";
import { type ShowcaseCluster, startShowcaseCluster } from "../test/browser/showcase-cluster.ts";
import { startSite } from "../test/browser/site.ts";
import { desktop, startChromium } from "../test/support/browser.ts";

const directory = fileURLToPath(new URL("../docs/screenshots/", import.meta.url));
const gatewayUrl = "http://pushfleet.example";
const clusterUrl = "http://cluster.example";

// Each of the processes is to end with this one.
process.setMaxListeners(30);
mkdirSync(directory, { recursive: true });
await using site = await startSite({ aheadMs: -showcaseSpanMs });
await pushShowcase(site);
await using cluster = await startShowcaseCluster();
await using chromium = await startChromium({
  "pushfleet.example": new URL(site.url).host,
  "cluster.example": new URL(cluster.url).host,
});
for (const theme of ["light", "dark"] as const) await takeAll(chromium, theme);

async function takeAll(browser: Browser, theme: "light" | "dark"): Promise<void> {
  await using context = await browser.newContext({ ...desktop, colorScheme: theme });
  const page = await context.newPage();
  const take = async (name: string) => {
    await page.evaluate("document.fonts.ready");
    await page.screenshot({ path: `${directory}${name}-${theme}.png` });
    process.stdout.write(`${name}-${theme}.png\n`);
  };

  // First, while it has just been busy.
  await nameMembers(page, cluster);
  await page.goto(`${clusterUrl}/cluster`);
  await page.getByText("The cluster is well").waitFor();
  await page.getByText(/^scrapes: .* at most 0/).waitFor();
  await take("cluster");

  await page.goto(`${gatewayUrl}/groups`);
  const group = page.getByRole("link", { name: 'job="etl-orders" stage="load"' });
  await group.waitFor();
  await take("groups");
  await page.goto(`${gatewayUrl}/groups?${new URLSearchParams({ match: '{job=~"etl-.*|ci-build"}' })}`);
  await page.getByRole("button", { name: "Delete all that match the selector …" }).click();
  await page.getByRole("button", { name: "Delete 4 groups" }).waitFor();
  await take("delete");
  await page.keyboard.press("Escape");
  await group.click();
  await page.getByRole("heading", { name: "etl_batch_duration_seconds" }).waitFor();
  await take("group");
  await page.goto(`${gatewayUrl}/jobs`);
  await page.getByRole("link", { name: "nightly-backup" }).waitFor();
  await take("jobs");
  await page.goto(`${gatewayUrl}/status`);
  await page.getByRole("heading", { name: "Command-line flags" }).waitFor();
  await take("status");
}

/** Members and Redis nodes are known by addresses of this machine: names that one would give them stand for these. */
async function nameMembers(page: Page, { url, names }: ShowcaseCluster): Promise<void> {
  await page.route("**/api/v1/cluster", async (route) => {
    // Only the browser knows where its host is.
    const response = await route.fetch({ url: `${url}/api/v1/cluster` });
    let body = await response.text();
    for (const [address, name] of names) body = body.replaceAll(`"${address}"`, `"${name}"`);
    await route.fulfill({ response, body });
  });
}
