import { describe, expect, test } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { startReaper } from "../support/reaper.ts";
import { startRedis } from "../support/redis.ts";
import { readDescription } from "./description.ts";

const description = readDescription();

interface Member {
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  readonly health: string;
  readonly last_sweep?: string | null;
  readonly rates?: { readonly pushes: readonly number[]; readonly refused: readonly number[] };
}

interface ClusterData {
  readonly self: string;
  readonly store: { readonly up: boolean; readonly groups: number };
  readonly members: readonly Member[];
}

/** Compares the answer with the description on the way. */
async function clusterOf({ url }: { readonly url: string }): Promise<ClusterData> {
  const answer = await fetch(`${url}/api/v1/cluster`);
  const body = (await answer.json()) as { readonly data: ClusterData }; // compared by the next line
  const { status } = answer;
  expect(
    description.problemsOf({ route: "/cluster", method: "get", status, body }),
    JSON.stringify(body),
  ).toBeEmpty();
  return body.data;
}

async function namesOf(gateway: { readonly url: string }): Promise<readonly string[]> {
  return (await clusterOf(gateway)).members.map(({ kind, name, health }) => `${kind} ${name} ${health}`);
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

const nameOf = ({ url }: { readonly url: string }) => new URL(url).host;

test("a gateway with an embedded store is a cluster of its own", async () => {
  await using gateway = await startGateway();
  await fetch(`${gateway.url}/metrics/job/a`, { method: "PUT", body: "m 1\n" });
  const { self, store, members } = await clusterOf(gateway);
  expect(store).toEqual({ kind: "memory", up: true, groups: 1, view_age_seconds: 0 });
  expect(members).toMatchObject([{ id: self, kind: "gateway", name: nameOf(gateway), health: "up" }]);
});

test("its rates tell what became of pushes", async () => {
  await using gateway = await startGateway();
  const push = (body: string) => fetch(`${gateway.url}/metrics/job/a`, { method: "PUT", body });
  for (const body of ["m 1\n", "m 1\n", "m 1\nm 2\n"]) await push(body);
  await fetch(`${gateway.url}/metrics/job/a`, { method: "DELETE" });
  const counted = async () => {
    const { pushes = [], refused = [] } = (await clusterOf(gateway)).members[0]?.rates ?? {};
    return { pushes: sum(pushes), refused: sum(refused) };
  };
  await expect.poll(counted, { timeout: 20_000, interval: 200 }).toEqual({ pushes: 3, refused: 1 });
});

describe("with Redis", () => {
  test("each gateway shows all gateways and reapers, as long as they run", async () => {
    await using redis = await startRedis();
    await using first = await startGateway({ redisUrl: redis.url });
    await using second = await startGateway({ redisUrl: redis.url, flags: ["--web.drain-time=0s"] });
    await using reaper = await startReaper([`--redis.url=${redis.url}`, "--sweep.interval=1s"]);
    const gateways = [first, second].map((each) => `gateway ${nameOf(each)} up`).sort();
    for (const gateway of [first, second])
      await expect.poll(() => namesOf(gateway)).toEqual([...gateways, `reaper ${nameOf(reaper)} up`]);
    expect((await clusterOf(first)).self).not.toBe((await clusterOf(second)).self);
    await expect
      .poll(async () => (await clusterOf(first)).members.at(-1)?.last_sweep, { timeout: 20_000 })
      .toEqual(expect.any(String));

    await reaper.process.stop();
    await second.process.stop();
    await expect.poll(() => namesOf(first)).toEqual([`gateway ${nameOf(first)} up`]);
  });

  test("one that is stopping says so", async () => {
    await using redis = await startRedis();
    await using first = await startGateway({ redisUrl: redis.url });
    await using second = await startGateway({ redisUrl: redis.url, flags: ["--web.drain-time=30s"] });
    second.process.signal("SIGTERM");
    await expect.poll(() => namesOf(first)).toContain(`gateway ${nameOf(second)} stopping`);
    expect(await namesOf(second)).toContain(`gateway ${nameOf(second)} stopping`);
  });

  test("one that is killed is late before it is forgotten", async () => {
    await using redis = await startRedis();
    await using first = await startGateway({ redisUrl: redis.url });
    await using second = await startGateway({ redisUrl: redis.url });
    await expect.poll(() => namesOf(first)).toHaveLength(2);
    second.process.signal("SIGKILL");
    await expect
      .poll(() => namesOf(first), { timeout: 20_000, interval: 200 })
      .toContain(`gateway ${nameOf(second)} late`);
  });

  test("a gateway whose Redis is gone tells what it knows", async () => {
    await using redis = await startRedis();
    await using gateway = await startGateway({ redisUrl: redis.url });
    await fetch(`${gateway.url}/metrics/job/a`, { method: "PUT", body: "m 1\n" });
    expect((await clusterOf(gateway)).store).toMatchObject({ up: true, groups: 1, redis: { replicas: [] } });
    await redis.kill();
    const { store, members } = await clusterOf(gateway);
    expect(store).toMatchObject({ kind: "redis", up: false, groups: 1, redis: null });
    expect(members).toHaveLength(1);
  });

  test("and one whose Redis hangs does so within seconds", async () => {
    await using redis = await startRedis();
    await using gateway = await startGateway({ redisUrl: redis.url });
    await clusterOf(gateway);
    await redis.pause();
    const start = performance.now();
    expect((await clusterOf(gateway)).store).toMatchObject({ up: false, redis: null });
    expect(performance.now() - start).toBeLessThan(10_000);
    await redis.resume();
  });
});

test("parameters are refused", async () => {
  await using gateway = await startGateway();
  const answer = await fetch(`${gateway.url}/api/v1/cluster?x=1`);
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ status: "error", errorType: "bad_data" });
});
