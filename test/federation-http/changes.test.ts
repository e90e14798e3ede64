import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { rulesFile, tokens } from "../access/rules.ts";
import { startGateway } from "../support/gateway.ts";
import { type RedisServer, startRedis } from "../support/redis.ts";
import { batchOf, batchOfStates, deletedState, deliver, recently, seriesOf, stateOf } from "./states.ts";

const flags = ["--federation.region=us"];

/** Two gateways of one Redis, or with the embedded store the same one twice. */
async function startRegion(store: "embedded" | "redis", more: readonly string[] = []) {
  await using started = new AsyncDisposableStack();
  let redis: RedisServer | undefined;
  const all = [...flags, "--web.drain-time=0s", ...more];
  if (store === "redis") redis = started.use(await startRedis());
  const options = { flags: all, ...(redis === undefined ? {} : { redisUrl: redis.url }) };
  const first = started.use(await startGateway(options));
  const second = redis === undefined ? first : started.use(await startGateway(options));
  const kept = started.move();
  return {
    url: first.url,
    replica: second.url,
    gateway: first,
    redis,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

async function ownMetric(url: string, name: string): Promise<number | undefined> {
  const lines = (await (await fetch(`${url}/-/metrics`)).text()).split("\n");
  const line = lines.find((each) => each.startsWith(`${name} `));
  return line === undefined ? undefined : Number(line.slice(name.length + 1));
}

function gibberish(size: number): Buffer<ArrayBuffer> {
  return Buffer.from(Array.from({ length: size }, (_, i) => (i * 7919) % 251));
}

describe.each(["embedded", "redis"] as const)("with the %s store", (store) => {
  test("what a batch brings is in the next scrape of every replica, and the answer tells what became of it", async () => {
    await using here = await startRegion(store);
    await fetch(`${here.url}/metrics/job/own`, { method: "PUT", body: "own 1\n" });
    const batch = await batchOf(
      { path: "/job/a", body: "m 1\n", region: "eu" },
      { path: "/job/b/instance/x", body: "m 2\nn 3\n", region: "eu" },
    );
    const { status, answer } = await deliver(here.url, batch);
    expect(status).toBe(200);
    expect(answer).toMatchObject({
      region: "us",
      history: expect.any(String),
      outcomes: { merged: 2, changed: 2, refused: [] },
    });
    const shown = await seriesOf(here.replica);
    expect(shown).toIncludeSameMembers([
      'm{instance="",job="a"} 1',
      'm{instance="x",job="b"} 2',
      'n{instance="x",job="b"} 3',
      'own{instance="",job="own"} 1',
    ]);
    expect((await deliver(here.url, batch)).answer).toMatchObject({ outcomes: { merged: 2, changed: 0 } });
    expect(await seriesOf(here.replica)).toEqual(shown);
    expect(await ownMetric(here.url, "pushfleet_federation_received_total")).toBe(4);
  });

  test("deletions are brought too, and an older state does not bring the group back", async () => {
    await using here = await startRegion(store);
    const old = await batchOf({ path: "/job/a", body: "m 1\n", region: "eu", micros: recently() });
    await deliver(here.url, old);
    expect(await seriesOf(here.replica)).toHaveLength(1);
    await deliver(here.url, await batchOfStates([deletedState({ path: "/job/a", region: "eu" })]));
    expect(await seriesOf(here.replica)).toEqual([]);
    await deliver(here.url, old);
    expect(await seriesOf(here.replica)).toEqual([]);
  });

  test("a push here comes after all that was brought, however the clocks stand", async () => {
    await using here = await startRegion(store);
    const micros = (Date.now() + 30_000) * 1000;
    await deliver(here.url, await batchOf({ path: "/job/a", body: "m 1\n", region: "eu", micros }));
    await fetch(`${here.url}/metrics/job/a`, { method: "PUT", body: "m 2\n" });
    expect(await seriesOf(here.replica)).toEqual(['m{instance="",job="a"} 2']);
  });

  test("of a batch, what is too far ahead or cannot be is refused by itself", async () => {
    await using here = await startRegion(store);
    const ahead = stateOf({
      path: "/job/a",
      body: "m 1\n",
      region: "eu",
      micros: (Date.now() + 3_600_000) * 1000,
    });
    const good = stateOf({ path: "/job/b", body: "m 1\n", region: "eu" });
    const stolen = { ...stateOf({ path: "/job/c", body: "m 1\n", region: "eu" }), id: good.id };
    const { status, answer } = await deliver(here.url, await batchOfStates([ahead, stolen, good]));
    expect(status).toBe(200);
    expect(answer).toMatchObject({
      outcomes: {
        merged: 1,
        refused: expect.arrayContaining([
          expect.objectContaining({ id: ahead.id, reason: "ahead" }),
          expect.objectContaining({ id: good.id, reason: "invalid" }),
        ]),
      },
    });
    expect(await seriesOf(here.replica)).toEqual(['m{instance="",job="b"} 1']);
    for (const reason of ["ahead", "invalid"])
      expect(await ownMetric(here.url, `pushfleet_federation_refused_total{reason="${reason}"}`)).toBe(1);
    expect(here.gateway.process.output()).toContain("groups of another region refused");
  });

  test("a batch that is damaged, or none, is answered 400, changes nothing and is told in the log", async () => {
    await using here = await startRegion(store);
    const batch = await batchOf({ path: "/job/a", body: "m 1\n", region: "eu" });
    const flipped = Buffer.from(batch);
    const middle = Math.floor(flipped.length / 2);
    flipped[middle] = (flipped[middle] ?? 0) ^ 0x10;
    const bad: readonly [what: string, body: Uint8Array<ArrayBuffer>][] = [
      ["empty", Buffer.from("")],
      ["text", Buffer.from("m 1\n")],
      ["gibberish", gibberish(100_000)],
      ["truncated", Buffer.from(batch.subarray(0, -9))],
      ["flipped", flipped],
      ["gzip of something else", gzipSync("m 1\n")],
      ["another version", gzipSync("pushfleet-batch/2 eu\nend 0 00000000\n")],
    ];
    for (const [what, body] of bad) {
      const { status, answer } = await deliver(here.url, body);
      expect(status, what).toBe(400);
      expect(answer, what).toEqual({ status: "error", errorType: "bad_data", error: expect.any(String) });
    }
    expect(await seriesOf(here.replica)).toEqual([]);
    expect(here.gateway.process.output()).toContain("batch of another region refused");
    expect((await deliver(here.url, batch)).status).toBe(200);
  });

  test("a batch of hundreds of groups arrives whole", async () => {
    await using here = await startRegion(store);
    const pushes = Array.from({ length: 950 }, (_, i) => ({
      path: `/job/j${i}`,
      body: `m ${i}\nn{x="a"} ${i}\n`,
      region: "eu",
    }));
    const { answer } = await deliver(here.url, await batchOf(...pushes));
    expect(answer).toMatchObject({ outcomes: { merged: 950, refused: [] } });
    const shown = new Set(await seriesOf(here.replica));
    expect(shown.size).toBe(1_900);
    for (const i of [0, 199, 200, 949]) expect(shown).toContain(`m{instance="",job="j${i}"} ${i}`);
  });
});

test("what is larger than 64 MiB, packed or not, is answered 413 and nothing is kept of it", async () => {
  await using here = await startRegion("embedded");
  const bomb = gzipSync(
    Buffer.concat([Buffer.from("pushfleet-batch/1 eu\n"), Buffer.alloc(65 * 1024 * 1024)]),
  );
  for (const body of [bomb, Buffer.alloc(64 * 1024 * 1024 + 1)]) {
    const { status, answer } = await deliver(here.url, Buffer.from(body));
    expect(status).toBe(413);
    expect(answer).toMatchObject({ status: "error", errorType: "too_large" });
  }
});

test("while the store does not answer, batches get 503 with Retry-After, and more than eight at a time as well", async () => {
  await using here = await startRegion("redis", ["--push.timeout=2s"]);
  const batch = await batchOf({ path: "/job/a", body: "m 1\n", region: "eu" });
  await here.redis?.pause();
  const answers = await Promise.all(Array.from({ length: 9 }, () => deliver(here.url, batch)));
  expect(answers.map(({ status }) => status)).toEqual(Array(9).fill(503));
  for (const { headers } of answers) expect(headers.get("retry-after")).toBe("1");
  const texts = answers.map(({ answer }) => JSON.stringify(answer)).sort();
  expect(texts[0]).toContain("8 batches are being merged already");
  expect(texts[1]).toContain("store unavailable");
  await here.redis?.resume();
  await expect.poll(async () => (await deliver(here.url, batch)).status, { timeout: 20_000 }).toBe(200);
  expect(await seriesOf(here.replica)).toHaveLength(1);
}, 60_000);

test("pushes do not wait while a large batch is read and merged", async () => {
  await using here = await startRegion("redis");
  const body = Array.from({ length: 500 }, (_, i) => `m{i="${i}",path="/some/where"} ${i}\n`).join("");
  const batch = await batchOf(
    ...Array.from({ length: 100 }, (_, i) => ({ path: `/job/j${i}`, body, region: "eu" })),
  );
  const push = async () => {
    const begunAt = performance.now();
    const { status } = await fetch(`${here.url}/metrics/job/own`, { method: "PUT", body: "own 1\n" });
    expect(status).toBe(200);
    return performance.now() - begunAt;
  };
  for (let i = 0; i < 20; i++) await push();
  let isOver = false;
  const delivery = deliver(here.url, batch).finally(() => {
    isOver = true;
  });
  const waits: number[] = [];
  while (!isOver) waits.push(await push());
  expect(await delivery).toMatchObject({ status: 200, answer: { outcomes: { merged: 100 } } });
  expect(waits.length).toBeGreaterThan(10);
  // One may have met the others of this machine.
  const slowest = waits.sort((a, b) => b - a)[Math.min(2, waits.length - 1)];
  expect(slowest).toBeLessThan(300);
}, 60_000);

test("with access rules the role federate is needed, and no page of another site may", async () => {
  await using file = await rulesFile();
  await using here = await startRegion("embedded", [`--config.file=${file.path}`]);
  const batch = await batchOf({ path: "/job/a", body: "m 1\n", region: "eu" });
  const as = (token: string) => ({ authorization: `Bearer ${token}` });
  expect(await deliver(here.url, batch)).toMatchObject({
    status: 401,
    answer: { errorType: "unauthenticated" },
  });
  for (const owner of ["pusher", "team-a", "scraper"] as const)
    expect(await deliver(here.url, batch, as(tokens[owner]))).toMatchObject({
      status: 403,
      answer: { errorType: "forbidden", error: expect.stringContaining('the role "federate"') },
    });
  const foreign = { ...as(tokens.federator), origin: "https://evil.example" };
  expect((await deliver(here.url, batch, foreign)).status).toBe(403);
  const scrape = async () =>
    await (await fetch(`${here.url}/metrics`, { headers: as(tokens.scraper) })).text();
  expect(await scrape()).not.toContain('job="a"');
  expect((await deliver(here.url, batch, as(tokens.federator))).status).toBe(200);
  expect(await scrape()).toContain('m{instance="",job="a"} 1');
  // Its role is for this alone.
  for (const path of ["/metrics", "/api/v1/groups", "/-/metrics"])
    expect((await fetch(here.url + path, { headers: as(tokens.federator) })).status).toBe(403);
});

test("under a route prefix it is there too, and a cluster without a region has nothing of it", async () => {
  await using prefixed = await startGateway({
    flags: [...flags, "--web.route-prefix=/p"],
    readyPath: "/p/-/ready",
  });
  const batch = await batchOf({ path: "/job/a", body: "m 1\n", region: "eu" });
  expect((await deliver(`${prefixed.url}/p`, batch)).status).toBe(200);
  expect((await deliver(prefixed.url, batch)).status).toBe(404);

  await using plain = await startGateway();
  expect((await deliver(plain.url, batch)).status).toBe(404);
  expect((await fetch(`${plain.url}/federation/v1/digests`)).status).toBe(404);
});
