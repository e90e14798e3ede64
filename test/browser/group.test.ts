import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Locator, Page } from "playwright-core";
import { describe, expect } from "vitest";
import { families, labels, PROTOBUF } from "../conformance/protobuf.ts";
import { prefixes, soon, test } from "./fixture.ts";
import { groupsShown, listOf } from "./pages.ts";
import { base64Url, hostile, pushHostile } from "./showcase.ts";

const run = promisify(execFile);

/** Opens the only group whose labels have the words, maybe while the search still waits for what else is typed. */
async function openGroup(page: Page, words: string): Promise<void> {
  await page.getByRole("searchbox", { name: "Search labels" }).fill(words);
  await soon(() => groupsShown(page)).toHaveLength(1);
  await listOf(page, "Groups").getByRole("link").click();
  await page.getByRole("heading", { name: "Metrics" }).waitFor();
}

/** Presses the button beside the command and resolves to what is in the clipboard. */
async function copied(page: Page, label: string): Promise<string> {
  const figure = page.getByRole("figure", { name: label });
  await figure.getByRole("button", { name: `Copy the command: ${label}` }).click();
  await figure.getByRole("status").filter({ hasText: "Copied" }).waitFor();
  return String(await page.evaluate("navigator.clipboard.readText()"));
}

describe.each(prefixes)("under the prefix %j", (prefix) => {
  test.override("prefix", prefix);

  test("the copied commands push to the group and delete it", async ({ site, visit }) => {
    const group = `it%27s%20%24HOME/dir@base64/${base64Url("/var/a'b")}`;
    await site.push(group, "first 1\nkept 1\n");
    const page = await visit("/groups", { provoked: /the server responded with a status of 404/ });
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await openGroup(page, "/var");

    const names = async () => {
      const scrape = await (await fetch(`${site.url}/metrics`)).text();
      return ["first", "kept", "some_metric"].filter((name) => scrape.includes(`\n${name}{`));
    };
    await run("bash", ["-c", await copied(page, "Push, replacing only the families pushed")]);
    expect(await names()).toEqual(["first", "kept", "some_metric"]);
    await run("bash", ["-c", await copied(page, "Push, replacing all metrics of the group")]);
    expect(await names()).toEqual(["some_metric"]);
    expect(await site.groups()).toEqual([{ job: "it's $HOME", dir: "/var/a'b" }]);
    await page.getByRole("table", { name: "some_metric" }).getByRole("cell", { name: "42" }).waitFor();
    await run("bash", ["-c", await copied(page, "Delete the group")]);
    await page.getByRole("heading", { name: "There is no such group" }).waitFor();
    expect(await site.groups()).toBeEmpty();
  });
});

test("a group is deleted from its page, which then gives way to the list", async ({ site, visit }) => {
  for (const job of ["one", "two"]) await site.push(job, "m 1\n");
  const page = await visit("/groups");
  await openGroup(page, "one");
  const open = page.getByRole("button", { name: "Delete this group …" });
  await open.click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("1 group will be deleted").waitFor();
  await dialog.getByRole("button", { name: "Cancel" }).click();
  expect(await site.groups()).toHaveLength(2);
  await open.click();
  await dialog.getByRole("button", { name: "Delete 1 group" }).click();
  await page.getByRole("heading", { name: "Groups", exact: true }).waitFor();
  await soon(() => groupsShown(page)).toEqual(["two"]);
  expect(await site.groups()).toEqual([{ job: "two" }]);
});

test("families show their type, help, labels and values, and follow the next push", async ({
  site,
  visit,
}) => {
  const body = (free: number) =>
    `# HELP disk_free_bytes Space left.\n# TYPE disk_free_bytes gauge\ndisk_free_bytes{device="sda"} ${free}\ndisk_free_bytes{device="sdb"} NaN\n`;
  await site.push("disks/instance/db-1?ttl=1h", body(1024));
  const page = await visit("/groups");
  await openGroup(page, "disks");
  const summary = page.getByRole("region", { name: "Summary" });
  await summary.getByText(/^59m \d+s$/).waitFor();
  const family = page.getByRole("region", { name: "disk_free_bytes" });
  await family.getByText("gauge", { exact: true }).waitFor();
  await family.getByText("Space left.").waitFor();
  expect(await family.getByRole("row").allTextContents()).toEqual([
    "LabelsValue",
    'device="sda" 1024',
    'device="sdb" NaN',
  ]);
  await site.push("disks/instance/db-1?ttl=1h", body(4096));
  await site.push("disks/instance/db-1", "m 1\nm 2\n");
  await family.getByRole("cell", { name: "4096" }).waitFor();
  await page.getByRole("alert").filter({ hasText: "The last push was refused" }).waitFor();
  await summary.getByRole("link", { name: "all groups of disks" }).click();
  await soon(() => groupsShown(page)).toEqual(["disks db-1"]);
});

test("summaries show their quantiles, count and sum", async ({ site, visit }) => {
  const lines = ['s{quantile="0.5"} 0.2', 's{quantile="0.99"} 1.7', "s_sum 12.5", "s_count 40"];
  await site.push("x", `# TYPE s summary\n${lines.join("\n")}\n`);
  const page = await visit("/groups");
  await openGroup(page, "x");
  const row = page.getByRole("table", { name: "s" }).getByRole("row").last();
  expect(await row.getByRole("cell").allTextContents()).toEqual([
    "no labels of its own",
    "0.50.20.991.7",
    "40",
    "12.5",
  ]);
});

