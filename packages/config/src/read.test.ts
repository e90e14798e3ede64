import { expect, test } from "vitest";
import { gatewayOptions } from "./options.ts";
import { readOptions, UsageError } from "./read.ts";

const read = (args: string[], env: Record<string, string> = {}) =>
  readOptions(gatewayOptions, args, env).config;
const complaint = (args: string[], env: Record<string, string> = {}) => {
  try {
    read(args, env);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  return undefined;
};

test("without flags everything has its default", () => {
  expect(read([])).toMatchObject({
    "web.listen-address": [{ host: "", port: 9091 }],
    "web.telemetry-path": "/metrics",
    "web.route-prefix": null,
    "web.enable-admin-api": false,
    "push.max-body-size": 33_554_432,
    "redis.url": "",
  });
});

test("a flag takes its value after = or as the next argument", () => {
  expect(read(["--persistence.file=a.db"])["persistence.file"]).toBe("a.db");
  expect(read(["--persistence.file", "a.db"])["persistence.file"]).toBe("a.db");
});

test("the listen address may be given several times; of other flags the last one wins", () => {
  const config = read([
    "--web.listen-address=:1",
    "--web.listen-address=[::1]:2",
    "--log.level=warn",
    "--log.level=error",
  ]);
  expect(config["web.listen-address"]).toEqual([
    { host: "", port: 1 },
    { host: "::1", port: 2 },
  ]);
  expect(config["log.level"]).toBe("error");
});

test("booleans are switched on, off by no-, or by a value", () => {
  expect(read(["--web.enable-admin-api"])["web.enable-admin-api"]).toBeTrue();
  expect(read(["--no-web.enable-admin-api"])["web.enable-admin-api"]).toBeFalse();
  expect(read(["--web.enable-admin-api=false"])["web.enable-admin-api"]).toBeFalse();
});

test("an environment variable stands in for a flag that is not given", () => {
  const env = { PUSHFLEET_WEB_LISTEN_ADDRESS: ":1,:2", PUSHFLEET_LOG_FORMAT: "json" };
  expect(read([], env)["web.listen-address"]).toHaveLength(2);
  expect(read(["--log.format=logfmt"], env)["log.format"]).toBe("logfmt");
});

test("a route prefix is normalised, and / is the empty one", () => {
  expect(read(["--web.route-prefix=a/b/"])["web.route-prefix"]).toBe("/a/b");
  expect(read(["--web.route-prefix=/"])["web.route-prefix"]).toBe("");
});

test.each([
  [["--nonsense"], "unknown flag --nonsense; try --help"],
  [["--constructor=1"], "unknown flag --constructor; try --help"],
  [["--no-log.level"], "unknown flag --no-log.level; try --help"],
  [["stray"], 'unexpected argument "stray"; try --help'],
  [["--log.level"], "flag --log.level needs a value; try --help"],
  [["--log.level=loud"], '--log.level must be one of debug, info, warn, error, got "loud"'],
  [["--web.enable-admin-api=maybe"], '--web.enable-admin-api must be true or false, got "maybe"'],
  [
    ["--web.listen-address=9091"],
    '--web.listen-address must be HOST:PORT or :PORT, for example 127.0.0.1:9091, got "9091"',
  ],
  [
    ["--web.listen-address=:99999"],
    '--web.listen-address must be HOST:PORT or :PORT, for example 127.0.0.1:9091, got ":99999"',
  ],
  [
    ["--persistence.interval=5x"],
    '--persistence.interval must be a duration such as 15s, 5m or 1h30m, got "5x"',
  ],
  [
    ["--push.max-body-size=0"],
    '--push.max-body-size must be a size above zero such as 512KiB or 32MiB, got "0"',
  ],
  [["--web.external-url=ftp://x"], '--web.external-url must be an http or https URL, got "ftp://x"'],
])("%j is refused with one line that names the flag", (args, message) => {
  expect(complaint(args)).toBe(message);
});

test("a bad environment variable is named as such", () => {
  expect(complaint([], { PUSHFLEET_LOG_LEVEL: "loud" })).toStartWith(
    "environment variable PUSHFLEET_LOG_LEVEL must be",
  );
});

test("a bad Redis URL is refused without repeating a password", () => {
  expect(complaint(["--redis.url=http://user:secret@host"])).not.toInclude("secret");
});

test("help and version are asked for, not settings", () => {
  expect(readOptions(gatewayOptions, ["-h"], {}).help).toBeTrue();
  expect(readOptions(gatewayOptions, ["--version"], {}).version).toBeTrue();
});
