import { execFile, spawnSync } from "node:child_process";
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gatewayOptions, readOptions } from "@pushfleet/config";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../support/ports.ts";
import { startServerProcess } from "../support/process.ts";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));
const isMissing = spawnSync("systemd-analyze", ["--version"]).status !== 0;
if (isMissing) process.stderr.write("test/systemd is skipped: there is no systemd-analyze\n");

describe.skipIf(isMissing)("ops/systemd", () => {
  /** The units, as if this repository were in /opt/pushfleet. */
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "pushfleet-units-"));
    await cp(`${root}ops/systemd`, folder, { recursive: true });
    for (const file of await readdir(folder)) {
      const unit = await readFile(join(folder, file), "utf8");
      await writeFile(join(folder, file), unit.replaceAll("/opt/pushfleet/", root));
    }
  });
  afterAll(() => rm(folder, { recursive: true }));

  test("systemd knows every setting of every unit, and finds the programs", async () => {
    const units = (await readdir(folder)).map((file) => join(folder, file));
    expect(units.length).toBe(6);
    const { stdout, stderr } = await run("systemd-analyze", ["verify", "--man=no", ...units]);
    expect(stdout + stderr).toBe("");
  });

  test.each(["pushfleet-federator.service", "pushfleet-gateway.service", "pushfleet-reaper.service"])(
    "%s has next to nothing to break out with",
    async (unit) => {
      // Out of 100, as systemd rates it; without any of the settings it is 96. What is left is that it uses the network.
      const args = ["security", "--offline=true", "--threshold=20", join(folder, unit)];
      const { stdout } = await run("systemd-analyze", args);
      expect(stdout).toInclude("Overall exposure level");
    },
  );

  test("the gateway starts on the socket that systemd hands over, and has started when it answers", async () => {
    const service = await settings("pushfleet-gateway.service");
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const variables = (service.get("Environment") ?? []).flatMap((line) => line.split(" "));
    const own = variables.filter((variable) => !variable.startsWith("NODE_COMPILE_CACHE="));
    const [start = ""] = service.get("ExecStart") ?? [];
    await using gateway = await startServerProcess({
      command: "systemd-socket-activate",
      args: [
        `--listen=127.0.0.1:${port}`,
        ...own.map((variable) => `--setenv=${variable}`),
        ...start.split(" "),
      ],
      readyUrl: `${url}/-/ready`,
    });
    expect(gateway.output()).toInclude("listening");

    const [check = ""] = service.get("ExecStartPost") ?? [];
    // biome-ignore lint/suspicious/noTemplateCurlyInString: systemd's way to name a variable
    const [command = "", ...args] = check.replace("${HEALTH_URL}", `${url}/-/healthy`).split(" ");
    await run(command, args);
    expect(variables).toContain("HEALTH_URL=http://127.0.0.1:9091/-/healthy");

    gateway.signal("SIGTERM");
    expect(await gateway.exited).toBe(0);
  });

  test("systemd waits for as long as a gateway may take to stop", async () => {
    const { config } = readOptions(gatewayOptions, [], {});
    const stopMs = config["web.drain-time"] + config["push.timeout"] + 5_000;
    const [seconds = ""] = (await settings("pushfleet-gateway.service")).get("TimeoutStopSec") ?? [];
    expect(Number(seconds.replace(/s$/, "")) * 1000).toBeGreaterThanOrEqual(stopMs);
    const [files] = (await settings("pushfleet-gateway.service")).get("LimitNOFILE") ?? [];
    expect(Number(files)).toBeGreaterThan(config["web.max-connections"]);
  });

  /** What a unit sets, by name; a setting may be there several times. */
  async function settings(unit: string): Promise<ReadonlyMap<string, readonly string[]>> {
    const values = new Map<string, string[]>();
    for (const [, name = "", value = ""] of (await readFile(join(folder, unit), "utf8")).matchAll(
      /^(\w+)=(.*)$/gm,
    ))
      values.set(name, [...(values.get(name) ?? []), value]);
    return values;
  }
});
