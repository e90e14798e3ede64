import { describe, expect } from "vitest";
import { prefixes, soon, test } from "./fixture.ts";
import { count, groupsShown, listOf } from "./pages.ts";
import type { Site } from "./site.ts";

/** And a little, for the seconds that a test takes do not make it another minute. */
const TEN_MINUTES = 605_000;

/** Three groups of which each column makes another order, twenty minutes after the first push. */
async function pushThree(site: Site): Promise<void> {
  const refused = "m 1\nm 2\n";
  await site.push("gamma/instance/two", refused);
  await site.push("alpha/instance/one?ttl=1h", "m 1\n");
  await site.pass(TEN_MINUTES);
  await site.push("alpha/instance/one", refused);
  await site.push("beta/instance/one?ttl=2h", "m 1\nn 1\no 1\n");
  await site.pass(TEN_MINUTES);
  await site.push("gamma/instance/two?ttl=3h", `p{text="${"long ".repeat(100)}"} 1\nq 1\n`);
  await site.push("beta/instance/one", refused);
}
const [alpha, beta, gamma] = ["alpha one", "beta one", "gamma two"];

describe.each(prefixes)("under the prefix %j", (prefix) => {
  test.override("prefix", prefix);

  test("the first page shows the groups, the one pushed last on top", async ({ site, visit }) => {
    await pushThree(site);
    const page = await visit("/");
    await soon(() => groupsShown(page)).toEqual([gamma, beta, alpha]);
    await count(page, "3 groups").waitFor();
    expect(page.url()).toBe(`${site.url}/groups`);
    expect(await page.title()).toBe("Groups · Pushfleet");
    await page.getByRole("row", { name: /job="alpha".* 20m.* failing 10m.* 39m/ }).waitFor();
  });

  test("filters and sorting survive a reload, and whoever gets the link sees the same", async ({
    site,
    visit,
  }) => {
    await pushThree(site);
    const page = await visit("/groups");
    await page.getByLabel("Search labels").fill("one");
    await page.getByLabel("Selector").fill('{job=~"alpha|beta|x&y+z"}');
    await page.getByRole("button", { name: "Series" }).click();
    await soon(() => groupsShown(page)).toEqual([beta, alpha]);
    await soon(async () => new URL(page.url()).search).toInclude("search=one");
    await page.reload();
    await soon(() => groupsShown(page)).toEqual([beta, alpha]);
    const other = await visit(page.url().slice(site.url.length));
    await soon(() => groupsShown(other)).toEqual([beta, alpha]);
    expect(await other.getByLabel("Selector").inputValue()).toBe('{job=~"alpha|beta|x&y+z"}');
    expect(await other.getByLabel("Search labels").inputValue()).toBe("one");
    await other
      .getByRole("columnheader", { name: "Series" })
      .and(other.locator("[aria-sort=descending]"))
      .waitFor();
  });

  test("what is pushed, refused and deleted shows without a reload", async ({ site, visit }) => {
    for (const job of ["alpha", "beta"]) await site.push(job, "m 1\n");
    const page = await visit("/groups");
    await soon(() => groupsShown(page)).toEqual(["beta", "alpha"]);
    await page.getByText("Live", { exact: true }).waitFor();
    await site.push("gamma", "m 1\n");
    expect(await site.push("beta", "m 1\nm 2\n")).toBe(400);
    await site.remove("alpha");
    await soon(() => groupsShown(page)).toEqual(["gamma", "beta"]);
    await page.getByRole("row", { name: /job="beta".* failing \d+s ago/ }).waitFor();
    await count(page, "2 groups").waitFor();
  });
});

test("the search narrows the list to groups that have all words in their labels", async ({ site, visit }) => {
  await pushThree(site);
  const page = await visit("/groups");
  const search = page.getByRole("searchbox", { name: "Search labels" });
  await search.fill("ONE");
  await soon(() => groupsShown(page)).toEqual([beta, alpha]);
  await count(page, "2 of 3 groups").waitFor();
  await search.fill("one al");
  await soon(() => groupsShown(page)).toEqual([alpha]);
  await search.fill("nothing has this");
  await page.getByText("No group passes the filters.").waitFor();
  await page.getByRole("button", { name: "Clear filters" }).first().click();
  await soon(() => groupsShown(page)).toEqual([gamma, beta, alpha]);
  expect(await search.inputValue()).toBe("");
});

test("each filter narrows the list, and going back undoes it", async ({ site, visit }) => {
  await pushThree(site);
  const page = await visit("/groups");
  const cases = [
    { label: "Selector", text: '{job=~"al.*|gamma", instance="two"}', shown: [gamma] },
    { label: "No push for", text: "5m", shown: [beta, alpha] },
    { label: "No push for", text: "15m", shown: [alpha] },
    { label: "Expires within", text: "50m", shown: [alpha] },
    { label: "Expires within", text: "2h", shown: [beta, alpha] },
  ];
  for (const { label, text, shown } of cases) {
    await soon(() => groupsShown(page), label).toEqual([gamma, beta, alpha]);
    await page.getByLabel(label).fill(text);
    await page.keyboard.press("Enter");
    await soon(() => groupsShown(page), `${label} ${text}`).toEqual(shown);
    await page.goBack();
    await soon(() => page.getByLabel(label).inputValue()).toBe("");
  }
});

