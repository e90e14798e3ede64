import { expect, test } from "vitest";
import { configurationDocument, helpText, settingTexts } from "./describe.ts";
import { gatewayOptions } from "./options.ts";
import { readOptions, variableName } from "./read.ts";

const names = Object.keys(gatewayOptions);

test("the help names every flag and its environment variable, in lines that fit a terminal", () => {
  const help = helpText("pushfleet-gateway", "Takes pushes.", gatewayOptions);
  for (const name of names) {
    expect(help).toInclude(name);
    expect(help.replaceAll(/\s+/g, " ")).toInclude(`($${variableName(name)})`);
  }
  for (const line of help.split("\n")) expect(line.length).toBeLessThan(112);
});

test("the document has a row for every option with its default", () => {
  const document = configurationDocument(gatewayOptions);
  expect(document.match(/^\| `--/gm)).toHaveLength(names.length);
  expect(document).toInclude("| `--persistence.interval` | `PUSHFLEET_PERSISTENCE_INTERVAL` | `5m` |");
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
