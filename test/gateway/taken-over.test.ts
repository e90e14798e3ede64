import { describe, expect, test } from "vitest";
import { rulesFile, tokens } from "../access/rules.ts";
import { startGateway } from "../support/gateway.ts";
import { startRedis } from "../support/redis.ts";

const times = {
  "Pushfleet-Push-Time": "1.6000000001234567e+09",
  "Pushfleet-Failure-Time": "1.5e+09",
};

describe.each(["embedded", "redis"])("on the %s store", (kind) => {
  test("a group that is taken over shows the times it had, until its next push", async () => {
    await using redis = kind === "redis" ? await startRedis() : undefined;
    await using gateway = await startGateway(redis === undefined ? {} : { redisUrl: redis.url });
    const push = (headers: Record<string, string>) =>
      fetch(`${gateway.url}/metrics/job/a`, { method: "PUT", body: "m 1\n", headers });
    const scrape = async () => (await fetch(`${gateway.url}/metrics`)).text();
    expect((await push(times)).status).toBe(200);
    expect(await scrape()).toInclude('push_time_seconds{instance="",job="a"} 1.600000000123457e+09\n');
    expect(await scrape()).toInclude('push_failure_time_seconds{instance="",job="a"} 1.5e+09\n');
    expect((await push({})).status).toBe(200);
    expect(await scrape()).not.toInclude('push_time_seconds{instance="",job="a"} 1.6');
    const refused = await push({ "Pushfleet-Push-Time": "yesterday" });
    expect(refused.status).toBe(400);
    expect(await refused.text()).toInclude("Pushfleet-Push-Time");
  });
});

test("with access rules, times are the administrators' to tell", async () => {
  await using rules = await rulesFile();
  await using gateway = await startGateway({ flags: [`--config.file=${rules.path}`] });
  const statuses = (["team-a", "ops"] as const).map(async (who) => {
    const headers = { ...times, authorization: `Bearer ${tokens[who]}` };
    return (await fetch(`${gateway.url}/metrics/job/a-1`, { method: "PUT", body: "m 1\n", headers })).status;
  });
  expect(await Promise.all(statuses)).toEqual([403, 200]);
});
