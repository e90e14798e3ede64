import {
  gatewayOptions,
  InvalidValue,
  readOptions,
  redisSettings,
  settingTexts,
  UsageError,
} from "@pushfleet/config";
import type { Chance } from "../../conformance/random.ts";
import { type Check, requireSame, type Target } from "../target.ts";
import { tellingNames, tellingTexts } from "../words.ts";

const names = Object.keys(gatewayOptions);
const values = [
  "",
  "0",
  "1",
  "1h30m",
  "1y1w1d1h1m1s1ms",
  "292y",
  "32MiB",
  "9007199254740993",
  "0.0001",
  ":9091",
  "[::1]:9091",
  "127.0.0.1:99999",
  "true",
  "https://example.com/a",
  "/a/b",
  "redis://user:pass@127.0.0.1:6379/1",
  "rediss://",
  "10.0.0.0/8",
  "loopback",
] as const;

/** Command lines and environments: each line an argument, or NAME=value. */
export const flags: Target = {
  name: "flags",
  refusals: [UsageError],
  words: [
    ...names.map((name) => `\n--${name}=`),
    ...values,
    ...tellingNames,
    ...tellingTexts,
    "\n--no-",
    "\n--",
    "\n-h",
    "\nPUSHFLEET_",
  ],
  longest: 4_096,
  sessionLength: 10_000,
  seeds: () => names.map((name) => Buffer.from(`--${name}=1`)),
  generate: randomLines,
  open: () => ({
    take(input): Check {
      const lines = input.toString().split("\n");
      const variables = lines.filter((line) => line.startsWith("PUSHFLEET_"));
      const env = Object.fromEntries(variables.map((line) => line.split(/=(.*)/s, 2)));
      const args = lines.filter((line) => !line.startsWith("PUSHFLEET_"));
      const { config } = readOptions(gatewayOptions, args, env);
      // Files that it names are of this machine.
      if (!/redis\.[a-z-]*file|REDIS_[A-Z_]*FILE/.test(input.toString())) redisSettings(config);
      return () => {
        for (const [name, text] of settingTexts(gatewayOptions, config)) requireReadable(name, text);
      };
    },
  }),
};

/** What is shown of a setting means the setting, but for secrets. */
function requireReadable(name: string, text: string): void {
  const option = Object.entries(gatewayOptions).find(([known]) => known === name)?.[1];
  if (option === undefined || option.kind === "list" || name.startsWith("redis.")) return;
  try {
    requireSame(option.format(option.parse(text) as never), text, `--${name} and what is shown of it`);
  } catch (error) {
    if (!(error instanceof InvalidValue)) throw error;
    requireSame("", text, `--${name} cannot be read again: ${error.message}`);
  }
}

function randomLines(chance: Chance): Buffer {
  const lines = Array.from({ length: chance.int(1, 4) }, () => {
    const name = names[chance.int(0, names.length - 1)] ?? "";
    const value = chance.pick([...values, ...tellingTexts]);
    return chance.flip(0.8)
      ? `--${name}=${value}`
      : `PUSHFLEET_${name.toUpperCase().replaceAll(/[.-]/g, "_")}=${value}`;
  });
  return Buffer.from(lines.join("\n"));
}
