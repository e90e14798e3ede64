/** How much may be stored, by real gateways with either store, and by two that share one. */
import { describe, expect, test } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { startRedis } from "../support/redis.ts";
import { push, refusals, scrapedSeries, statuses } from "./client.ts";

async function startEmbedded(flags: readonly string[]) {
  const gateway = await startGateway({ flags });
  return { urls: [gateway.url, gateway.url], [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose]() };
}

async function startTwoOnRedis(flags: readonly string[]) {
  await using started = new AsyncDisposableStack();
  const redis = started.use(await startRedis());
  const gateways = await Promise.all([1, 2].map(() => startGateway({ redisUrl: redis.url, flags })));
  for (const gateway of gateways) started.use(gateway);
  const all = started.move();
  return { urls: gateways.map(({ url }) => url), [Symbol.asyncDispose]: () => all.disposeAsync() };
}

const lines = (name: string, count: number) =>
  Array.from({ length: count }, (_, i) => `${name}{n="${i}"} 1\n`).join("");

describe.each([
  ["the embedded store", startEmbedded],
  ["two gateways on one Redis", startTwoOnRedis],
])("with %s", (_, start) => {
  test("a job and the store have no more groups than they may, whoever creates them", async () => {
    await using gateways = await start(["--job.max-groups=10", "--store.max-groups=25"]);
    const url = (i: number) => gateways.urls[i % gateways.urls.length] ?? "";
    const attempts = ["a", "b", "c"].flatMap((job) =>
      Array.from({ length: 20 }, (_, i) => `${job}/instance/${i}`),
    );
    const answers = await Promise.all(attempts.map((path, i) => push(url(i), path)));
    expect(statuses(answers)).toEqual({ 200: 25, 429: 35 });
    const series = await scrapedSeries(url(0));
    expect(series).toHaveLength(25);
    for (const job of ["a", "b", "c"])
      expect(series.filter((line) => line.includes(`job="${job}"`)).length).toBeWithin(5, 11);
    const refused = answers.filter(({ status }) => status === 429);
    for (const { text, retryAfter } of refused) {
      expect(text).toMatch(
        /^(the job "[abc]" has 10 groups already \(limit --job|there are 25 groups already \(limit --store)\.max-groups\)\n$/,
      );
      expect(retryAfter).toBe(60);
    }
    const counts = await Promise.all(
      [...new Set(gateways.urls)].flatMap((each) => [
        refusals(each, "job.max-groups"),
        refusals(each, "store.max-groups"),
      ]),
    );
    expect(counts.reduce((sum, count) => sum + count)).toBe(35);
    // Those that are there go on.
    const stored = attempts.filter((_, i) => answers[i]?.status === 200);
    expect(statuses(await Promise.all(stored.map((path, i) => push(url(i + 1), path))))).toEqual({ 200: 25 });
  });

  test("room comes with deletion and with expiry", async () => {
    await using gateways = await start(["--job.max-groups=2"]);
    const [url = "", other = ""] = gateways.urls;
    expect(await push(url, "a/n/1")).toMatchObject({ status: 200 });
    expect(await push(other, "a/n/2?ttl=300ms")).toMatchObject({ status: 200 });
    expect(await push(url, "a/n/3")).toMatchObject({ status: 429 });
    await expect.poll(async () => (await push(url, "a/n/3")).status, { timeout: 5_000 }).toBe(200);
    expect(await push(other, "a/n/4")).toMatchObject({ status: 429 });
    expect(await push(url, "a/n/1", "", { method: "DELETE" })).toMatchObject({ status: 202 });
    expect(await push(other, "a/n/4")).toMatchObject({ status: 200 });
  });

  test("refused content is no way around the number of groups", async () => {
    await using gateways = await start(["--job.max-groups=3"]);
    const [url = ""] = gateways.urls;
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => push(url, `a/n/${i}`, "m 1 1234\n")),
    );
    expect(statuses(answers)).toEqual({ 400: 20 });
    const { data } = (await (await fetch(`${url}/api/v1/metrics`)).json()) as { data: unknown[] }; // the API's shape
    expect(data).toHaveLength(3);
  });

  test("a group has no more series than it may, however they come together", async () => {
    await using gateways = await start(["--group.max-series=10"]);
    const [url = "", other = ""] = gateways.urls;
    const post = (target: string, body: string) => push(target, "a", body, { method: "POST" });
    expect(await push(url, "a", lines("m", 11))).toMatchObject({
      status: 413,
      text: 'the group {job="a"} would have more than 10 series (limit --group.max-series)\n',
    });
    expect(await post(url, lines("m", 6))).toMatchObject({ status: 200 });
    expect(await post(other, lines("n", 4))).toMatchObject({ status: 200 });
    expect(await post(url, lines("o", 1))).toMatchObject({ status: 413 });
    expect(await post(other, lines("n", 5))).toMatchObject({ status: 413 });
    expect(await post(url, lines("m", 5) + lines("n", 5))).toMatchObject({ status: 200 });
    expect(await scrapedSeries(other)).toHaveLength(10);
  });
});