test("a classic histogram is drawn with its buckets, and told in words", async ({ site, visit }) => {
  const buckets = Object.entries({ "0.1": 2, "0.5": 10, "1": 14, "+Inf": 15 });
  const lines = buckets.map(([bound, count]) => `h_bucket{le="${bound}"} ${count}`);
  await site.push("x", `# TYPE h histogram\n${lines.join("\n")}\nh_sum 6\nh_count 15\n`);
  const page = await visit("/groups");
  await openGroup(page, "x");
  const family = page.getByRole("region", { name: "h", exact: true });
  await family.getByText("count 15, sum 6, mean 0.4").waitFor();
  const drawing = family.getByRole("img", { name: "15 observations in 4 buckets, the most in (0.1, 0.5]" });
  const heights = await drawnHeights(drawing);
  expect(heights.map((height) => Math.round((height / Math.max(...heights)) * 8))).toEqual([2, 8, 4, 1]);
  await family.getByText("4 buckets", { exact: true }).click();
  expect(await family.getByRole("row").allTextContents()).toEqual([
    "BucketObservations",
    "(-Inf, 0.1]2",
    "(0.1, 0.5]8",
    "(0.5, 1]4",
    "(1, +Inf)1",
  ]);
});

test("a native histogram is drawn with its buckets, and told in words", async ({ site, visit }) => {
  const histogram = {
    sample_count: 13,
    sample_sum: 50,
    schema: 0,
    zero_threshold: 0.001,
    zero_count: 1,
    positive_span: [{ offset: 1, length: 3 }],
    positive_delta: [2, 4, -2],
  };
  const metric = [{ label: labels(["step", "test"]), histogram }];
  await site.push("x", families({ name: "h", type: 4, metric }), PROTOBUF);
  const page = await visit("/groups");
  await openGroup(page, "x");
  const drawing = page.getByRole("img", { name: "13 observations in 4 buckets, the most in (2, 4]" });
  const heights = await drawnHeights(drawing);
  expect(heights.map((height) => Math.round((height / Math.max(...heights)) * 6))).toEqual([1, 2, 6, 4]);
});

/** Pixels of each bar of the drawing, which has to have been painted in a colour and stand within its box. */
async function drawnHeights(drawing: Locator): Promise<number[]> {
  await drawing.scrollIntoViewIfNeeded();
  const box = await drawing.boundingBox();
  const fills = "[...document.querySelectorAll('[role=img] rect')].map((bar) => getComputedStyle(bar).fill)";
  expect(new Set(await drawing.page().evaluate<string[]>(fills))).toEqual(new Set(["rgb(25, 113, 194)"]));
  const bars = await drawing.locator("rect").all();
  return await Promise.all(
    bars.map(async (bar) => {
      const barBox = await bar.boundingBox();
      if (box === null || barBox === null) throw new Error("a bar is not drawn");
      expect(barBox.width).toBeGreaterThan(1);
      expect(barBox.x).toBeWithin(box.x - 1, box.x + box.width);
      const above = box.y + box.height - (barBox.y + barBox.height);
      expect(above, "pixels between a bar and the bottom").toBeWithin(-1, 2);
      return barBox.height;
    }),
  );
}

test("what looks like markup is text, in lists, dialogs and metrics", async ({ site, visit }) => {
  await pushHostile(site);
  const page = await visit("/jobs");
  page.on("dialog", () => expect.unreachable("a script of the label ran"));
  await page.getByRole("link", { name: hostile.job, exact: true }).click();
  const link = listOf(page, "Groups").getByRole("link");
  await soon(() => link.allTextContents()).toEqual([`job="${hostile.job}" page="${hostile.label}" `]);
  await page.getByRole("button", { name: /^Delete job=/ }).click();
  await page.getByRole("dialog").getByText(`job="${hostile.job}"`).waitFor();
  await page.keyboard.press("Escape");
  await link.click();
  await page.getByRole("heading", { name: `Group of ${hostile.job}`, exact: true }).waitFor();
  await page.getByText(hostile.help, { exact: true }).waitFor();
  expect(await page.title()).toBe(`Group of ${hostile.job} · Pushfleet`);
  expect(await page.locator("img[onerror], main script, main b[onclick]").count()).toBe(0);
});

test("of many families those are shown that a filter finds", async ({ site, visit }) => {
  const names = Array.from({ length: 60 }, (_, index) => `family_${index + 10}`);
  await site.push("x", names.map((name) => `${name} 1\n`).join(""));
  const page = await visit("/groups");
  await openGroup(page, "x");
  await page.getByText("60 families", { exact: true }).waitFor();
  await page.getByRole("heading", { name: "family_59" }).waitFor();
  expect(await page.getByRole("heading", { level: 3 }).count()).toBe(50);
  await page.getByRole("button", { name: "Show 10 more families of 60" }).click();
  await page.getByRole("heading", { name: "family_69" }).waitFor();
  await page.getByRole("searchbox", { name: "Filter families, help and labels" }).fill("42");
  await page.getByText("1 of 60 families").waitFor();
  expect(await page.getByRole("heading", { level: 3 }).allTextContents()).toEqual(["family_42"]);
});

test("a group that is not there is said to be gone", async ({ visit }) => {
  const page = await visit(`/groups/${"x".repeat(22)}`, {
    provoked: /the server responded with a status of 404/,
  });
  await page.getByRole("heading", { name: "There is no such group" }).waitFor();
  await page.getByRole("link", { name: "all groups" }).click();
  await page.getByRole("heading", { name: "Groups", exact: true }).waitFor();
});
