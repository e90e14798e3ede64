import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startReference } from "../support/reference.ts";
import { type ConfiguredGateway, startConfigured } from "./configured-gateway.ts";
import { curl } from "./curl.ts";
import { hashes } from "./password-hashes.ts";

const everyPath = [
  "/",
  "/metrics",
  "/metrics/job/a",
  "/status",
  "/groups",
  "/assets/x.js",
  "/api/v1/status",
  "/api/v1/metrics",
  "/api/v1/groups",
  "/api/v1/events",
  "/-/metrics",
  "/-/quit",
  "/-/reload",
  "/-/healthy/",
  "/nowhere",
];

const users = `basic_auth_users:\n  alice: ${hashes["of alice"]}\n  bob: ${hashes["of bob"]}\n`;

let gateway: ConfiguredGateway;
beforeAll(async () => {
  gateway = await startConfigured(users);
});
afterAll(() => gateway?.[Symbol.asyncDispose]());

const url = (path: string) => `http://127.0.0.1:${gateway.port}${path}`;
const as = (credentials: string) => ["--user", credentials];

test.each(everyPath)("%s asks for a password", async (path) => {
  const answer = await curl(url(path));
  expect(answer.status).toBe(401);
  expect(answer.headers.get("www-authenticate")).toBe("Basic");
});

test("every method asks for a password, and what was refused is not stored", async () => {
  for (const method of ["PUT", "POST", "DELETE"]) {
    const answer = await curl(url("/metrics/job/a"), "--request", method, "--data-binary", "m 1\n");
    expect(answer).toMatchObject({ status: 401, text: "Unauthorized\n" });
  }
  expect((await curl(url("/metrics"), ...as("alice:of alice"))).text).not.toInclude('job="a"');
});

test.each([
  ["alice:of alice", 200],
  ["bob:of bob", 200],
  ["alice:of bob", 401],
  ["alice:", 401],
  ["carol:of alice", 401],
  ["Alice:of alice", 401],
  [":", 401],
])("%j gets %i, the first time and the second", async (credentials, status) => {
  for (let time = 1; time <= 2; time++) {
    expect((await curl(url("/metrics"), ...as(credentials))).status).toBe(status);
    const push = ["--request", "PUT", "--data-binary", "m 1\n"];
    expect((await curl(url("/metrics/job/a"), ...as(credentials), ...push)).status).toBe(status);
  }
});

test("health checks need no password, not even a right one", async () => {
  for (const path of ["/-/healthy", "/-/ready"]) {
    expect((await curl(url(path))).status).toBe(200);
    expect((await curl(url(path), ...as("alice:wrong"))).status).toBe(200);
  }
});

test("with --web.auth-health they do, as upstream", async () => {
  await using closed = await startConfigured("", { flags: ["--web.auth-health"] });
  await closed.configure(users);
  for (const path of ["/-/healthy", "/-/ready"]) {
    const target = `http://127.0.0.1:${closed.port}${path}`;
    expect((await curl(target)).status).toBe(401);
    expect((await curl(target, ...as("alice:of alice"))).status).toBe(200);
  }
});

test("users come and go at run time", async () => {
  await using changing = await startConfigured("");
  const ask = async (...options: string[]) =>
    (await curl(`http://127.0.0.1:${changing.port}/metrics`, ...options)).status;
  expect(await ask()).toBe(200);
  await changing.configure(users);
  expect(await ask()).toBe(401);
  expect(await ask(...as("bob:of bob"))).toBe(200);
  await changing.configure(users.replace(/ {2}bob.*\n/, ""));
  expect(await ask(...as("bob:of bob"))).toBe(401);
  await changing.configure("{}");
  expect(await ask()).toBe(200);
});

test("a flood of wrong passwords is told to come again, and those who were let in before are not concerned", async () => {
  const ask = (credentials: string) =>
    fetch(url("/metrics"), {
      headers: { Authorization: `Basic ${Buffer.from(credentials).toString("base64")}` },
    });
  expect((await ask("alice:of alice")).status).toBe(200);
  const flood = Array.from({ length: 100 }, (_, n) => ask(`nobody:${n}`));
  expect((await ask("alice:of alice")).status).toBe(200);
  const answers = await Promise.all(flood);
  const busy = answers.filter(({ status }) => status === 503);
  expect(busy.length).toBeWithin(50, 100);
  expect(busy[0]?.headers.get("retry-after")).toBe("1");
  expect(answers.filter(({ status }) => status === 401)).toHaveLength(100 - busy.length);
});

