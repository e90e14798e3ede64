import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { expect, test } from "vitest";
import { rulesFile, tokens } from "../access/rules.ts";
import { startPrometheus } from "../prometheus/prometheus.ts";
import { createAuthority } from "../redis/certificates.ts";
import { startGateway } from "../support/gateway.ts";
import { startRedis } from "../support/redis.ts";
import { startReference } from "../support/reference.ts";
import { startConfigured, temporaryDirectory } from "../tls/configured-gateway.ts";
import { createHome, type Home } from "./pushfleet.ts";

interface Found {
  readonly status: string;
  readonly about: string;
  readonly message: string;
}

async function doctor(home: Home, ...args: string[]) {
  const { exitCode, stdout, stderr } = await home.run(["doctor", "--json", ...args]);
  const lines = stdout.split("\n").filter((line) => line !== "");
  const checks = lines.map((line): Found => JSON.parse(line));
  return { exitCode, stderr, checks, bad: checks.filter(({ status }) => status !== "ok") };
}

async function push(url: string, path: string, body: string, headers: Record<string, string> = {}) {
  await fetch(`${url}/metrics/job/${path}`, { method: "PUT", body, headers });
}

test("a gateway that is well has a line for each check", async () => {
  await using gateway = await startGateway();
  await using home = await createHome(gateway.url);
  await push(gateway.url, "a", "m 1\n");
  const { exitCode, checks, bad } = await doctor(home);
  expect({ exitCode, bad }).toEqual({ exitCode: 0, bad: [] });
  expect(checks.map(({ about }) => about)).toEqual([
    "reachable",
    "clock",
    "gateway",
    "ready",
    "failing groups",
    "stale groups",
    "scrape",
  ]);
  const told = await home.run(["doctor"]);
  expect(told.stdout).toMatch(/^ok {4}gateway {9}http:\S+ is Pushfleet \S+ with a store of its own$/m);
});

test("a Pushgateway is known, and told when a push has broken it", async () => {
  await using reference = await startReference();
  await using home = await createHome(reference.url);
  expect(await doctor(home)).toMatchObject({ exitCode: 0, bad: [] });
  await push(reference.url, "a", "m 1\n");
  await push(reference.url, "a/instance/", "m 1\n");
  const { exitCode, checks, bad } = await doctor(home);
  expect(exitCode).toBe(1);
  expect(checks.find(({ about }) => about === "gateway")?.message).toInclude("is Pushgateway 1.");
  expect(bad.map(({ status, about }) => `${status} ${about}`)).toEqual([
    "warn failing groups",
    "fail scrape",
  ]);
});

test("groups that are refused or forgotten are told", async () => {
  await using gateway = await startGateway();
  await using home = await createHome(gateway.url);
  await push(gateway.url, "good", "m 1\n");
  await push(gateway.url, "refused", "m 1 123\n");
  const long = { "Pushfleet-Push-Time": "1.6e+09" };
  await push(gateway.url, "forgotten", "m 1\n", long);
  await push(gateway.url, "ending", "m 1\n", { ...long, "Pushfleet-TTL": "1d" });
  const { exitCode, bad } = await doctor(home);
  expect(exitCode).toBe(0);
  expect(bad).toEqual([
    {
      status: "warn",
      about: "failing groups",
      message: expect.stringContaining('{job="refused"} was refused'),
    },
    {
      status: "warn",
      about: "stale groups",
      message: expect.stringContaining(`{job="forgotten"} had no push for 7d`),
    },
  ]);
});

test("what cannot be reached, and what is no gateway, is told", async () => {
  await using gateway = await startGateway();
  await using home = await createHome(gateway.url);
  const nobody = await doctor(home, "--url=http://127.0.0.1:1");
  expect(nobody).toMatchObject({ exitCode: 1, bad: [{ about: "reachable", status: "fail" }] });
  const elsewhere = await doctor(home, `--url=${gateway.url}/prefix`);
  expect(elsewhere).toMatchObject({ exitCode: 1, bad: [{ about: "gateway", status: "fail" }] });
  // The other one is still looked at.
  const both = await doctor(home, "--url=http://127.0.0.1:1", `--url=${gateway.url}`);
  expect(both.checks.map(({ about }) => about)).toContain("scrape");
});

