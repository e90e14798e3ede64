import { expect, test } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { startReaper } from "../support/reaper.ts";
import { type SecuredRedis, startSecuredRedis } from "./secured-redis.ts";
import { push, scrape } from "./traffic.ts";

const password = "secret";
const patient = { timeout: 20_000, interval: 50 };

/** Databases that hold anything, with how many keys of theirs are not below `pushfleet:`. */
async function databases(redis: SecuredRedis): Promise<ReadonlyMap<number, number>> {
  const keyspace = String(await redis.command("info", "keyspace"));
  const numbers = [...keyspace.matchAll(/^db(\d+):/gm)].map(([, number]) => Number(number));
  const foreign = await Promise.all(numbers.map((number) => foreignKeys(redis, number)));
  return new Map(numbers.map((number, i) => [number, foreign[i] ?? 0]));
}

/** All in one script: `command` has a connection of its own each time, which begins in database 0. */
async function foreignKeys(redis: SecuredRedis, database: number): Promise<number> {
  const script = `redis.call('SELECT', ARGV[1])
    local foreign = 0
    for _, key in ipairs(redis.call('KEYS', '*')) do
      if not string.match(key, '^pushfleet:') then foreign = foreign + 1 end
    end
    return foreign`;
  return Number(await redis.command("eval", script, "0", String(database)));
}

test("a database holds all that gateways and reapers keep, and what is in others they do not see", async () => {
  await using redis = await startSecuredRedis({ password });
  const url = `redis://:${password}@${redis.host}:${redis.port}`;
  await using third = await startGateway({ redisUrl: `${url}/3` });
  await using fourth = await startGateway({ redisUrl: url, flags: ["--redis.database=4"] });
  await using reaper = await startReaper([`--redis.url=${url}/3`, "--sweep.interval=100ms"]);
  await push(third, "of_the_third", "a URL");
  await push(fourth, "of_the_fourth", "an option");

  const [inThird, inFourth] = [await scrape(third), await scrape(fourth)];
  expect(inThird).toInclude("of_the_third{");
  expect(inThird).not.toInclude("of_the_fourth");
  expect(inFourth).toInclude("of_the_fourth{");
  expect(inFourth).not.toInclude("of_the_third");
  expect(await databases(redis)).toEqual(
    new Map([
      [3, 0],
      [4, 0],
    ]),
  );

  // Connections that were lost come back to the same place.
  await redis.command("client", "kill", "type", "normal");
  await push(third, "of_the_third_again", "a new connection");
  expect(await scrape(fourth)).not.toInclude("of_the_third_again");
  const swept = async () =>
    Number(
      /^pushfleet_reaper_sweeps_total (\d+)/m.exec(
        await (await fetch(`${reaper.url}/-/metrics`)).text(),
      )?.[1],
    );
  const before = await swept();
  await expect.poll(swept, patient).toBeGreaterThan(before + 3);
  expect(await databases(redis)).toEqual(
    new Map([
      [3, 0],
      [4, 0],
    ]),
  );
});

test("a connection that comes back without its database is none: nothing is written elsewhere", async () => {
  const user = "user gateway on >secret ~pushfleet:* +@all";
  await using redis = await startSecuredRedis({ password, settings: [user] });
  const url = `redis://gateway:secret@${redis.host}:${redis.port}/3`;
  await using gateway = await startGateway({ redisUrl: url, flags: ["--push.timeout=0s"] });
  await push(gateway, "before", "database 3");
  await redis.command("acl", "setuser", "gateway", "-select");
  await redis.command("client", "kill", "type", "normal");
  const pushed = (name: string) => push(gateway, name, "database 3").then(() => "stored", String);
  await expect.poll(() => pushed("meanwhile"), patient).toMatch(/503: .*NOPERM.*'select'/);
  await redis.command("acl", "setuser", "gateway", "+select");
  await expect.poll(() => pushed("after"), patient).toBe("stored");
  expect(await databases(redis)).toEqual(new Map([[3, 0]]));
  const text = await scrape(gateway);
  expect(text).toMatch(/^before\{/m);
  expect(text).toMatch(/^after\{/m);
  expect(text).not.toMatch(/^meanwhile\{/m);
});
