import { describe, expect } from "vitest";
import { accessibilityProblems } from "../support/browser.ts";
import { soon, test } from "./fixture.ts";
import { groupsShown, listOf, openDialog } from "./pages.ts";
import { pushHostile, pushShowcase } from "./showcase.ts";

describe.each(["light", "dark"] as const)("in %s colours axe finds nothing on", (colorScheme) => {
  test("the list of groups, what filters say, the dialog that deletes, and what is said then", async ({
    site,
    visit,
  }) => {
    await pushShowcase(site);
    await pushHostile(site);
    const page = await visit("/groups", {
      colorScheme,
      provoked: /the server responded with a status of 400/,
    });
    await soon(() => groupsShown(page)).toHaveLength(17);
    await page.getByRole("checkbox", { name: 'Select job="ci-build", branch="main"' }).check();
    expect(await accessibilityProblems(page)).toEqual([]);

    const selector = page.getByLabel("Selector");
    await page.getByLabel("No push for").fill("soon");
    await selector.fill("{");
    await selector.press("Enter");
    await page.getByText(/^match\[\]/).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);

    await page.getByLabel("No push for").fill("");
    await selector.fill('{job="ci-build"}');
    await selector.press("Enter");
    const dialog = await openDialog(page, "Delete all that match the selector …");
    const confirm = dialog.getByRole("button", { name: "Delete 2 groups" });
    await confirm.waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);

    await confirm.click();
    await page.getByRole("alert").filter({ hasText: "2 groups deleted." }).waitFor();
    await dialog.waitFor({ state: "detached" });
    await page.getByText("No group passes the filters.").waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  test("groups with metrics of each type, jobs, the cluster and the status", async ({ site, visit }) => {
    await pushShowcase(site);
    const page = await visit("/groups", { colorScheme });
    for (const words of ["etl-orders load", "ci-build main", "invoice-mailer initech"]) {
      await page.getByRole("searchbox", { name: "Search labels" }).fill(words);
      await soon(() => groupsShown(page)).toEqual([words]);
      await listOf(page, "Groups").getByRole("link").click();
      await page.getByRole("heading", { name: "Metrics" }).waitFor();
      const details = page.getByText(/^\d+ buckets$/);
      if ((await details.count()) > 0) await details.click();
      expect(await accessibilityProblems(page), words).toEqual([]);
      await page.goBack();
    }
    for (const [name, awaited] of [
      ["Jobs", page.getByRole("link", { name: "nightly-backup" })],
      ["Cluster", page.getByRole("heading", { name: "Scrapes" })],
      ["Status", page.getByRole("heading", { name: "Command-line flags" })],
    ] as const) {
      await page.getByRole("navigation").getByRole("link", { name }).click();
      await awaited.waitFor();
      expect(await accessibilityProblems(page), name).toEqual([]);
    }
  });
});
