import {
  type BucketsAnswer,
  bucketOf,
  bucketsParameter,
  Digest,
  type DigestAnswer,
} from "@pushfleet/federation";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { startRedis } from "../support/redis.ts";
import { batchOf, deliver, recently, stateOf } from "./states.ts";

const flags = ["--federation.region=us", "--web.drain-time=0s"];

async function digestOf(url: string): Promise<DigestAnswer> {
  const answer = await fetch(`${url}/federation/v1/digests`);
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toBe("application/json");
  return (await answer.json()) as DigestAnswer; // what the route says it answers
}

async function groupsIn(url: string, buckets: readonly number[]): Promise<BucketsAnswer["groups"]> {
  const answer = await fetch(`${url}/federation/v1/digests?buckets=${bucketsParameter(buckets)}`);
  expect(answer.status).toBe(200);
  return ((await answer.json()) as BucketsAnswer).groups; // as above
}

const pushes = Array.from({ length: 700 }, (_, i) => ({
  path: `/job/j${i}`,
  body: `m ${i}\n`,
  region: "eu",
  micros: recently(i),
}));

test("gateways of one Redis tell the same digest, and another region that holds the same tells it too", async () => {
  await using redis = await startRedis();
  await using first = await startGateway({ redisUrl: redis.url, flags });
  await using second = await startGateway({ redisUrl: redis.url, flags });
  await using elsewhere = await startGateway({ flags: ["--federation.region=ap"] });
  const batch = await batchOf(...pushes);
  for (const { url } of [first, elsewhere]) expect((await deliver(url, batch)).status).toBe(200);
  const [one, other, far] = await Promise.all([first, second, elsewhere].map(({ url }) => digestOf(url)));
  expect(Digest.fromText(one?.digest ?? "")).toBeInstanceOf(Digest);
  expect(one).toMatchObject({ region: "us", history: other?.history, now_micros: expect.any(Number) });
  expect(one?.digest).toBe(other?.digest);
  expect(far?.region).toBe("ap");
  expect(far?.digest).toBe(one?.digest);
});

test("what differs is found by its bucket and the hash of its group", async () => {
  await using here = await startGateway({ flags });
  await using there = await startGateway({ flags: ["--federation.region=ap"] });
  const same = pushes.slice(0, 100);
  const different = stateOf({ path: "/job/j5", body: "m 7\n", region: "eu" });
  for (const { url } of [here, there]) await deliver(url, await batchOf(...same));
  await deliver(
    there.url,
    await batchOf({ path: "/job/j5", body: "m 7\n", region: "eu", micros: recently(1_000_000) }),
  );
  const digests = await Promise.all(
    [here, there].map(async ({ url }) => Digest.fromText((await digestOf(url)).digest)),
  );
  const [ours, theirs] = digests;
  if (ours === undefined || theirs === undefined) throw new Error("no digests");
  const buckets = ours.differences(theirs);
  expect(buckets).toEqual([bucketOf(different.id)]);
  const [known, news] = await Promise.all([here, there].map(({ url }) => groupsIn(url, buckets)));
  expect(Object.keys(known ?? {})).toEqual(Object.keys(news ?? {}));
  expect(known).toHaveProperty(different.id);
  expect(known?.[different.id]).not.toBe(news?.[different.id]);
  for (const id of Object.keys(known ?? {})) expect(buckets).toContain(bucketOf(id));
});

describe("a gateway", () => {
  let here: Awaited<ReturnType<typeof startGateway>>;
  beforeAll(async () => {
    here = await startGateway({ flags });
  });
  afterAll(() => here[Symbol.asyncDispose]());

  test("reads its digest anew after some seconds, and what changed is in it then", async () => {
    const before = (await digestOf(here.url)).digest;
    await fetch(`${here.url}/metrics/job/a`, { method: "PUT", body: "m 1\n" });
    await expect.poll(async () => (await digestOf(here.url)).digest, { timeout: 15_000 }).not.toBe(before);
  });

  test.each([
    ["one character", "0"],
    ["an odd number", "AAA"],
    ["another alphabet", "%20A"],
    ["no ASCII", "ä"],
    ["too many", "A".repeat(2_050)],
  ])("refuses buckets of %s", async (_what, buckets) => {
    const answer = await fetch(`${here.url}/federation/v1/digests?buckets=${buckets}`);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ status: "error", errorType: "bad_data" });
  });

  test("refuses other methods and parameters, as the API does", async () => {
    const statusOf = async (method: string, path: string) =>
      (await fetch(`${here.url}/federation/v1/${path}`, { method })).status;
    expect(await statusOf("GET", "digests?bucket=AA")).toBe(400);
    expect(await statusOf("DELETE", "digests")).toBe(405);
    expect(await statusOf("GET", "changes")).toBe(405);
    expect(await statusOf("GET", "else")).toBe(404);
  });
});

test("while Redis is away there is none, and 503 says when to ask again", async () => {
  await using redis = await startRedis();
  await using here = await startGateway({ redisUrl: redis.url, flags });
  await redis.kill();
  const answer = await fetch(`${here.url}/federation/v1/digests`);
  expect(answer.status).toBe(503);
  expect(answer.headers.get("retry-after")).toBe("1");
});
