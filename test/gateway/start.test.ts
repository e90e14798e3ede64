import { spawn } from "node:child_process";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { freePort } from "../support/ports.ts";

const main = fileURLToPath(new URL("../../apps/gateway/src/main.ts", import.meta.url));

/** Runs the gateway to its end. */
function run(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [main, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, stdout, stderr })));
}

test("--help explains every flag on stdout and exits 0", async () => {
  const { code, stdout } = await run("--help");
  expect(code).toBe(0);
  expect(stdout).toInclude("--web.listen-address=HOST:PORT");
});

test("--version prints one line", async () => {
  const { code, stdout } = await run("--version");
  expect(code).toBe(0);
  expect(stdout).toMatch(/^pushfleet-gateway \d+\.\d+\.\d+ .*\n$/);
});

test.each([
  ["an unknown flag", ["--bogus"], "unknown flag --bogus"],
  ["a bad value", ["--log.level=loud"], "--log.level must be one of"],
  ["a stray argument", ["bogus"], 'unexpected argument "bogus"'],
])("%s ends with one line and exit code 2", async (_what, args, message) => {
  const { code, stderr } = await run(...args);
  expect(code).toBe(2);
  expect(stderr).toInclude(message);
  expect(stderr.trim().split("\n")).toHaveLength(1);
});

test("a persistence file that is not ours stops the start with one line, and is left untouched", async () => {
  const file = join(await mkdtemp(join(tmpdir(), "pushfleet-")), "metrics");
  await writeFile(file, "not a database, whatever it is");
  const { code, stderr } = await run(`--persistence.file=${file}`, "--web.listen-address=127.0.0.1:0");
  expect(code).toBe(1);
  expect(stderr).toInclude("--persistence.file");
  expect(stderr).toInclude(file);
  expect(stderr.trim().split("\n")).toHaveLength(1);
  expect(await readFile(file, "utf8")).toBe("not a database, whatever it is");
});

test("a Redis that cannot be reached stops the start with one line that names the option", async () => {
  const { code, stderr } = await run(
    `--redis.url=redis://127.0.0.1:${await freePort()}`,
    "--web.listen-address=127.0.0.1:0",
  );
  expect(code).toBe(1);
  expect(stderr).toInclude("--redis.url");
  expect(stderr.trim().split("\n")).toHaveLength(1);
});

test("an address in use stops the start with one line that names it", async () => {
  await using gateway = await startGateway();
  const address = new URL(gateway.url).host;
  const { code, stderr } = await run(`--web.listen-address=${address}`);
  expect(code).toBe(1);
  expect(stderr).toInclude(`--web.listen-address=${address}`);
  expect(stderr).toInclude("EADDRINUSE");
});

test("a web configuration file that is not there stops the start with one line", async () => {
  const { code, stderr } = await run("--web.config.file=/nowhere/web.yml");
  expect(code).toBe(1);
  expect(stderr).toInclude("--web.config.file: /nowhere/web.yml cannot be read: ENOENT");
  expect(stderr.trim().split("\n")).toHaveLength(1);
});

test("it listens on every address it is given", async () => {
  const second = await freePort();
  await using gateway = await startGateway({ flags: [`--web.listen-address=127.0.0.1:${second}`] });
  expect((await fetch(`${gateway.url}/-/healthy`)).status).toBe(200);
  expect((await fetch(`http://127.0.0.1:${second}/-/healthy`)).status).toBe(200);
});
