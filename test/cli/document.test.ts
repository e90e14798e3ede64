import { execFile } from "node:child_process";
import { mkdir, readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { createHome } from "./pushfleet.ts";

const document = await readFile(new URL("../../docs/cli.md", import.meta.url), "utf8");
const bin = fileURLToPath(new URL("../../apps/cli/bin/pushfleet", import.meta.url));

test("the commands of docs/cli.md print what it shows", async () => {
  await using gateway = await startGateway();
  await using home = await createHome(gateway.url);
  await mkdir(join(home.directory, "bin"));
  await symlink(bin, join(home.directory, "bin", "pushfleet"));
  const env = {
    PATH: `${join(home.directory, "bin")}:${process.env["PATH"]}`,
    HOME: home.directory,
    PUSHFLEET_SPOOL_DIR: home.spool,
  };
  const examples = [...document.matchAll(/^```sh\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?/gms)];
  const settings = examples.flatMap(([, commands = ""]) => commands.match(/^export .*\n/gm) ?? []);
  for (const [, commands = "", shown] of examples) {
    const script = [...settings, commands].join("").replaceAll("http://localhost:9091", gateway.url);
    const { stdout, stderr } = await promisify(execFile)(
      "bash",
      ["--norc", "-euo", "pipefail", "-c", script],
      {
        env,
        cwd: home.directory,
      },
    );
    expect(stderr, commands).toBe("");
    if (shown !== undefined) expect(withoutVarying(stdout), commands).toBe(withoutVarying(shown));
  }
});

/** Ages and sizes are others each time, and so is what stands before and behind them. */
function withoutVarying(text: string): string {
  return text
    .replace(/\d+s ago +/g, "AGE ")
    .replace(/ +\d+ +\d+ +(?=\{)/g, " SIZES ")
    .replace(/LAST PUSH +/, "LAST PUSH ");
}