test("headers go on every answer", async () => {
  const extra = {
    "X-Frame-Options": "sameorigin",
    "X-XSS-Protection": "1; mode=block",
    "Strict-Transport-Security": "max-age=300",
  };
  const lines = Object.entries(extra).map(([name, value]) => `    ${name}: ${value}\n`);
  await using server = await startConfigured(`${users}http_server_config:\n  headers:\n${lines.join("")}`);
  for (const path of ["/", "/metrics", "/-/healthy", "/nowhere", "/api/v1/groups?limit=x"]) {
    for (const options of [[], as("bob:of bob")]) {
      const { headers } = await curl(`http://127.0.0.1:${server.port}${path}`, ...options);
      for (const [name, value] of Object.entries(extra)) expect(headers.get(name)).toBe(value);
    }
  }
});

test("the pages of the web UI keep the Content-Security-Policy that they need", async () => {
  const policy = "default-src 'self'";
  await using server = await startConfigured(
    `http_server_config:\n  headers:\n    Content-Security-Policy: "${policy}"\n`,
  );
  const policyOf = async (path: string) =>
    (await curl(`http://127.0.0.1:${server.port}${path}`)).headers.get("content-security-policy");
  expect(await policyOf("/metrics")).toBe(policy);
  expect(await policyOf("/")).toInclude("frame-ancestors 'none'");
});

test("a rate limit answers 429 when its bucket is empty, to everything but health checks", async () => {
  await using server = await startConfigured("rate_limit:\n  interval: 1h\n  burst: 3\n");
  const ask = (path: string) => curl(`http://127.0.0.1:${server.port}${path}`);
  const answers = [];
  for (let n = 0; n < 5; n++) answers.push(await ask("/metrics"));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429, 429]);
  expect(answers[4]?.text).toBe("Too Many Requests\n");
  expect(answers[4]?.headers.get("retry-after")).toBe("1");
  expect((await ask("/-/ready")).status).toBe(200);
  await server.configure("rate_limit:\n  interval: 1h\n  burst: 3\nbasic_auth_users: {}\n");
  expect((await ask("/metrics")).status).toBe(429);
  await server.configure("rate_limit:\n  interval: 1h\n  burst: 1\n");
  expect((await ask("/metrics")).status).toBe(200);
});

test("neither the log nor the status page has a hash or a password", async () => {
  await curl(url("/metrics"), ...as("alice:hunter2"));
  const status = await curl(url("/api/v1/status"), ...as("alice:of alice"));
  expect(JSON.parse(status.text).data.flags["web.config.file"]).toBe(gateway.file);
  for (const text of [status.text, gateway.process.output()]) {
    expect(text).not.toInclude("$2");
    expect(text).not.toInclude("hunter2");
    expect(text).not.toInclude("of alice");
  }
});

describe("beside Pushgateway 1.5.1", () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "pushfleet-reference-"));
  });
  afterAll(() => rm(directory, { recursive: true }));

  test("what is refused looks the same", async () => {
    const file = join(directory, "web.yml");
    await writeFile(file, "{}");
    await using reference = await startReference([`--web.config.file=${file}`]);
    await writeFile(file, users);
    const seen = async (target: string, ...options: string[]) => {
      const { status, headers, text } = await curl(target, ...options);
      return {
        status,
        text,
        authenticate: headers.get("www-authenticate"),
        type: headers.get("content-type"),
        sniff: headers.get("x-content-type-options"),
      };
    };
    const paths = ["/", "/metrics", "/metrics/job/a", "/nowhere", "/api/v1/status", "/api/v1/metrics"];
    for (const path of paths) {
      for (const options of [[], as("alice:wrong"), as("nobody:x"), ["--oauth2-bearer", "x"]]) {
        const expected = await seen(`${reference.url}${path}`, ...options);
        expect(expected.status).toBe(401);
        expect(await seen(url(path), ...options)).toEqual(expected);
      }
    }
    const options = as("bob:of bob");
    expect((await curl(`${reference.url}/metrics`, ...options)).status).toBe(200);
  });

  test.each([
    ["an unknown key", "tls_server_config:\n  cert_filse: x\n"],
    ["a missing certificate", "tls_server_config:\n  cert_file: x\n  key_file: y\n"],
    ["a password that is no hash", "basic_auth_users:\n  john: doe\n"],
    ["a header that cannot be set", "http_server_config:\n  headers:\n    Content-Type: x\n"],
    ["authorities without a policy", "tls_server_config:\n  client_ca_file: /dev/null\n"],
    ["a version that does not exist", "tls_server_config:\n  min_version: TLS9\n"],
  ])("%s stops the start of both", async (_what, text) => {
    const file = join(directory, "broken.yml");
    await writeFile(file, text);
    await expect(startReference([`--web.config.file=${file}`])).rejects.toThrow("ended");
    await expect(startConfigured(text)).rejects.toThrow(
      /pushfleet-gateway: --web\.config\.file: \S+web\.yml:\d: /,
    );
  });
});
