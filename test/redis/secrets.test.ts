import { expect, test } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { startReaper } from "../support/reaper.ts";
import { startSecuredRedis } from "./secured-redis.ts";
import { push } from "./traffic.ts";

const patient = { timeout: 20_000, interval: 50 };
const talkative = ["--log.level=debug", "--log.format=json"];

test("passwords are in no log, answer or status, also when Redis no longer takes them", async () => {
  await using redis = await startSecuredRedis({
    password: "of-the-administrator",
    settings: ["user ours on >first-secret ~pushfleet:* +@all"],
  });
  const address = `${redis.host}:${redis.port}`;
  const redisUrl = `redis://ours:first-secret@${address}`;
  await using gateway = await startGateway({ redisUrl, flags: [...talkative, "--push.timeout=0s"] });
  await using other = await startGateway({
    redisUrl: `redis://ours@${address}`,
    flags: talkative,
    env: { PUSHFLEET_REDIS_PASSWORD: "first-secret" },
  });
  await using reaper = await startReaper([`--redis.url=${redisUrl}`, ...talkative, "--sweep.interval=100ms"]);
  await push(gateway, "stored", "the first password");

  await redis.command("acl", "setuser", "ours", "resetpass", ">second-secret");
  await redis.command("client", "kill", "type", "normal", "skipme", "yes");
  const answers: string[] = [];
  const refused = async () => {
    const error = await push(gateway, "refused", "the first password").then(String, String);
    answers.push(error);
    return error;
  };
  await expect.poll(refused, patient).toMatch(/503: .*WRONGPASS/);
  await expect.poll(() => reaper.process.output(), patient).toMatch(/Redis is unavailable/);
  await expect.poll(() => reaper.process.output(), patient).toMatch(/WRONGPASS.*the job queue complains/);

  for (const { url } of [gateway, other, reaper]) {
    for (const path of [
      "/metrics",
      "/-/metrics",
      "/-/ready",
      "/-/healthy",
      "/api/v1/status",
      "/api/v1/metrics",
      "/",
    ]) {
      answers.push(await (await fetch(`${url}${path}`)).text());
    }
  }
  const logs = [gateway, other, reaper].map(({ process }) => process.output());
  expect([...answers, ...logs].filter((text) => /first-secret|second-secret/.test(text))).toBeEmpty();
  expect(answers.join("\n")).toInclude(`redis://ours:xxxxx@${address}`);
});
