import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { gatewayOptions } from "./options.ts";
import { readOptions } from "./read.ts";
import { reaperOptions } from "./reaper-options.ts";
import { redisSettings } from "./redis-settings.ts";

function settings(...flags: string[]) {
  return redisSettings(readOptions(gatewayOptions, flags, {}).config);
}

function fileWith(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "pushfleet-settings-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "file");
  writeFileSync(file, text);
  return file;
}

test("without a server or Sentinels there is no Redis", () => {
  expect(settings()).toBeUndefined();
});

test("a URL says all there is to say of one server", () => {
  expect(settings("--redis.url=redis://cache/1", "--redis.acks=1")).toEqual({
    url: "redis://cache/1",
    acks: 1,
  });
});

test("what a URL leaves out, options say", () => {
  const file = fileWith("p@ss/w%41rd\n");
  const flags = ["--redis.username=us:er", `--redis.password-file=${file}`, "--redis.database=3"];
  expect(settings("--redis.url=rediss://cache:6380", ...flags)).toMatchObject({
    url: "rediss://us%3Aer:p%40ss%2Fw%2541rd@cache:6380/3",
  });
  expect(settings("--redis.url=redis://user@cache/1", "--redis.password=x")).toMatchObject({
    url: "redis://user:x@cache/1",
  });
});

test("Sentinels come with the primary's name and credentials, the password perhaps from a file", () => {
  const file = fileWith("secret\n");
  expect(
    settings(
      "--redis.sentinels=a:26379",
      "--redis.sentinels=[::1]:26380",
      "--redis.master-name=main",
      `--redis.password-file=${file}`,
      "--redis.database=2",
      "--redis.sentinel-username=watcher",
      `--redis.sentinel-password-file=${file}`,
    ),
  ).toEqual({
    sentinels: [
      { host: "a", port: 26379 },
      { host: "::1", port: 26380 },
    ],
    masterName: "main",
    username: "",
    password: "secret",
    database: 2,
    sentinelUsername: "watcher",
    sentinelPassword: "secret",
    acks: 0,
  });
});

test.each([
  [
    ["--redis.url=redis://a", "--redis.sentinels=b:1"],
    /--redis\.url and --redis\.sentinels exclude each other/,
  ],
  [["--redis.acks=1"], /--redis\.acks needs/],
  [["--redis.url=redis://:y@a", "--redis.password=x"], /--redis\.password and --redis\.url both have one/],
  [["--redis.url=redis://y@a", "--redis.username=x"], /--redis\.username and --redis\.url both have one/],
  [["--redis.url=redis://a/1", "--redis.database=2"], /--redis\.database and --redis\.url both have one/],
  [["--redis.url=rediss://a", "--redis.tls-ca-file=/etc/passwd"], /tls-ca-file has not a certificate in PEM/],
  [["--redis.sentinels=b:1", "--redis.password=x", "--redis.password-file=y"], /exclude each other/],
  [["--redis.sentinels=b:1", "--redis.password-file=/nowhere/at/all"], /--redis\.password-file: ENOENT/],
  [["--redis.url=rediss://a", "--redis.tls-cert-file=/etc/passwd"], /need each other/],
  [["--redis.sentinels=b"], /--redis\.sentinels must be HOST:PORT/],
  [["--redis.sentinels=b:0"], /must be HOST:PORT/],
  [["--redis.sentinels=:x@b:1"], /must be HOST:PORT, .* and has no user name or password$/],
  [["--redis.acks=-1"], /must be a whole number/],
])("%j: contradictions are refused, and named", (flags, problem) => {
  expect(() => settings(...flags)).toThrow(problem);
});

test("a reaper, which pushes nothing, has no --redis.acks", () => {
  const read = (...flags: string[]) => readOptions(reaperOptions, flags, {}).config;
  expect(redisSettings(read("--redis.url=redis://cache"))).toEqual({ url: "redis://cache", acks: 0 });
  expect(() => read("--redis.url=redis://cache", "--redis.acks=1")).toThrow("unknown flag --redis.acks");
});
