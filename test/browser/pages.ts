import type { Locator, Page } from "playwright-core";

/** The list of groups, or of jobs. */
export function listOf(page: Page, name: "Groups" | "Jobs"): Locator {
  return page.getByRole("region", { name, exact: true });
}

/** Names of the listed groups in their order: values of their labels, as in `etl-orders load`. */
export async function groupsShown(page: Page): Promise<string[]> {
  const links = await listOf(page, "Groups").getByRole("link").allTextContents();
  return links.map((text) => [...text.matchAll(/="(.*?)" /g)].map(([, value]) => value).join(" "));
}

/** `12 of 20 groups` */
export function count(page: Page, text: string): Locator {
  return page.getByRole("paragraph").filter({ hasText: new RegExp(`^${text}$`) });
}

/** Opens the dialog by the button and resolves to it. */
export async function openDialog(page: Page, button: string): Promise<Locator> {
  await page.getByRole("button", { name: button, exact: true }).click();
  return page.getByRole("dialog");
}
