import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { gatewayOptions } from "@pushfleet/config";
import { expect, test } from "vitest";
import { readDocument } from "../support/document.ts";
import { startGateway } from "../support/gateway.ts";
import { createShell } from "./shell.ts";

const faq = readDocument("docs/faq.md");

test("the commands that docs/faq.md names can be run", async () => {
  await using gateway = await startGateway();
  await using shell = await createShell();
  const commands = [...faq.matchAll(/`(pushfleet \w+ --[^`]+)`/g)].map(([, command = ""]) => command);
  expect(commands.length).toBeGreaterThan(2);
  for (const command of commands) {
    const env = { ...shell.env, PUSHFLEET_URL: gateway.url };
    const { stderr } = await promisify(execFile)("bash", ["-c", command], { env, cwd: shell.cwd });
    expect(stderr, command).toBe("");
  }
});

test("the gateway has the options that docs/faq.md names", () => {
  const named = [...faq.matchAll(/`--([\w.-]+)(?:=[^`]*)?`/g)].map(([, name = ""]) => name);
  expect(named.length).toBeGreaterThan(3);
  expect(Object.keys(gatewayOptions)).toIncludeAllMembers(named);
});
