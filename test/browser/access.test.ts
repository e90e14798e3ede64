import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { hashes } from "../tls/password-hashes.ts";
import { soon, test } from "./fixture.ts";
import { groupsShown, listOf, openDialog } from "./pages.ts";

/** What Chromium writes on the console of requests that are refused. */
const provoked = /the server responded with a status of (?:401|403)/;

const users = `basic_auth_users:\n  alice: ${hashes["of alice"]}\n  bob: ${hashes["of bob"]}\n`;
const rules = (ofBob: string) => `access:
  identities:
    - name: operators
      users: [alice]
      allow: [{roles: [admin]}]
    - name: readers
      users: [bob]
      allow: ${ofBob}
`;
const mayRead = "[{roles: [read]}]";

/** A gateway where alice may do everything and bob may read. */
async function startGuarded() {
  await using started = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "pushfleet-guarded-"));
  started.defer(() => rm(folder, { recursive: true }));
  const [web, config] = [join(folder, "web.yml"), join(folder, "pushfleet.yml")];
  await writeFile(web, users);
  await writeFile(config, rules(mayRead));
  const gateway = started.use(
    await startGateway({
      flags: [`--web.config.file=${web}`, `--config.file=${config}`, "--web.enable-lifecycle"],
    }),
  );
  const headers = { authorization: `Basic ${Buffer.from("alice:of alice").toString("base64")}` };
  const ask = async (method: string, path: string) => {
    const body = method === "PUT" ? { body: "m 1\n" } : {};
    expect((await fetch(gateway.url + path, { method, headers, ...body })).ok, path).toBe(true);
  };
  const all = started.move();
  return {
    url: gateway.url,
    /** As bob opens it. */
    ofBob: gateway.url.replace("://", "://bob:of%20bob@"),
    push: (job: string) => ask("PUT", `/metrics/job/${job}`),
    async allowBob(grants: string) {
      await writeFile(config, rules(grants));
      await ask("POST", "/-/reload");
    },
    async setUsers(text: string) {
      await writeFile(web, text);
      await ask("POST", "/-/reload");
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

const alert = (page: Page, text: string) => page.getByRole("alert").filter({ hasText: text });

test("opened with user and password in the address, all works, and no command shows them", async ({
  open,
}) => {
  await using gateway = await startGuarded();
  await gateway.push("alpha");
  const page = await open(`${gateway.ofBob}/groups`, { provoked });
  await soon(() => groupsShown(page)).toEqual(["alpha"]);
  await page.getByRole("status").filter({ hasText: "Live" }).waitFor();
  await gateway.push("beta");
  await soon(() => groupsShown(page)).toEqual(["beta", "alpha"]);
  await listOf(page, "Groups").getByRole("link", { name: "alpha" }).click();
  await page.getByText(`curl -X DELETE '${gateway.url}/metrics/job/alpha'`).waitFor();
  const commands = await page.getByRole("region", { name: "Commands" }).textContent();
  expect(commands).not.toMatch(/bob|@(?!-)/);
  for (const name of ["Jobs", "Cluster", "Status"]) {
    await page.getByRole("navigation").getByRole("link", { name }).click();
    await page.getByRole("heading", { name, level: 1 }).waitFor();
  }
  await page.getByRole("heading", { name: "Command-line flags" }).waitFor();
  // Before the gateway goes, which it would complain of.
  await page.close();
});

test("a deletion that is forbidden says so, and what it was about stays", async ({ open }) => {
  await using gateway = await startGuarded();
  for (const job of ["alpha", "beta"]) await gateway.push(job);
  const page = await open(`${gateway.ofBob}/groups?match=${encodeURIComponent('{job=~".+"}')}`, { provoked });
  await soon(() => groupsShown(page)).toHaveLength(2);

  const one = await openDialog(page, 'Delete job="alpha"');
  await one.getByRole("button", { name: "Delete 1 group" }).click();
  await alert(page, "You are not allowed to delete 1 group")
    .filter({ hasText: 'Forbidden: readers: DELETE of this path needs the role "delete"' })
    .waitFor();
  await one.waitFor({ state: "detached" });

  const all = await openDialog(page, "Delete all that match the selector …");
  await all.getByRole("alert").filter({ hasText: "You are not allowed to delete" }).waitFor();
  await all.getByText('Forbidden: readers: DELETE of this path needs the role "delete"').waitFor();
  expect(await all.getByRole("button", { name: "Delete", exact: true }).isDisabled()).toBe(true);
  await all.getByRole("button", { name: "Cancel" }).click();

  await listOf(page, "Groups").getByRole("link", { name: "alpha" }).click();
  const here = await openDialog(page, "Delete this group …");
  await here.getByRole("button", { name: "Delete 1 group" }).click();
  await here.waitFor({ state: "detached" });
  await page.getByRole("heading", { name: "Group of alpha" }).waitFor();
  // Before the gateway goes, which it would complain of.
  await page.close();
});

test("who may not see anything any more is told which role is missing", async ({ open }) => {
  await using gateway = await startGuarded();
  await gateway.push("alpha");
  const page = await open(`${gateway.ofBob}/groups`, { provoked });
  await soon(() => groupsShown(page)).toEqual(["alpha"]);
  await gateway.allowBob("[{roles: [push]}]");
  await page.getByRole("navigation").getByRole("link", { name: "Status" }).click();
  const told = alert(page, "You are not allowed to see this");
  await told.getByText('Forbidden: readers: GET of this path needs the role "read"').waitFor();
  await gateway.allowBob(mayRead);
  await told.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("heading", { name: "Command-line flags" }).waitFor();
  // Before the gateway goes, which it would complain of.
  await page.close();
});

test("who is not known any more can sign in by loading the page, and nothing asks until then", async ({
  open,
}) => {
  await using gateway = await startGuarded();
  await gateway.push("alpha");
  // Asked for a password, this reader has the same answer each time, and then gives up.
  const page = await open(`${gateway.url}/groups`, {
    provoked,
    httpCredentials: { username: "bob", password: "of bob" },
  });
  await soon(() => groupsShown(page)).toEqual(["alpha"]);
  await gateway.setUsers(users.replace(/ {2}bob: .*\n/, ""));
  await page.getByRole("searchbox", { name: "Search labels" }).fill("a");
  const told = alert(page, "You have to sign in to see this");
  await told.getByText("Unauthorized").waitFor();
  await page.getByRole("status").filter({ hasText: "Paused" }).waitFor();
  await gateway.setUsers(users);
  await told.getByRole("button", { name: "Reload and sign in" }).click();
  await soon(() => groupsShown(page)).toEqual(["alpha"]);
  await page.getByRole("status").filter({ hasText: "Live" }).waitFor();
  // Before the gateway goes, which it would complain of.
  await page.close();
});
