import type { Page } from "playwright-core";
import { expect } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { soon, test } from "./fixture.ts";
import { groupsShown, listOf, openDialog } from "./pages.ts";

/** What Chromium writes on the console of requests that fail, and of what React has caught. */
const provoked = /net::ERR_|Failed to fetch dynamically imported module/;

/** A gateway that can be killed and started again at its address. What it knew is gone then. */
async function startMortal() {
  let gateway = await startGateway();
  const { url } = gateway;
  const port = Number(new URL(url).port);
  return {
    url,
    push: (job: string) => fetch(`${url}/metrics/job/${job}`, { method: "PUT", body: "m 1\n" }),
    kill: () => gateway.process.stop("SIGKILL"),
    async restart() {
      gateway = await startGateway({ port });
    },
    [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose](),
  };
}

const alert = (page: Page, text: string) => page.getByRole("alert").filter({ hasText: text });

test("a gateway that goes away is told at once, what was shown stays, and all goes on when it is back", async ({
  open,
}) => {
  await using gateway = await startMortal();
  await gateway.push("alpha");
  const page = await open(`${gateway.url}/groups`, { provoked });
  await soon(() => groupsShown(page)).toEqual(["alpha"]);
  await gateway.kill();
  await page.getByRole("status").filter({ hasText: "Disconnected" }).waitFor();
  expect(await groupsShown(page)).toEqual(["alpha"]);
  await page.getByRole("searchbox", { name: "Search labels" }).fill("a");
  await alert(page, "The gateway cannot be reached").waitFor();

  await gateway.restart();
  await gateway.push("beta");
  await soon(() => groupsShown(page)).toEqual(["beta"]);
  await page.getByRole("status").filter({ hasText: "Live" }).waitFor();
  await alert(page, "The gateway cannot be reached").waitFor({ state: "detached" });
});

test("a group that cannot be deleted is told of, and stays", async ({ open }) => {
  await using gateway = await startMortal();
  await gateway.push("alpha");
  const page = await open(`${gateway.url}/groups`, { provoked });
  await soon(() => groupsShown(page)).toEqual(["alpha"]);
  const dialog = await openDialog(page, 'Delete job="alpha"');
  await gateway.kill();
  await dialog.getByRole("button", { name: "Delete 1 group" }).click();
  await alert(page, "1 group could not be deleted").filter({ hasText: "does not answer" }).waitFor();
  expect(await groupsShown(page)).toEqual(["alpha"]);
});

test("other pages say so too, and a press tries again", async ({ open }) => {
  await using gateway = await startMortal();
  const page = await open(`${gateway.url}/jobs`, { provoked });
  await page.getByText("Nothing has been pushed yet.").waitFor();
  await gateway.kill();
  for (const name of ["Cluster", "Status"]) {
    await page.getByRole("navigation").getByRole("link", { name }).click();
    await page.getByRole("heading", { name, level: 1 }).waitFor();
    await alert(page, "The gateway cannot be reached").waitFor();
  }
  await gateway.restart();
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("heading", { name: "Command-line flags" }).waitFor();
  await alert(page, "The gateway cannot be reached").waitFor({ state: "detached" });
});

test("a page whose code cannot be loaded does not take the others with it", async ({ open }) => {
  await using gateway = await startMortal();
  await gateway.push("alpha");
  const page = await open(`${gateway.url}/groups`, { provoked });
  await soon(() => groupsShown(page)).toEqual(["alpha"]);
  await gateway.kill();
  await listOf(page, "Groups").getByRole("link").click();
  await alert(page, "Something went wrong on this page").waitFor();
  await page.getByRole("navigation").getByRole("link", { name: "Groups" }).click();
  await soon(() => groupsShown(page)).toEqual(["alpha"]);

  await gateway.restart();
  await gateway.push("alpha");
  await listOf(page, "Groups").getByRole("link").click();
  const failed = alert(page, "Something went wrong on this page");
  await failed.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("heading", { name: "Group of alpha" }).waitFor();
});
