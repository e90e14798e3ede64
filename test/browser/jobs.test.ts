import type { Page } from "playwright-core";
import { describe, expect } from "vitest";
import { prefixes, soon, test } from "./fixture.ts";
import { count, groupsShown, listOf } from "./pages.ts";
import type { Site } from "./site.ts";

const jobsShown = (page: Page) => listOf(page, "Jobs").getByRole("link").allTextContents();

/** Three jobs of which each column makes another order. */
async function pushJobs(site: Site): Promise<void> {
  await site.push("etl&co/stage/load", "m 1\nm 2\n");
  await site.push("etl&co/stage/extract?ttl=1h", "m 1\nn 1\n");
  await site.push("etl&co/stage/transform", "m 1\n");
  await site.pass(605_000);
  await site.push("mail/tenant/a", `m{text="${"long ".repeat(100)}"} 1\n`);
  await site.push("mail/tenant/b", "m 1\n");
  await site.pass(605_000);
  await site.push("backup", "m 1\nn 1\no 1\np 1\n");
}

describe.each(prefixes)("under the prefix %j", (prefix) => {
  test.override("prefix", prefix);

  test("jobs are listed with their groups rolled up, and lead to these groups", async ({ site, visit }) => {
    await pushJobs(site);
    const page = await visit("/jobs");
    await soon(() => jobsShown(page)).toEqual(["backup", "etl&co", "mail"]);
    await count(page, "3 jobs").waitFor();
    const row = (job: string) => listOf(page, "Jobs").getByRole("row").filter({ hasText: job });
    expect((await row("etl&co").getByRole("cell").allTextContents()).join(", ")).toMatch(
      /^etl&co, 1 failing, 2[01]m( \d+s)? ago, in 39m( \d+s)?, 3, 3, \d+ B$/,
    );
    expect((await row("backup").getByRole("cell").allTextContents()).join(", ")).toMatch(
      /^backup, none, \d+s ago, never, 1, 4, \d+ B$/,
    );
    await page.getByRole("link", { name: "etl&co" }).click();
    await page.getByRole("heading", { name: "Groups", exact: true }).waitFor();
    expect(await page.getByLabel("Selector").inputValue()).toBe('{job="etl&co"}');
    await soon(() => groupsShown(page)).toIncludeSameMembers([
      "etl&co extract",
      "etl&co load",
      "etl&co transform",
    ]);
  });
});

test("jobs are searched and sorted, and the link keeps how", async ({ site, visit }) => {
  await pushJobs(site);
  const page = await visit("/jobs");
  const orders = {
    Failing: ["etl&co", "backup", "mail"],
    "Last push": ["backup", "mail", "etl&co"],
    Groups: ["etl&co", "mail", "backup"],
    Series: ["backup", "etl&co", "mail"],
    Size: ["mail", "etl&co", "backup"],
    Job: ["backup", "etl&co", "mail"],
  };
  for (const [title, jobs] of Object.entries(orders)) {
    await page.getByRole("button", { name: title, exact: true }).click();
    // Which of those stands first that have no failure is not told.
    const told = title === "Failing" ? 1 : 3;
    await soon(async () => (await jobsShown(page)).slice(0, told), title).toEqual(jobs.slice(0, told));
  }
  await page.getByRole("searchbox", { name: "Search jobs" }).fill("L");
  await soon(() => jobsShown(page)).toEqual(["etl&co", "mail"]);
  await count(page, "2 of 3 jobs").waitFor();
  await page.getByRole("button", { name: "Job", exact: true }).click();
  await soon(() => jobsShown(page)).toEqual(["mail", "etl&co"]);
  await page.reload();
  await soon(() => jobsShown(page)).toEqual(["mail", "etl&co"]);
  await page.getByRole("checkbox", { name: "Failing only" }).check();
  await soon(() => jobsShown(page)).toEqual(["etl&co"]);
  expect(new URL(page.url()).search).toBe("?search=L&failing=true&order=desc");
});

test("jobs appear and vanish as their groups do", async ({ site, visit }) => {
  await site.push("backup", "m 1\n");
  const page = await visit("/jobs");
  await soon(() => jobsShown(page)).toEqual(["backup"]);
  await count(page, "1 job").waitFor();
  await site.push("etl", "m 1\n");
  await site.remove("backup");
  await soon(() => jobsShown(page)).toEqual(["etl"]);
});
