import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { gatewayOptions, readOptions, reaperOptions } from "@pushfleet/config";
import { expect, test } from "vitest";
import { haproxyConfig } from "../support/haproxy.ts";

const run = promisify(execFile);
const document = readFileSync(new URL("../../docs/operations.md", import.meta.url), "utf8");
const keepalivedConfig = new URL("../../ops/keepalived/keepalived.conf", import.meta.url);

test("HAProxy takes its configuration with the variables of docs/operations.md", async () => {
  const env = { PATH: process.env["PATH"] ?? "", ...variables("/etc/default/haproxy") };
  const { stdout } = await run("haproxy", ["-c", "-f", haproxyConfig], { env });
  expect(stdout).toInclude("Configuration file is valid");
});

test("the node that docs/operations.md names to keepalived is one of its configuration", () => {
  const [, node = ""] =
    /^"--config-id (.+)"$/.exec(variables("/etc/default/keepalived")["DAEMON_ARGS"] ?? "") ?? [];
  expect(readFileSync(keepalivedConfig, "utf8")).toMatch(new RegExp(`@${node} priority \\d+`));
});

test("gateways and reapers take the variables of docs/operations.md", () => {
  const env = variables("/etc/pushfleet/gateway.env");
  const gateway = readOptions(gatewayOptions, [], env).config;
  expect(gateway["redis.sentinels"]).toHaveLength(3);
  expect(gateway["redis.acks"]).toBe(1);
  expect(document).toInclude("grep SENTINELS /etc/pushfleet/gateway.env >/etc/pushfleet/reaper.env");
  expect(readOptions(reaperOptions, [], env).config["redis.sentinels"]).toHaveLength(3);
});

/** What a command of the document writes into this file. */
function variables(file: string): Readonly<Record<string, string>> {
  const [, text = ""] = new RegExp(`^cat >${file} <<'END'\n(.*?)^END$`, "ms").exec(document) ?? [];
  return Object.fromEntries(
    [...text.matchAll(/^(\w+)=(.*)$/gm)].map(([, name = "", value = ""]) => [name, value]),
  );
}
