import { describe, expect } from "vitest";
import { prefixes, test } from "./fixture.ts";

describe.each(prefixes)("under the prefix %j", (prefix) => {
  test.override("prefix", prefix);

  test("the status page shows the build and every flag that the API tells, and each page is a step away", async ({
    site,
    visit,
  }) => {
    const answer = await fetch(`${site.url}/api/v1/status`);
    const { data } = (await answer.json()) as {
      readonly data: {
        readonly build_information: { readonly version: string };
        readonly flags: Readonly<Record<string, string>>;
      };
    };
    const page = await visit("/status");
    const build = page.getByRole("region", { name: "Build" });
    await build.getByRole("row", { name: `Version ${data.build_information.version}` }).waitFor();
    await build.getByRole("row", { name: /^Started .* \(\d+s ago\)$/ }).waitFor();
    const flags = page.getByRole("region", { name: "Flags" });
    const names = await flags.getByRole("rowheader").allTextContents();
    const values = await flags.getByRole("cell").allTextContents();
    const shown = names.map((name, index) => [name, (values[index] ?? "").replace("empty", "")]);
    expect(shown).toEqual(
      Object.entries(data.flags)
        .map(([name, value]) => [`--${name}`, value])
        .toSorted(),
    );
    expect(data.flags["web.route-prefix"]).toBe(prefix);

    for (const name of ["Groups", "Jobs", "Cluster", "Status"]) {
      const link = page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name });
      await link.click();
      await page.getByRole("heading", { name, level: 1, exact: true }).waitFor();
      expect(page.url()).toBe(`${site.url}/${name.toLowerCase()}`);
      expect(await link.getAttribute("aria-current")).toBe("page");
      expect(await page.title()).toBe(`${name} · Pushfleet`);
    }
    await page.goBack();
    await page.getByRole("heading", { name: "Cluster", level: 1 }).waitFor();
    await page.getByRole("link", { name: "Pushfleet" }).click();
    await page.getByRole("heading", { name: "Groups", level: 1 }).waitFor();
  });
});

test("the colours follow the system, until the reader chooses; the choice is kept", async ({ visit }) => {
  const page = await visit("/status", { colorScheme: "dark" });
  const background = () => page.evaluate<string>("getComputedStyle(document.body).backgroundColor");
  const [dark, light] = ["rgb(26, 27, 30)", "rgb(248, 249, 250)"];
  expect(await background()).toBe(dark);
  await page.getByRole("button", { name: "Colours: auto. Change to light" }).click();
  expect(await background()).toBe(light);
  await page.reload();
  await page.getByRole("button", { name: "Colours: light. Change to dark" }).click();
  expect(await background()).toBe(dark);
});
