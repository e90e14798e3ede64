import type { Page } from "playwright-core";
import { expect } from "vitest";
import { soon, test } from "./fixture.ts";
import { groupsShown, listOf } from "./pages.ts";

/** What has the focus, as a screen reader names it: `button "Group"`. */
async function focused(page: Page): Promise<string> {
  const focus = page.locator(":focus");
  if ((await focus.count()) === 0) return "nothing";
  const [first = ""] = (await focus.ariaSnapshot()).split("\n");
  return first
    .replace(/^- /, "")
    .replace(/^'(.*)'$/, "$1")
    .replace(/:$/, "");
}

/** Presses Tab until this has the focus. */
async function tabTo(page: Page, name: string): Promise<void> {
  const passed: string[] = [];
  while ((await focused(page)) !== name) {
    if (passed.length > 40) throw new Error(`Tab does not lead to ${name}, but to:\n${passed.join("\n")}`);
    await page.keyboard.press("Tab");
    passed.push(await focused(page));
  }
}

const outline = `(() => {
  const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(document.activeElement);
  return [outlineWidth, outlineStyle, outlineColor].join(" ");
})()`;

test("the first key press leads to a link past the header", async ({ site, visit }) => {
  await site.push("backup", "m 1\n");
  const page = await visit("/groups");
  await soon(() => groupsShown(page)).toEqual(["backup"]);
  await page.keyboard.press("Tab");
  expect(await focused(page)).toBe('button "Skip to the content"');
  expect(await page.getByRole("button", { name: "Skip to the content" }).boundingBox()).toMatchObject({
    y: 8,
  });
  await page.keyboard.press("Enter");
  expect(await focused(page)).toBe("main");
  await page.keyboard.press("Tab");
  expect(await focused(page)).toBe('searchbox "Search labels"');
});

test("groups are searched, sorted and opened without a mouse", async ({ site, visit }) => {
  for (const job of ["etl-b", "etl-a", "backup"]) await site.push(job, "m 1\n");
  const page = await visit("/groups");
  await soon(() => groupsShown(page)).toEqual(["backup", "etl-a", "etl-b"]);
  await page.keyboard.press("/");
  await page.keyboard.type("etl");
  await soon(() => groupsShown(page)).toEqual(["etl-a", "etl-b"]);
  await tabTo(page, 'button "Group"');
  await page.keyboard.press("Enter");
  await page.keyboard.press("Space");
  await soon(() => groupsShown(page)).toEqual(["etl-b", "etl-a"]);
  await tabTo(page, 'checkbox "Select job=\\"etl-b\\""');
  await page.keyboard.press("Space");
  await page.getByText("1 selected").waitFor();
  await tabTo(page, 'link "job=\\"etl-b\\""');
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Group of etl-b" }).waitFor();
  // The focus goes to the new page's begin, where a screen reader goes on.
  expect(await focused(page)).toBe("main");
  await tabTo(page, 'button "Delete this group …"');
  await page.goBack();
  await soon(() => groupsShown(page)).toEqual(["etl-b", "etl-a"]);
});

test("the delete dialog keeps the focus to itself, and Escape gives it back", async ({ site, visit }) => {
  for (const job of ["one", "two"]) await site.push(job, "m 1\n");
  const page = await visit("/groups?sort=job");
  await soon(() => groupsShown(page)).toEqual(["one", "two"]);
  const opener = 'button "Delete job=\\"two\\""';
  await tabTo(page, opener);
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Delete groups" });
  await dialog.getByRole("button", { name: "Delete 1 group" }).waitFor();
  const names = ['button "Cancel"', 'button "Delete 1 group"', 'button "Close"'];
  await soon(() => focused(page)).toBe(names[0]);
  for (const key of ["Tab", "Shift+Tab"]) {
    const seen: string[] = [];
    for (let presses = 0; presses < 6; presses++) {
      await page.keyboard.press(key);
      seen.push(await focused(page));
    }
    expect(seen, key).toIncludeSameMembers([...names, ...names]);
  }
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await soon(() => focused(page)).toBe(opener);
  expect(await site.groups()).toHaveLength(2);

  await page.keyboard.press("Enter");
  await tabTo(page, 'button "Delete 1 group"');
  await page.keyboard.press("Enter");
  await soon(() => groupsShown(page)).toEqual(["one"]);
  await dialog.waitFor({ state: "detached" });
});

test("the list scrolls by keys once it has the focus", async ({ site, visit }) => {
  const jobs = Array.from({ length: 60 }, (_, index) => `job-${index + 10}`);
  await Promise.all(jobs.map((job) => site.push(job, "m 1\n")));
  const page = await visit("/groups?sort=job");
  await soon(async () => (await groupsShown(page))[0]).toBe("job-10");
  await page.keyboard.press("/");
  await tabTo(page, 'region "Groups"');
  await page.keyboard.press("End");
  await listOf(page, "Groups").getByRole("link", { name: "job-69" }).waitFor();
  await soon(async () => (await groupsShown(page)).includes("job-10")).toBeFalse();
});

for (const [colorScheme, colour] of [
  ["light", "rgb(24, 100, 171)"],
  ["dark", "rgb(116, 185, 242)"],
] as const) {
  test(`whatever has the focus shows it, in ${colorScheme} colours`, async ({ site, visit }) => {
    await site.push("backup", "m 1\n");
    const page = await visit("/groups", { colorScheme });
    await soon(() => groupsShown(page)).toEqual(["backup"]);
    const outlines = new Map<string, string>();
    for (;;) {
      await page.keyboard.press("Tab");
      const name = await focused(page);
      if (name === "nothing") break;
      outlines.set(name, await page.evaluate<string>(outline));
    }
    expect([...outlines.keys()]).toIncludeAllMembers([
      'button "Skip to the content"',
      'link "Pushfleet"',
      'searchbox "Search labels"',
      'checkbox "Failing only"',
      'region "Groups"',
      'button "Size"',
      'link "job=\\"backup\\""',
    ]);
    // What is in the header has another ground.
    expect(new Set(outlines.values())).toEqual(
      new Set([`2px solid ${colour}`, "2px solid rgb(255, 255, 255)"]),
    );
  });
}