test("only groups whose last push was refused are failing", async ({ site, visit }) => {
  await pushThree(site);
  const page = await visit("/groups");
  await page.getByRole("row", { name: /job="gamma".* \d+s ago 20m.* ago/ }).waitFor();
  expect(await page.getByText("failing", { exact: true }).count()).toBe(2);
  await page.getByRole("checkbox", { name: "Failing only" }).check();
  await soon(() => groupsShown(page)).toEqual([beta, alpha]);
  await page.getByRole("checkbox", { name: "Failing only" }).uncheck();
  await soon(() => groupsShown(page)).toEqual([gamma, beta, alpha]);
});

test("a press on the head of a column sorts by it, and another one turns it round", async ({
  site,
  visit,
}) => {
  await pushThree(site);
  const page = await visit("/groups");
  await soon(() => groupsShown(page)).toEqual([gamma, beta, alpha]);
  const columns = [
    { title: "Group", ascending: [alpha, beta, gamma] },
    { title: "Last push", ascending: [alpha, beta, gamma] },
    { title: "Failure", ascending: [gamma, alpha, beta] },
    { title: "Expires in", ascending: [alpha, beta, gamma] },
    { title: "Series", ascending: [alpha, gamma, beta] },
    { title: "Size", ascending: [alpha, beta, gamma] },
  ];
  for (const { title, ascending } of columns) {
    const head = page.getByRole("columnheader", { name: title });
    const directions = ["Group", "Expires in"].includes(title)
      ? ["ascending", "descending"]
      : ["descending", "ascending"];
    for (const direction of directions) {
      await head.getByRole("button").click();
      await soon(() => head.getAttribute("aria-sort")).toBe(direction);
      const expected = direction === "ascending" ? ascending : ascending.toReversed();
      await soon(() => groupsShown(page), `${title} ${direction}`).toEqual(expected);
    }
  }
});

test("what a filter cannot mean is said beside it, in the gateway's words", async ({ site, visit }) => {
  await pushThree(site);
  const page = await visit("/groups", { provoked: /the server responded with a status of 400/ });
  await soon(() => groupsShown(page)).toHaveLength(3);
  const selector = page.getByLabel("Selector");
  await selector.fill('{job="al');
  await selector.press("Enter");
  await page.getByText(/^match\[\].*/).waitFor();
  expect(await selector.getAttribute("aria-invalid")).toBe("true");
  await selector.fill("");
  await selector.press("Enter");
  await page.getByLabel("No push for").fill("soon");
  await page.keyboard.press("Enter");
  await page.getByText("Write it like 90s, 1h30m or 7d.").waitFor();
});

test("an empty gateway shows how to push, and the first group takes the place of that", async ({
  site,
  visit,
}) => {
  const page = await visit("/groups");
  await page.getByText("Nothing has been pushed yet.").waitFor();
  await page.getByText(`curl -X PUT --data-binary @- '${site.url}/metrics/job/some_job'`).waitFor();
  await site.push("some_job", "some_metric 42\n");
  await soon(() => groupsShown(page)).toEqual(["some_job"]);
  await count(page, "1 group").waitFor();
});

test("what is missed while updates are paused shows once they resume", async ({ site, visit }) => {
  await site.push("alpha", "m 1\n");
  const page = await visit("/groups");
  await soon(() => groupsShown(page)).toEqual(["alpha"]);
  await page.getByRole("button", { name: "Pause updates" }).click();
  await page.getByText("Paused", { exact: true }).waitFor();
  await site.push("beta", "m 1\n");
  await page.getByRole("button", { name: "Resume updates" }).click();
  await soon(() => groupsShown(page)).toEqual(["beta", "alpha"]);
});

test("2,000 groups can be scrolled through to the last, of which few are in the document", async ({
  site,
  visit,
}) => {
  const jobs = Array.from({ length: 2_000 }, (_, index) => `job-${String(index).padStart(4, "0")}`);
  for (let at = 0; at < jobs.length; at += 100)
    await Promise.all(jobs.slice(at, at + 100).map((job) => site.push(job, "m 1\n")));
  const page = await visit("/groups?sort=job");
  const list = listOf(page, "Groups");
  await count(page, "2,000 groups").waitFor();
  expect((await groupsShown(page)).slice(0, 3)).toEqual(jobs.slice(0, 3));
  const toTheEnd = async () => {
    await list.press("End");
    return (await groupsShown(page)).at(-1);
  };
  await soon(toTheEnd).toBe("job-1999");
  const last = list.getByRole("row", { name: /job-1999/ });
  await last.scrollIntoViewIfNeeded();
  expect(await last.getAttribute("aria-rowindex")).toBe("2001");
  const shown = await groupsShown(page);
  expect(shown).toEqual(jobs.slice(-shown.length));
  expect(shown.length).toBeWithin(10, 80);
  await list.press("Home");
  await soon(async () => (await groupsShown(page))[0]).toBe("job-0000");
});
