import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rulesFile, tokens } from "../access/rules.ts";
import { startGateway } from "../support/gateway.ts";
import { startRedis } from "../support/redis.ts";
import { batchOf, deliver, seriesOf } from "./states.ts";

const flags = ["--federation.region=us"];

/** A group of each of three regions, of which this is one. */
async function fill(url: string, headers: Readonly<Record<string, string>> = {}): Promise<void> {
  await fetch(`${url}/metrics/job/a-us`, { method: "PUT", body: "m 1\n", headers });
  for (const region of ["eu", "ap"]) {
    const batch = await batchOf({ path: `/job/b-${region}`, body: "m 1\n", region });
    expect((await deliver(url, batch, headers)).status).toBe(200);
  }
}

const shownOf = (job: string) => `m{instance="",job="${job}"} 1`;
const [us, eu, ap] = ["a-us", "b-eu", "b-ap"].map(shownOf);

describe("by default", () => {
  let gateway: Awaited<ReturnType<typeof startGateway>>;
  beforeAll(async () => {
    gateway = await startGateway({ flags });
    await fill(gateway.url);
  });
  afterAll(() => gateway[Symbol.asyncDispose]());

  test("a scrape shows all regions, or the one that it asks for", async () => {
    expect(await seriesOf(gateway.url)).toIncludeSameMembers([ap, us, eu]);
    expect(await seriesOf(gateway.url, "?region=eu")).toEqual([eu]);
    expect(await seriesOf(gateway.url, "?region=us")).toEqual([us]);
    const text = await (await fetch(`${gateway.url}/metrics?region=eu`)).text();
    expect(text).toContain('push_time_seconds{instance="",job="b-eu"}');
    expect(text).not.toContain('job="a-us"');
  });

  test("of a region that nothing came from there is nothing but the gateway's own, until something comes", async () => {
    for (const unknown of ["sa", "x".repeat(32)]) {
      const text = await (await fetch(`${gateway.url}/metrics?region=${unknown}`)).text();
      expect(text).not.toContain("job=");
      expect(text).toContain("pushfleet_store_up 1");
    }
    await deliver(gateway.url, await batchOf({ path: "/job/c", body: "m 1\n", region: "sa" }));
    expect(await seriesOf(gateway.url, "?region=sa")).toEqual([shownOf("c")]);
  });

  test.each(["", "EU", "eu_west", "1", "eu&region=us", "x".repeat(33), "%ff"])(
    "?region=%s is refused with the reason",
    async (asked) => {
      const answer = await fetch(`${gateway.url}/metrics?region=${asked}`);
      expect(answer.status).toBe(400);
      expect(await answer.text()).toMatch(/^region: must be a region such as eu-west/);
    },
  );
});

test("a cluster without a region passes over the query, as upstream", async () => {
  await using gateway = await startGateway();
  await fetch(`${gateway.url}/metrics/job/a-us`, { method: "PUT", body: "m 1\n" });
  expect(await seriesOf(gateway.url, "?region=EU")).toEqual([us]);
});

describe("with --scrape.regions=local", () => {
  test("a scrape shows what was pushed here, and the API and other scrapes what there is", async () => {
    await using redis = await startRedis();
    const options = { redisUrl: redis.url, flags: [...flags, "--scrape.regions=local"] };
    await using gateway = await startGateway(options);
    await using replica = await startGateway(options);
    await fill(gateway.url);
    for (const { url } of [gateway, replica]) {
      expect(await seriesOf(url)).toEqual([us]);
      expect(await seriesOf(url, "?region=ap")).toEqual([ap]);
    }
    const { data } = (await (await fetch(`${replica.url}/api/v1/groups`)).json()) as {
      data: { total: number };
    }; // the API's
    expect(data.total).toBe(3);
    // A group belongs to whoever pushed it last.
    await fetch(`${replica.url}/metrics/job/b-eu`, { method: "PUT", body: "m 1\n" });
    expect(await seriesOf(gateway.url)).toIncludeSameMembers([us, eu]);
    expect(await seriesOf(gateway.url, "?region=eu")).toEqual([]);
  });

  test("and a last state while the store is away, though nobody has scraped before", async () => {
    await using redis = await startRedis();
    await using before = await startGateway({ redisUrl: redis.url, flags });
    await fill(before.url);
    await using gateway = await startGateway({
      redisUrl: redis.url,
      flags: [...flags, "--scrape.regions=local"],
    });
    await redis.kill();
    expect(await seriesOf(gateway.url)).toEqual([us]);
  });
});

test("rules that show somebody some groups hold for regions too", async () => {
  await using file = await rulesFile();
  await using gateway = await startGateway({ flags: [...flags, `--config.file=${file.path}`] });
  const as = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
  await fill(gateway.url, as(tokens.ops).headers);
  const jobsFor = async (token: string, query: string) => {
    const text = await (await fetch(`${gateway.url}/metrics${query}`, as(token))).text();
    return [...text.matchAll(/^m\{.*job="(.*?)"/gm)].map(([, job]) => job);
  };
  expect(await jobsFor(tokens["team-a"], "")).toEqual(["a-us"]);
  expect(await jobsFor(tokens["team-a"], "?region=us")).toEqual(["a-us"]);
  expect(await jobsFor(tokens["team-a"], "?region=eu")).toEqual([]);
  expect(await jobsFor(tokens.scraper, "?region=eu")).toEqual(["b-eu"]);
});

test("with --scrape.origin-label series tell where they were pushed, the API tells them as they are", async () => {
  await using gateway = await startGateway({ flags: [...flags, "--scrape.origin-label=origin"] });
  await fill(gateway.url);
  const shown = await seriesOf(gateway.url);
  expect(shown).toHaveLength(3);
  for (const region of ["us", "eu", "ap"])
    expect(
      shown.filter((line) => line.includes(`origin="${region}"`) && line.includes(`-${region}"`)),
    ).toHaveLength(1);
  expect(await seriesOf(gateway.url, "?region=eu")).toEqual([expect.stringContaining('origin="eu"')]);
  expect(await (await fetch(`${gateway.url}/api/v1/metrics`)).text()).not.toContain("origin");
});

test("options about regions need one", async () => {
  for (const flag of ["--scrape.regions=local", "--scrape.origin-label=origin"])
    await expect(startGateway({ flags: [flag] })).rejects.toThrow("needs --federation.region");
});
