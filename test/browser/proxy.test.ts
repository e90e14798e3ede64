import { once } from "node:events";
import { createServer, request } from "node:http";
import { pipeline } from "node:stream";
import { expect } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { freePort } from "../support/ports.ts";
import { soon, test } from "./fixture.ts";
import { groupsShown, listOf, openDialog } from "./pages.ts";

/** Passes everything on to the gateway, as a reverse proxy does, without `strip` at the beginning of paths. */
async function startProxy(port: number, gatewayPort: number, strip: string): Promise<AsyncDisposable> {
  const proxy = createServer((incoming, response) => {
    const { method, url = "", headers } = incoming;
    const path = url.slice(strip.length);
    const outgoing = request({ port: gatewayPort, method, path, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      // Whichever side goes away ends the other.
      pipeline(answer, response, () => {});
    });
    outgoing.on("error", () => response.destroy());
    pipeline(incoming, outgoing, () => {});
  });
  proxy.listen(port, "127.0.0.1");
  await once(proxy, "listening");
  return {
    async [Symbol.asyncDispose]() {
      proxy.close();
      proxy.closeAllConnections();
      await once(proxy, "close");
    },
  };
}

test.for([
  { proxy: "that leaves paths as they are", strip: "", flags: [] },
  { proxy: "that strips its path", strip: "/ops/push", flags: ["--web.route-prefix=/"] },
])(
  "behind a proxy $proxy the UI works under the external URL, and its commands go there",
  async ({ strip, flags }, { open }) => {
    const [port, gatewayPort] = [await freePort(), await freePort()];
    const external = `http://127.0.0.1:${port}/ops/push`;
    const readyPath = `${"/ops/push".slice(strip.length)}/-/ready`;
    await using _gateway = await startGateway({
      flags: [`--web.external-url=${external}/`, ...flags],
      port: gatewayPort,
      readyPath,
    });
    await using _proxy = await startProxy(port, gatewayPort, strip);
    const push = (job: string) => fetch(`${external}/metrics/job/${job}`, { method: "PUT", body: "m 1\n" });
    await push("alpha");
    const page = await open(`${external}/`);
    await soon(() => groupsShown(page)).toEqual(["alpha"]);
    expect(page.url()).toBe(`${external}/groups`);
    await push("beta");
    await soon(() => groupsShown(page)).toEqual(["beta", "alpha"]);
    await listOf(page, "Groups").getByRole("link", { name: "alpha" }).click();
    await page.getByText(`curl -X DELETE '${external}/metrics/job/alpha'`).waitFor();
    await page.reload();
    const dialog = await openDialog(page, "Delete this group …");
    await dialog.getByRole("button", { name: "Delete 1 group" }).click();
    await soon(() => groupsShown(page)).toEqual(["beta"]);
    // Before the proxy goes, which it would complain of.
    await page.close();
  },
);
