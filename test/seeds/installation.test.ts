import { execFile, spawnSync } from "node:child_process";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { createAuthority } from "../redis/certificates.ts";
import { type GatewayOptions, startGateway } from "../support/gateway.ts";
import { startNginx, whyNoNginx } from "../support/nginx.ts";
import { freePort } from "../support/ports.ts";
import { startServerProcess } from "../support/process.ts";
import { createWorkplace, standIns, type Workplace } from "./workplace.ts";

// The articles install a Pushgateway: here the program that they unpack, or that their container is, is a Pushfleet gateway.

const run = promisify(execFile);
const noSystemd = spawnSync("systemd-analyze", ["--version"]).status !== 0;

async function workplaceOnFreePort(): Promise<Workplace & { readonly url: string }> {
  const url = `http://127.0.0.1:${await freePort()}`;
  return { url, ...(await createWorkplace({ gatewayUrl: url })) };
}

test("pushgateways/install.sh downloads, unpacks and starts a gateway", async () => {
  await using workplace = await workplaceOnFreePort();
  const gateway = await startServerProcess({
    command: "bash",
    args: ["-e", "-c", `cd ${workplace.directory}\n${await workplace.text("pushgateways/install.sh")}`],
    // So that the program below bash can be ended too.
    env: { ...workplace.env, PUSHFLEET_WEB_ENABLE_LIFECYCLE: "true" },
    readyUrl: `${workplace.url}/-/ready`,
  });
  try {
    await pushAndScrape(workplace.url);
  } finally {
    await fetch(`${workplace.url}/-/quit`, { method: "POST" });
    expect(await gateway.exited).toBe(0);
  }
});

describe.skipIf(noSystemd)("systemd", () => {
  test("pushgateways/pushgateway.service is a unit, and pushgateways/enable-service.sh starts it", async () => {
    await using workplace = await workplaceOnFreePort();
    await unpack(workplace, "1.4.0", "path/to/pushgateway");
    const unit = join(workplace.directory, "etc/systemd/system/pushgateway.service");
    await writeFile(unit, await workplace.text("pushgateways/pushgateway.service"));
    expect(await workplace.bash("pushgateways/enable-service.sh")).toMatchObject({ exitCode: 0, stderr: "" });
    expect(await workplace.commands()).toEqual(
      ["enable", "start", "status"].map((command) => ["systemctl", command, "pushgateway"]),
    );
    await startsUnit(workplace, unit);
  });

  test("short-lived-jobs/install.sh writes a unit that starts a gateway with the article's flags", async () => {
    await using workplace = await workplaceOnFreePort();
    await workplace.run("wget", ["https://example.com/pushgateway-1.11.2.linux-amd64.tar.gz"]);
    expect(await workplace.bash("short-lived-jobs/install.sh")).toMatchObject({ exitCode: 0, stderr: "" });
    expect(await workplace.commands()).toEqual([
      ["chown", "-R", "prometheus:prometheus", `${workplace.directory}/app/pushgateway`],
      ["systemctl", "daemon-reload"],
      ["systemctl", "enable", "--now", "pushgateway"],
    ]);
    await startsUnit(workplace, join(workplace.directory, "etc/systemd/system/pushgateway.service"));
  });
});

