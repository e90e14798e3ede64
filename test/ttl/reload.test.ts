import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { createTtlClient } from "./client.ts";

const timeout = 15_000;
const rule = (ttl: string) => `ttl:\n  rules:\n    - match: job="a"\n      ttl: ${ttl}\n`;

let directory: string;
let file: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "pushfleet-reload-"));
  file = join(directory, "pushfleet.yml");
  await writeFile(file, rule("1h"));
});
afterEach(() => rm(directory, { recursive: true }));

/** Pushes, and tells the seconds the group then has to live. */
async function grantedSeconds(url: string): Promise<number> {
  const client = createTtlClient(url);
  expect(await client.push("a")).toMatchObject({ status: 200 });
  return Math.ceil((await client.group("a"))?.remaining_ttl_seconds ?? 0);
}

async function ownMetric(url: string, name: string): Promise<number> {
  const text = await (await fetch(`${url}/-/metrics`)).text();
  return Number(new RegExp(`^${name} (.*)$`, "m").exec(text)?.[1]);
}

async function request(url: string, method: string) {
  const response = await fetch(url, { method });
  return { status: response.status, text: await response.text() };
}

test("SIGHUP reads the file again, and a broken one changes nothing", async () => {
  await using gateway = await startGateway({ flags: [`--config.file=${file}`] });
  const isGood = () => ownMetric(gateway.url, "pushfleet_config_last_reload_successful");
  const goodAt = () => ownMetric(gateway.url, "pushfleet_config_last_reload_success_timestamp_seconds");
  expect(await grantedSeconds(gateway.url)).toBe(3600);
  expect(await isGood()).toBe(1);
  const startedAt = await goodAt();
  expect(startedAt).toBeWithin(Date.now() / 1000 - 60, Date.now() / 1000 + 1);

  await writeFile(file, rule("15"));
  gateway.process.signal("SIGHUP");
  await vi.waitFor(async () => expect(await isGood()).toBe(0), { timeout });
  expect(gateway.process.output()).toInclude("pushfleet.yml:4: ttl.rules[0].ttl must be a duration");
  expect(await grantedSeconds(gateway.url)).toBe(3600);
  expect(await goodAt()).toBe(startedAt);

  await writeFile(file, rule("2h"));
  gateway.process.signal("SIGHUP");
  await vi.waitFor(async () => expect(await isGood()).toBe(1), { timeout });
  expect(await grantedSeconds(gateway.url)).toBe(7200);
  expect(await goodAt()).toBeGreaterThan(startedAt);
});

test("POST and PUT to /-/reload read the file again, and tell what is wrong with a broken one", async () => {
  await using gateway = await startGateway({ flags: [`--config.file=${file}`, "--web.enable-lifecycle"] });
  const reload = `${gateway.url}/-/reload`;
  for (const [method, ttl, seconds] of [
    ["POST", "2h", 7200],
    ["PUT", "3h", 10_800],
  ] as const) {
    await writeFile(file, rule(ttl));
    expect(await request(reload, method)).toEqual({ status: 200, text: "" });
    expect(await grantedSeconds(gateway.url)).toBe(seconds);
  }
  await writeFile(file, rule("4h").replace('job="a"', "job=a"));
  expect(await request(reload, "POST")).toEqual({
    status: 500,
    text:
      `failed to reload config: ${file}:3: ttl.rules[0].match must be label matchers such as ` +
      `'{job=~"ci-.*"}': expected a value in quotes, got "a" (at character 5)\n`,
  });
  await rm(file);
  const gone = await request(reload, "PUT");
  expect(gone.status).toBe(500);
  expect(gone.text).toStartWith(`failed to reload config: ${file} cannot be read: ENOENT`);
  expect(await grantedSeconds(gateway.url)).toBe(10_800);
  expect(await request(reload, "GET")).toEqual({ status: 405, text: "Only POST or PUT requests allowed." });
});

test("without --web.enable-lifecycle nobody can reload over HTTP", async () => {
  await using gateway = await startGateway({ flags: [`--config.file=${file}`] });
  await writeFile(file, rule("2h"));
  for (const method of ["POST", "PUT"]) {
    const answer = await request(`${gateway.url}/-/reload`, method);
    expect(answer).toEqual({ status: 403, text: "Lifecycle API is not enabled." });
  }
  expect(await grantedSeconds(gateway.url)).toBe(3600);
});

test("without a file SIGHUP and reload have nothing to do and harm nobody", async () => {
  await using gateway = await startGateway({ flags: ["--push.ttl=10m", "--web.enable-lifecycle"] });
  gateway.process.signal("SIGHUP");
  await vi.waitFor(() => expect(gateway.process.output()).toInclude("configuration read again"), { timeout });
  expect(await request(`${gateway.url}/-/reload`, "POST")).toEqual({ status: 200, text: "" });
  expect(await grantedSeconds(gateway.url)).toBe(600);
});

test.each([
  ["a broken file", rule("15"), "pushfleet.yml:4: ttl.rules[0].ttl must be a duration such as"],
  ["a bad matcher", rule("1h").replace('job="a"', `'job=~"("'`), "missing closing )"],
  ["a missing file", undefined, "pushfleet.yml cannot be read: ENOENT"],
])("%s stops the start with one line that names the option", async (_what, content, message) => {
  if (content === undefined) await rm(file);
  else await writeFile(file, content);
  const main = fileURLToPath(new URL("../../apps/gateway/src/main.ts", import.meta.url));
  const child = spawn(process.execPath, [main, `--config.file=${file}`, "--web.listen-address=127.0.0.1:0"], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const code = await new Promise((resolve) => child.on("close", resolve));
  expect(code).toBe(1);
  expect(stderr).toStartWith(`pushfleet-gateway: --config.file: ${directory}`);
  expect(stderr).toInclude(message);
  expect(stderr.trim().split("\n")).toHaveLength(1);
});
