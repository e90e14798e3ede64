import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import type { Client, Command } from "../client.ts";
import { exposition } from "../expositions.ts";
import { isThere } from "../installation.ts";

/** By a script that escapes what it puts into the URL, as `jq --raw-output '@uri'` does. */
export const curl: Client = {
  id: "curl",
  name: "curl",
  async prepare() {
    if (!(await isThere("curl", "--version"))) return { kind: "missing", reason: "there is no curl" };
    return { kind: "ready", start: () => ({ send: carryOut, [Symbol.asyncDispose]: async () => {} }) };
  },
};

const methods = { push: "PUT", add: "POST", delete: "DELETE" } as const;

async function carryOut(command: Command): Promise<string | undefined> {
  const { operation, metrics, url, login, compression, labels } = command;
  const isPush = operation !== "delete";
  const child = spawn("curl", [
    "--silent",
    "--show-error",
    "--fail-with-body",
    "--request",
    methods[operation],
    ...(isPush ? ["--data-binary", "@-"] : []),
    ...(login === undefined ? [] : ["--user", login]),
    ...(compression === undefined ? [] : ["--header", "Content-Encoding: gzip"]),
    `${url}/metrics/${labels.flat().map(encodeURIComponent).join("/")}`,
  ]);
  const body = exposition(metrics);
  child.stdin.end(isPush ? (compression === "gzip" ? gzipSync(body) : body) : undefined);
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "exit"),
  ]);
  return code === 0 ? undefined : `${stderr} ${stdout}`.trim();
}
