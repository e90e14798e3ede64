import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { federatorOptions, gatewayOptions, loadConfigFileParser, readOptions } from "@pushfleet/config";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { ops } from "../prometheus/promtool.ts";
import { blocksOf, readDocument, runExamples } from "../support/document.ts";
import { startFederator } from "../support/federator.ts";
import { startGateway } from "../support/gateway.ts";
import { startRedis } from "../support/redis.ts";
import { createShell } from "./shell.ts";

const regions = readDocument("docs/regions.md");
const [credentials = "", started = ""] = regions.split("**3. Gateways.**");
const [, jobs = ""] = started.split("## Jobs\n");
const [ofGateways = "", ofFederators = ""] = blocksOf(started, "ini");

type Name = "east" | "west";

test("two regions set up as docs/regions.md says do what it shows, and jobs go on when east is lost", {
  timeout: 90_000,
}, async () => {
  await using shell = await createShell();
  const here = (commands: string) => commands.replaceAll("/etc/pushfleet/", `${shell.cwd}/`);
  await runExamples(credentials, { ...shell, here });

  await using redisOfEast = await startRedis();
  await using redisOfWest = await startRedis();
  const redis = { east: redisOfEast, west: redisOfWest };
  const gatewayOf = (name: Name) =>
    startGateway({ redisUrl: redis[name].url, env: variablesIn(here(inRegion(name, ofGateways))) });
  await using east = await gatewayOf("east");
  await using west = await gatewayOf("west");
  const reached = (text: string) =>
    here(text).replaceAll(/https?:\/\/pushfleet\.(east|west)\.example\.com(:9091)?/g, (_, name: Name) =>
      name === "east" ? east.url : west.url,
    );
  const federatorOf = async (name: Name) => {
    const { PUSHFLEET_REDIS_SENTINELS: _, ...env } = variablesIn(reached(inRegion(name, ofFederators)));
    return startFederator({ redisUrl: redis[name].url, flags: flagsOf(env) });
  };
  await using _federatorOfEast = await federatorOf("east");
  await using _federatorOfWest = await federatorOf("west");

  await runExamples(started, { ...shell, here: reached });
  await untilScraped(west.url, 'rows_loaded{instance="",job="etl"} 16000');
  await east.process.stop("SIGKILL");
  await runExamples(jobs, { ...shell, here: reached });
});

test("without its token, or with that of the wrong region, nothing is brought to a region", async () => {
  await using shell = await createShell();
  const here = (commands: string) => commands.replaceAll("/etc/pushfleet/", `${shell.cwd}/`);
  await runExamples(credentials, { ...shell, here });
  await using west = await startGateway({ env: variablesIn(here(inRegion("west", ofGateways))) });
  const statusWith = async (token: string | undefined) => {
    const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
    const response = await fetch(`${west.url}/federation/v1/digests`, { headers });
    await response.arrayBuffer();
    return response.status;
  };
  const token = async (name: Name) => (await readFile(join(shell.cwd, `${name}.token`), "utf8")).trim();
  expect(await statusWith(undefined)).toBeOneOf([401, 403]);
  expect(await statusWith(await token("west"))).toBe(401);
  expect(await statusWith(await token("east"))).toBe(200);
});

test("the list of peers in docs/regions.md can be used", async () => {
  const [text = ""] = blocksOf(regions, "yaml");
  const parseFile = await loadConfigFileParser((matchers) => matchers);
  expect(parseFile(text, "pushfleet.yml").federation.peers).toMatchObject([
    { id: "west", url: "https://pushfleet.west.example.com" },
    { id: "south", certFile: "/etc/pushfleet/east.crt" },
  ]);
});

test("gateways and federators have the options that docs/regions.md names, and take its variables", () => {
  const named = [...regions.matchAll(/`--((?:federation|scrape)\.[\w-]+)(?:=[^`]*)?`/g)].map(
    ([, name = ""]) => name,
  );
  expect(named.length).toBeGreaterThan(5);
  expect([...Object.keys(gatewayOptions), ...Object.keys(federatorOptions)]).toIncludeAllMembers(named);
  const gateway = readOptions(gatewayOptions, [], variablesIn(ofGateways)).config;
  expect(gateway["federation.region"]).toBe("east");
  const federator = readOptions(federatorOptions, [], variablesIn(ofFederators)).config;
  expect(federator["redis.sentinels"]).toHaveLength(3);
  expect(federator["federation.peers"]).toEqual([{ id: "west", url: "https://pushfleet.west.example.com" }]);
});

test("docs/regions.md names every alert about regions, but for those that its table leaves to docs/monitoring.md", async () => {
  // Prometheus' own format.
  const { groups } = parse(await readFile(`${ops}prometheus/rules.yml`, "utf8")) as {
    groups: { name: string; rules: { alert: string }[] }[];
  };
  const alerts = groups
    .filter(({ name }) => name === "pushfleet-regions")
    .flatMap(({ rules }) => rules.map(({ alert }) => alert));
  const named = [...regions.matchAll(/`(Pushfleet[A-Z]\w+)`/g)].map(([, name = ""]) => name);
  expect(alerts).toIncludeAllMembers(named);
  const elsewhere = ["PushfleetFederatorDown", "PushfleetRegionNotCompared"];
  expect([...named, ...elsewhere]).toIncludeAllMembers(alerts);
});

/** What the document says for east, as it is for this region. */
function inRegion(name: Name, text: string): string {
  return name === "east" ? text : text.replaceAll(/east|west/g, (one) => (one === "east" ? "west" : "east"));
}

function variablesIn(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...text.matchAll(/^(\w+)=(.*)$/gm)].map(([, name = "", value = ""]) => [name, value]),
  );
}

/** The flags that say the same as these variables. */
function flagsOf(variables: Readonly<Record<string, string>>): readonly string[] {
  return Object.keys(federatorOptions).flatMap((option) => {
    const value = variables[`PUSHFLEET_${option.replaceAll(/[.-]/g, "_").toUpperCase()}`];
    return value === undefined ? [] : [`--${option}=${value}`];
  });
}

async function untilScraped(url: string, line: string): Promise<void> {
  await expect.poll(async () => (await fetch(`${url}/metrics`)).text(), { timeout: 15_000 }).toInclude(line);
}
