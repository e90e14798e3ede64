import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { blocksOf, readDocument } from "../support/document.ts";
import { startGateway } from "../support/gateway.ts";
import { startNginx, whyNoNginx } from "../support/nginx.ts";
import { freePort } from "../support/ports.ts";
import { startRedis } from "../support/redis.ts";

test.skipIf(whyNoNginx() !== undefined)(
  "through the nginx of docs/operations.md pushes and scrapes go on while a gateway is gone",
  { timeout: 60_000 },
  async () => {
    await using redis = await startRedis();
    const start = () => startGateway({ redisUrl: redis.url });
    await using first = await start();
    await using second = await start();
    await using third = await start();
    await using folder = await temporaryFolder();
    const url = `http://127.0.0.1:${await freePort()}`;
    const [printed = ""] = blocksOf(readDocument("docs/operations.md"), "nginx");
    const servers = [first, second, third].reduce(
      (text, gateway, index) => text.replace(`gateway-${index + 1}:9091`, new URL(gateway.url).host),
      printed.replace("listen 9091", `listen ${new URL(url).host}`),
    );
    await using _nginx = await startNginx({
      config: around(servers),
      directory: folder.path,
      readyUrl: `${url}/-/ready`,
    });

    for (let round = 0; round < 30; round++) {
      if (round === 10) await first.process.stop("SIGKILL");
      const body = `rows ${round}\n`;
      const answer = await fetch(`${url}/metrics/job/etl`, {
        method: round % 2 === 0 ? "PUT" : "POST",
        body,
      });
      expect(`${answer.status} ${await answer.text()}`).toBe("200 ");
      const scrape = await (await fetch(`${url}/metrics`)).text();
      expect(scrape).toInclude(`rows{instance="",job="etl"} ${round}\n`);
    }
  },
);

/** What Debian's nginx.conf has around a site, with all files in one folder. */
function around(site: string): string {
  const folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  const paths = folders.map((name) => `${name}_temp_path ${name};`);
  return `error_log stderr; pid nginx.pid; events {} http { access_log off; ${paths.join(" ")} ${site} }`;
}

async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "pushfleet-nginx-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}
