import type { Locator } from "playwright-core";
import { describe, expect } from "vitest";
import { prefixes, soon, test } from "./fixture.ts";
import { count, groupsShown, openDialog } from "./pages.ts";
import type { Site } from "./site.ts";

async function push(site: Site, ...jobs: readonly string[]): Promise<void> {
  for (const job of jobs) await site.push(job, "m 1\n");
}

/** Jobs of the groups that the gateway still has. */
async function jobsLeft(site: Site): Promise<string[]> {
  return (await site.groups()).map(({ job = "" }) => job).toSorted();
}

/** Closes the dialog without having deleted anything. */
async function cancel(dialog: Locator): Promise<void> {
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await dialog.waitFor({ state: "detached" });
}

describe.each(prefixes)("under the prefix %j", (prefix) => {
  test.override("prefix", prefix);

  test("one group is deleted from the list, once that is confirmed", async ({ site, visit }) => {
    await push(site, "one", "two");
    const page = await visit("/groups?sort=job");
    const cancelled = await openDialog(page, 'Delete job="one"');
    await cancelled.getByText("1 group will be deleted, with all metrics in it.").waitFor();
    await cancelled.getByRole("listitem").filter({ hasText: 'job="one"' }).waitFor();
    await cancel(cancelled);
    expect(await jobsLeft(site)).toEqual(["one", "two"]);

    const dialog = await openDialog(page, 'Delete job="one"');
    await dialog.getByRole("button", { name: "Delete 1 group" }).click();
    await page.getByRole("alert").filter({ hasText: "1 group deleted." }).waitFor();
    await dialog.waitFor({ state: "detached" });
    await soon(() => groupsShown(page)).toEqual(["two"]);
    expect(await jobsLeft(site)).toEqual(["two"]);
  });

  test("all groups that a selector matches are deleted, after a count that deletes nothing", async ({
    site,
    visit,
  }) => {
    await push(site, "etl/instance/1", "etl/instance/2", "etl/instance/3", "backup");
    const page = await visit(`/groups?${new URLSearchParams({ match: '{job="etl"}', search: "3" })}`);
    await count(page, "1 of 4 groups").waitFor();
    const button = "Delete all that match the selector …";
    const cancelled = await openDialog(page, button);
    await cancelled.getByText("The search and the other filters do not count here.").waitFor();
    await cancelled.getByText("3 groups will be deleted, with all metrics in them.").waitFor();
    await cancel(cancelled);
    expect(await jobsLeft(site)).toHaveLength(4);

    const dialog = await openDialog(page, button);
    await dialog.getByRole("button", { name: "Delete 3 groups" }).click();
    await page.getByRole("alert").filter({ hasText: "3 groups deleted." }).waitFor();
    await page.getByText("No group passes the filters.").waitFor();
    expect(await jobsLeft(site)).toEqual(["backup"]);
  });
});

test("ticked groups are deleted together, and no others", async ({ site, visit }) => {
  await push(site, "a", "b", "c", "d");
  const page = await visit("/groups?sort=job");
  for (const job of ["a", "c"]) await page.getByRole("checkbox", { name: `Select job="${job}"` }).check();
  await page.getByText("2 selected").waitFor();
  const cancelled = await openDialog(page, "Delete selected …");
  await cancelled.getByText("2 groups will be deleted, with all metrics in them.").waitFor();
  expect(await cancelled.getByRole("listitem").allTextContents()).toEqual(['job="a" ', 'job="c" ']);
  await cancel(cancelled);
  expect(await jobsLeft(site)).toEqual(["a", "b", "c", "d"]);

  const dialog = await openDialog(page, "Delete selected …");
  await push(site, "e");
  await dialog.getByRole("button", { name: "Delete 2 groups" }).click();
  await page.getByRole("alert").filter({ hasText: "2 groups deleted." }).waitFor();
  await soon(() => groupsShown(page)).toEqual(["b", "d", "e"]);
  expect(await jobsLeft(site)).toEqual(["b", "d", "e"]);
  await page.getByText("2 selected").waitFor({ state: "detached" });
});

test("all rows are ticked at once, and no row any more when the filters change", async ({ site, visit }) => {
  await push(site, "a", "b", "c");
  const page = await visit("/groups?sort=job");
  await soon(() => groupsShown(page)).toHaveLength(3);
  await page.getByRole("checkbox", { name: "Select all rows read so far" }).check();
  await page.getByText("3 selected").waitFor();
  await page.getByRole("checkbox", { name: 'Select job="b"' }).uncheck();
  await page.getByText("2 selected").waitFor();
  await page.getByRole("searchbox", { name: "Search labels" }).fill("a");
  await soon(() => groupsShown(page)).toEqual(["a"]);
  await page.getByRole("button", { name: "Delete selected …" }).waitFor({ state: "detached" });
  expect(await page.getByRole("checkbox", { name: 'Select job="a"' }).isChecked()).toBeFalse();
});

test("when a group has come since the count nothing is deleted, and it is counted again", async ({
  site,
  visit,
}) => {
  await push(site, "etl/instance/1", "etl/instance/2");
  const page = await visit(`/groups?${new URLSearchParams({ match: '{job="etl"}' })}`, {
    provoked: /the server responded with a status of 409/,
  });
  const dialog = await openDialog(page, "Delete all that match the selector …");
  const two = dialog.getByRole("button", { name: "Delete 2 groups" });
  await two.waitFor();
  await push(site, "etl/instance/3");
  await two.click();
  await dialog.getByRole("alert").filter({ hasText: "Too much at once" }).waitFor();
  await dialog.getByText("3 groups will be deleted").waitFor();
  expect(await jobsLeft(site)).toEqual(["etl", "etl", "etl"]);
  await dialog.getByRole("button", { name: "Delete 3 groups" }).click();
  await page.getByRole("alert").filter({ hasText: "3 groups deleted." }).waitFor();
  expect(await jobsLeft(site)).toBeEmpty();
});

test("a group with characters that a path cannot carry is deleted, not its neighbour", async ({
  site,
  visit,
}) => {
  const slash = Buffer.from("/var/a b").toString("base64url");
  await push(site, `x/dir@base64/${slash}`, "x/dir/var", "x/dir/%C3%A9%3F%23%25", "x");
  const page = await visit("/groups");
  await soon(() => groupsShown(page)).toHaveLength(4);
  for (const dir of ["/var/a b", "é?#%"]) {
    const dialog = await openDialog(page, `Delete job="x", dir="${dir}"`);
    await dialog.getByRole("button", { name: "Delete 1 group" }).click();
    await dialog.waitFor({ state: "detached" });
  }
  await soon(() => groupsShown(page)).toEqual(["x", "x var"]);
});
