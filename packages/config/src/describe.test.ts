import { expect, test } from "vitest";
import { configurationDocument, helpText, settingTexts } from "./describe.ts";
import { federatorOptions } from "./federator-options.ts";
import { gatewayOptions } from "./options.ts";
import { readOptions, variableName } from "./read.ts";
import { reaperOptions } from "./reaper-options.ts";
import { redisOptions } from "./redis-options.ts";

const names = Object.keys(gatewayOptions);

test("the help names every flag and its environment variable, in lines that fit a terminal", () => {
  const help = helpText("pushfleet-gateway", "Takes pushes.", gatewayOptions);
  for (const name of names) {
    expect(help).toInclude(name);
    expect(help.replaceAll(/\s+/g, " ")).toInclude(`($${variableName(name)})`);
  }
  for (const line of help.split("\n")) expect(line.length).toBeLessThan(112);
});

test("the document has a row for every option of every program with its default, what they share once", () => {
  const document = configurationDocument([
    { title: "Gateway", introduction: "Takes pushes.", options: gatewayOptions },
    { title: "Reaper", introduction: "Frees space.", options: reaperOptions },
    { title: "Federator", introduction: "Ships.", options: federatorOptions },
  ]);
  const sections = new Map(
    document
      .split(/^## /m)
      .slice(1)
      .map((text) => [text.split("\n", 1)[0], [...text.matchAll(/^\| `--(\S+)`/gm)].map(([, name]) => name)]),
  );
  const common = [...Object.keys(redisOptions), "log.level", "log.format"];
  const others = (options: object) => Object.keys(options).filter((name) => !common.includes(name));
  expect([...sections]).toEqual([
    ["Gateway", others(gatewayOptions)],
    ["Reaper", others(reaperOptions)],
    ["Federator", others(federatorOptions)],
    ["Gateway, Reaper and Federator alike", common],
  ]);
  expect(document).toInclude("| `--persistence.interval` | `PUSHFLEET_PERSISTENCE_INTERVAL` | `5m` |");
  expect(document).toInclude("| `--web.listen-address` | `PUSHFLEET_WEB_LISTEN_ADDRESS` | `:9092` |");
});

test("settings are shown as they would be typed, passwords masked", () => {
  const { config } = readOptions(
    gatewayOptions,
    ["--redis.url=redis://:secret@h:1", "--web.listen-address=[::1]:1"],
    {},
  );
  const texts = settingTexts(gatewayOptions, config);
  expect(texts.get("redis.url")).toBe("redis://:xxxxx@h:1");
  expect(texts.get("web.listen-address")).toBe("[::1]:1");
  expect(texts.get("web.route-prefix")).toBe("");
});
