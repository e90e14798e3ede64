import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { promtool } from "../prometheus/promtool.ts";
import { blocksOf, readDocument, runExamples } from "../support/document.ts";
import { startGateway } from "../support/gateway.ts";
import { freePort } from "../support/ports.ts";
import { startServerProcess } from "../support/process.ts";
import { type HttpServer, startReference } from "../support/reference.ts";
import { createShell } from "./shell.ts";

const moving = readDocument("docs/moving.md").replaceAll(/^ {3}/gm, "");
const [forwards = "", back = ""] = moving.split("## The way back\n");

test("the commands of docs/moving.md copy the groups of a Pushgateway, and those pushed since back", {
  timeout: 60_000,
}, async () => {
  await using pushgateway = await startReference();
  await using pushfleet = await startGateway();
  await using shell = await createShell();
  const here = (commands: string) =>
    commands
      .replaceAll("http://pushgateway:9091", pushgateway.url)
      .replaceAll("http://pushfleet:9091", pushfleet.url)
      // A test has no day to wait.
      .replaceAll("--until-idle=1d", "--until-idle=2s --interval=500ms");

  await push(pushgateway, "/job/backup/instance/db-1", "# HELP size Of it.\n# TYPE size gauge\nsize 1\n");
  await push(pushgateway, "/job/etl", "rows 15000\n");
  const [before, times] = [await pushedIn(pushgateway), await pushTimesIn(pushgateway)];
  await runExamples(forwards, { ...shell, here });
  expect(await pushedIn(pushfleet)).toEqual(before);
  // Kept in microseconds.
  expect(await pushTimesIn(pushfleet)).toEqual(times.map((time) => expect.closeTo(time, 5)));

  await push(pushfleet, "/job/etl", "rows 16000\n");
  await push(pushfleet, "/job@base64/YS9i/dir@base64/L3Zhcg", "new 1\n");
  await runExamples(back, { ...shell, here });
  expect(await pushedIn(pushgateway)).toEqual(await pushedIn(pushfleet));
  expect(await pushedIn(pushgateway)).toContain('rows{instance="",job="etl"} 16000');
  expect(await pushedIn(pushgateway)).toContain('new{dir="/var",instance="",job="a/b"} 1');
});

test("a gateway does not start with the file of a Pushgateway, and leaves it as it is", async () => {
  await using shell = await createShell();
  const file = join(shell.cwd, "metrics");
  {
    const address = `127.0.0.1:${await freePort()}`;
    const url = `http://${address}`;
    await using pushgateway = await startServerProcess({
      command: "prometheus-pushgateway",
      args: [`--web.listen-address=${address}`, `--persistence.file=${file}`],
      readyUrl: `${url}/-/ready`,
    });
    await push({ url }, "/job/etl", "rows 15000\n");
    await pushgateway.stop("SIGTERM");
  }
  const written = await readFile(file);
  await expect(startGateway({ flags: [`--persistence.file=${file}`] })).rejects.toThrow(/metrics/);
  expect(await readFile(file)).toEqual(written);
});

test("promtool accepts the configuration of docs/moving.md", async () => {
  await using shell = await createShell();
  const [config = ""] = blocksOf(moving, "yaml");
  const file = join(shell.cwd, "prometheus.yml");
  await writeFile(file, config);
  expect(await promtool("check", "config", file)).toInclude("SUCCESS");
  expect(parse(config)).toMatchObject({ scrape_configs: [{ honor_labels: true }] });
});

async function push({ url }: Pick<HttpServer, "url">, path: string, body: string): Promise<void> {
  expect((await fetch(`${url}/metrics${path}`, { method: "PUT", body })).status).toBe(200);
}

/** What was pushed of a scrape, in an order that both have. */
async function pushedIn({ url }: HttpServer): Promise<readonly string[]> {
  const lines = (await (await fetch(`${url}/metrics`)).text()).split("\n");
  return lines.filter((line) => /^(# \w+ )?(rows|size|new)\b/.test(line)).toSorted();
}

/** When groups were pushed to, in seconds, the first one first. */
async function pushTimesIn({ url }: HttpServer): Promise<readonly number[]> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const times = [...text.matchAll(/^push_time_seconds\{.*\} (.+)$/gm)].map(([, time]) => Number(time));
  return times.toSorted((one, other) => one - other);
}