describe("containers, as processes with their arguments", () => {
  test.each([
    { snippet: "how-to-implement/docker-run.sh", containers: 2 },
    { snippet: "how-to-configure/docker-run.sh", containers: 1 },
    { snippet: "short-lived-jobs/docker-run.sh", containers: 1 },
  ])("$snippet", async ({ snippet, containers }) => {
    await using workplace = await workplaceOnFreePort();
    expect(await workplace.bash(snippet)).toMatchObject({ exitCode: 0, stderr: "" });
    const runs = (await workplace.commands()).filter(([, command]) => command === "run");
    expect(runs).toHaveLength(containers);
    for (const words of runs) {
      const image = words.findIndex((word) => word.startsWith("prom/pushgateway"));
      expect(words).toContain("9091:9091");
      await keepsPushes(await inVolume(workplace, words.slice(image + 1)));
    }
  });

  test.skipIf(whyNoNginx() !== undefined)(
    "how-to-configure/docker-compose.yml: the gateway behind nginx with TLS and a password",
    async () => {
      await using workplace = await createWorkplace({ gatewayUrl: "http://127.0.0.1:1" });
      const { services } = parse(await workplace.text("how-to-configure/docker-compose.yml")) as Compose;
      expect(services.nginx.volumes).toContain("./nginx.conf:/etc/nginx/nginx.conf:ro");
      const { flags } = await inVolume(workplace, services.pushgateway.command);
      await using gateway = await startGateway({ flags });
      expect(await (await fetch(`${gateway.url}/-/reload`, { method: "POST" })).text()).toBe("");

      await using proxied = await createWorkplace({ gatewayUrl: gateway.url });
      const certs = join(proxied.directory, "etc/nginx/certs");
      const authority = await createAuthority(certs, "authority");
      const { certFile, keyFile } = await authority.issue("DNS:localhost");
      await rename(certFile, join(certs, "server.crt"));
      await rename(keyFile, join(certs, "server.key"));
      const { stdout: hash } = await run("openssl", ["passwd", "-apr1", "secret"]);
      await writeFile(join(certs, "users"), `jobs:${hash}`);
      const port = await freePort();
      const config = proxied.here(await readFile(`${standIns}nginx.conf`, "utf8"));
      await using _nginx = await startNginx({
        config: config.replace("listen 443", `listen 127.0.0.1:${port}`),
        directory: proxied.directory,
        readyUrl: `https://127.0.0.1:${port}/-/ready`,
      });

      const curl = (...args: string[]) =>
        proxied.run("curl", [
          "--cacert",
          authority.caFile,
          ...args,
          `https://localhost:${port}/metrics/job/etl`,
        ]);
      expect(await curl("--data-binary", "rows 1\n")).toMatchObject({ exitCode: 22 });
      expect(await curl("--user", "jobs:secret", "--data-binary", "rows 1\n")).toMatchObject({ exitCode: 0 });
      expect(await (await fetch(`${gateway.url}/metrics`)).text()).toInclude(
        'rows{instance="",job="etl"} 1\n',
      );
    },
  );

  test("how-to-configure/docker-compose.yml is one to Docker Compose, where there is one", async ({
    skip,
  }) => {
    if (spawnSync("docker", ["compose", "version"]).status !== 0) skip("there is no Docker Compose v2");
    await using workplace = await createWorkplace({ gatewayUrl: "http://127.0.0.1:1" });
    const file = await workplace.put("how-to-configure/docker-compose.yml");
    const env = { ...process.env, PUSHGATEWAY_USER: "jobs", PUSHGATEWAY_PASSWORD: "secret" };
    const { stdout } = await run("docker", ["compose", "--file", file, "config", "--services"], { env });
    expect(stdout.trim().split("\n")).toIncludeSameMembers(["pushgateway", "nginx"]);
  });
});

/** Compose's own format, as far as it is looked at. */
interface Compose {
  readonly services: {
    readonly pushgateway: { readonly command: readonly string[] };
    readonly nginx: { readonly volumes: readonly string[] };
  };
}

/** What its unit starts is a gateway. */
async function startsUnit(workplace: Workplace & { readonly url: string }, unit: string): Promise<void> {
  const { stdout, stderr } = await run("systemd-analyze", ["verify", "--man=no", unit]);
  expect(stdout + stderr).toBe("");
  const text = (await readFile(unit, "utf8")).replaceAll("\\\n", "");
  const [, start = ""] = /^ExecStart=(.+)$/m.exec(text) ?? [];
  const [command = "", ...args] = start.split(/\s+/);
  await using _gateway = await startServerProcess({
    command,
    args,
    env: workplace.env,
    readyUrl: `${workplace.url}/-/ready`,
  });
  await pushAndScrape(workplace.url);
}

/** Puts what a release has into this folder. */
async function unpack(workplace: Workplace, version: string, folder: string): Promise<void> {
  const release = `pushgateway-${version}.linux-amd64`;
  await workplace.run("wget", [`https://example.com/${release}.tar.gz`]);
  await workplace.run("tar", ["-xzf", `${release}.tar.gz`]);
  await rename(join(workplace.directory, release), join(workplace.directory, folder));
}

/** A container's arguments as flags of a process, its volumes as a folder. */
async function inVolume(
  workplace: Workplace,
  args: readonly string[],
): Promise<GatewayOptions & { readonly flags: readonly string[] }> {
  const volume = join(workplace.directory, "volume");
  await mkdir(volume, { recursive: true });
  return { flags: args.map((arg) => arg.replace(/=\/(data|pushgateway)\//, `=${volume}/`)) };
}

/** With a file, pushes are there after a crash. */
async function keepsPushes(options: GatewayOptions): Promise<void> {
  {
    await using gateway = await startGateway(options);
    await pushAndScrape(gateway.url);
  }
  if (options.flags?.some((flag) => flag.startsWith("--persistence.file=")) !== true) return;
  await using gateway = await startGateway(options);
  expect(await (await fetch(`${gateway.url}/metrics`)).text()).toInclude(
    'rows{instance="",job="etl"} 15000\n',
  );
}

async function pushAndScrape(url: string): Promise<void> {
  const answer = await fetch(`${url}/metrics/job/etl`, { method: "POST", body: "rows 15000\n" });
  expect(answer.status).toBe(200);
  expect(await (await fetch(`${url}/metrics`)).text()).toInclude('rows{instance="",job="etl"} 15000\n');
}