test("a clock that differs is told", async () => {
  const server = createServer((_, response) => {
    response.setHeader("Date", new Date(Date.now() - 10 * 60_000).toUTCString());
    response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  using _ = { [Symbol.dispose]: () => void server.close() };
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has no port");
  await using home = await createHome(`http://127.0.0.1:${address.port}`);
  const { bad } = await doctor(home);
  expect(bad[0]).toMatchObject({
    status: "fail",
    about: "clock",
    message: expect.stringContaining("behind"),
  });
});

test("401 and 403 are explained", async () => {
  await using rules = await rulesFile();
  await using gateway = await startGateway({ flags: [`--config.file=${rules.path}`] });
  await using home = await createHome(gateway.url);
  const as = async (token: string) => {
    const { stdout } = await home.run(["doctor", "--json"], { env: { PUSHFLEET_TOKEN: token } });
    return stdout
      .split("\n")
      .filter((line) => line.includes('"fail"'))
      .map((line): Found => JSON.parse(line));
  };
  expect(await as("")).toMatchObject([
    { about: "authentication", message: expect.stringContaining("(401)") },
  ]);
  expect(await as("wrong")).toMatchObject([
    { message: expect.stringContaining("does not know these credentials") },
  ]);
  expect(await as(tokens.pusher)).toMatchObject([
    { message: expect.stringContaining("needs the role read") },
  ]);
  expect(await as(tokens.ops)).toEqual([]);
});

test("a certificate that ends soon is told, and one that is not trusted", async () => {
  const directory = await temporaryDirectory();
  const authority = await createAuthority(directory, "own");
  const server = await authority.issue("IP:127.0.0.1");
  await using gateway = await startConfigured(
    `tls_server_config:\n  cert_file: ${server.certFile}\n  key_file: ${server.keyFile}\n`,
    { directory, scheme: "https" },
  );
  await using home = await createHome(`https://127.0.0.1:${gateway.port}`);
  const trusting = await doctor(home, `--ca=${authority.caFile}`);
  expect(trusting.checks.find(({ about }) => about === "certificate")).toMatchObject({
    status: "fail",
    message: expect.stringMatching(/ is valid for 1d 23h; renew it/),
  });
  expect(await doctor(home)).toMatchObject({ exitCode: 1, bad: [{ about: "certificate", status: "fail" }] });
});

test("a prometheus.yml that loses job and instance, or scrapes replicas twice, is told", async () => {
  await using redis = await startRedis();
  await using gateway = await startGateway({ redisUrl: redis.url });
  await using home = await createHome(gateway.url);
  const { host } = new URL(gateway.url);
  const about = async (scrapeConfigs: string) => {
    const file = join(home.directory, "prometheus.yml");
    await writeFile(file, `scrape_configs:\n${scrapeConfigs}`);
    const { bad } = await doctor(home, `--prometheus-config=${file}`);
    return bad.map(({ message }) => message);
  };
  const job = (name: string, targets: readonly string[], more = "") =>
    `  - job_name: ${name}\n    static_configs: [{ targets: ${JSON.stringify(targets)} }]\n${more}`;
  const honors = "    honor_labels: true\n";
  expect(await about(job("good", [host], honors))).toEqual([]);
  const own = job("own", [host, "gw-2:9091"], "    metrics_path: /-/metrics\n");
  expect(await about(job("good", [host], honors) + own)).toEqual([]);
  expect(await about(job("bad", [host]))).toEqual([
    expect.stringContaining('"bad" lacks honor_labels: true'),
  ]);
  expect(await about(job("path", [host], `${honors}    metrics_path: /push\n`))).toEqual([
    expect.stringContaining("set metrics_path: /metrics"),
  ]);
  expect(await about(job("scheme", [host], `${honors}    scheme: https\n`))).toEqual([
    expect.stringContaining("set scheme: http"),
  ]);
  expect(await about(job("twice", [host, "gw-2:9091"], honors))).toEqual([
    expect.stringContaining("all show the same groups"),
  ]);
  expect(await about(job("named-otherwise", ["pushgateway.example.com:9091"]))).toEqual([
    expect.stringContaining("lacks honor_labels"),
  ]);
  expect(await about(job("other", ["node:9100", "no address"]))).toEqual([
    expect.stringContaining("no job scrapes"),
  ]);
  await writeFile(join(home.directory, "broken.yml"), "scrape_configs: 1\n");
  const broken = await doctor(home, `--prometheus-config=${join(home.directory, "broken.yml")}`);
  expect(broken).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("broken.yml:1: ") });
});

test("a running Prometheus is looked at", async () => {
  await using gateway = await startGateway();
  await using home = await createHome(gateway.url);
  const { host } = new URL(gateway.url);
  const scrape_configs = [
    { job_name: "pushfleet", scrape_interval: "1s", static_configs: [{ targets: [host, "127.0.0.1:1"] }] },
  ];
  await using prometheus = await startPrometheus({ config: { scrape_configs } });
  const told = async () => {
    const { bad } = await doctor(home, `--prometheus-url=${prometheus.url}`);
    return bad.map(({ message }) => message);
  };
  await expect
    .poll(told, { timeout: 15_000 })
    .toEqual([
      expect.stringContaining("lacks honor_labels"),
      expect.stringMatching(/cannot scrape 127\.0\.0\.1:1: .*refused/),
    ]);
});
