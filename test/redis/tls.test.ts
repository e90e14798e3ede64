/** Gateways and reapers of a Redis that speaks nothing but TLS, wants to see certificates, and asks for a password. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { startReaper } from "../support/reaper.ts";
import { createRealm, type Realm, type SecuredRedis, startSecuredRedis } from "./secured-redis.ts";
import { push, scrape } from "./traffic.ts";

const password = "p@ss/w%rd:1";
const patient = { timeout: 20_000, interval: 50 };

let realm: Realm;
let redis: SecuredRedis;
let passwordFile: string;
let all: AsyncDisposableStack;

beforeAll(async () => {
  await using started = new AsyncDisposableStack();
  realm = started.use(await createRealm());
  redis = started.use(await startSecuredRedis({ realm, password }));
  passwordFile = join(realm.directory, "password");
  await writeFile(passwordFile, `${password}\n`);
  all = started.move();
});
afterAll(() => all.disposeAsync());

describe("a push is stored and scraped", () => {
  test.each([
    [
      "by address, the password in the URL",
      () => [`--redis.url=rediss://:${encodeURIComponent(password)}@127.0.0.1:${redis.port}`],
    ],
    [
      "by name, the password in a file",
      () => [`--redis.url=rediss://localhost:${redis.port}`, `--redis.password-file=${passwordFile}`],
    ],
    [
      "with --redis.tls",
      () => [
        `--redis.url=redis://default@localhost:${redis.port}`,
        "--redis.tls",
        `--redis.password=${password}`,
      ],
    ],
  ])("%s", async (what, flags) => {
    await using gateway = await startGateway({ flags: [...flags(), ...realm.flags] });
    await push(gateway, "reached", what);
    expect(await scrape(gateway)).toInclude(`via="${what}"`);
    // Neither warnings of Node nor of the client library.
    for (const line of gateway.process.output().trimEnd().split("\n"))
      expect(line).toStartWith("level=info ");
  });
});

test("a reaper frees the space of what has expired", async () => {
  const flags = [
    `--redis.url=rediss://localhost:${redis.port}`,
    `--redis.password-file=${passwordFile}`,
    ...realm.flags,
  ];
  await using gateway = await startGateway({ flags: [...flags, "--push.ttl=1ms"] });
  await using reaper = await startReaper([...flags, "--sweep.interval=100ms"]);
  await push(gateway, "short_lived", "ttl");
  await expect.poll(() => redis.command("zcard", "pushfleet:{0}:expiry"), patient).toBe(0);
  expect(await redis.command("zcard", "pushfleet:{0}:removed")).toBeGreaterThan(0);
  expect(reaper.process.output()).not.toMatch(/level=(warn|error)/);
});

test("replicas confirm what they got over TLS", async () => {
  await using primary = await startSecuredRedis({
    realm,
    password,
    settings: ["repl-diskless-sync-delay 0"],
  });
  const flags = [
    `--redis.url=rediss://localhost:${primary.port}`,
    `--redis.password-file=${passwordFile}`,
    "--redis.acks=1",
    "--push.timeout=0s",
    ...realm.flags,
  ];
  const replicaSettings = [`masterauth ${password}`, `replicaof localhost ${primary.port}`];
  const replica = await startSecuredRedis({ realm, password, settings: replicaSettings });
  await using _ = replica;
  await expect.poll(() => primary.command("info", "replication"), patient).toMatch(/state=online/);
  await using gateway = await startGateway({ flags });
  await push(gateway, "confirmed", "tls");
  expect(await replica.command("zcard", "pushfleet:{0}:changes")).toBe(1);
  await replica.kill();
  await expect(push(gateway, "unconfirmed", "tls")).rejects.toThrow(/503.*had 0 of 1 replicas confirm/s);
});
