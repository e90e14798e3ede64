import type { TokenSource } from "@pushfleet/store";
import { createRedisStore } from "@pushfleet/store";
import { describe, expect, test } from "vitest";
import { startRedis } from "../../../../test/support/redis.ts";
import { createRateLimiter, type Rated, type RateLimiter } from "./rate-limiter.ts";
import { Recent } from "./recent.ts";

const job = (name: string, perSecond: number): Rated => ({ kind: "job", name, perSecond });
const identity = (name: string, perSecond: number): Rated => ({ kind: "identity", name, perSecond });

/** How many of so many attempts at once are let through. */
async function passed(
  attempts: number,
  limiters: readonly RateLimiter[],
  all: readonly Rated[],
): Promise<number> {
  const takes = Array.from({ length: attempts }, async (_, i) => limiters[i % limiters.length]?.take(all));
  const refusals = await Promise.all(takes);
  return refusals.filter((refusal) => refusal === undefined).length;
}

describe("without other replicas", () => {
  test("a second's worth may come at once, and then as many as the rate gives", async () => {
    let now = 0;
    const limiter = createRateLimiter({ now: () => now });
    expect(await passed(30, [limiter], [job("a", 20)])).toBe(20);
    expect(limiter.take([job("a", 20)])).toMatchObject({ rated: { name: "a" }, waitMs: 50 });
    now = 50;
    expect(await passed(5, [limiter], [job("a", 20)])).toBe(1);
    now = 1_050;
    expect(await passed(30, [limiter], [job("a", 20)])).toBe(20);
  });

  test("whoever comes first gets through", () => {
    const limiter = createRateLimiter({});
    for (let i = 0; i < 100; i++)
      expect(limiter.take([job(`${i}`, 0.1), identity(`${i}`, 1)])).toBeUndefined();
  });

  test("of a slow rate one may come at a time", async () => {
    let now = 0;
    const limiter = createRateLimiter({ now: () => now });
    expect(await passed(3, [limiter], [job("a", 0.1)])).toBe(1);
    expect(limiter.take([job("a", 0.1)])).toMatchObject({ waitMs: 10_000 });
    now = 10_000;
    expect(await passed(3, [limiter], [job("a", 0.1)])).toBe(1);
  });

  test("whoever is refused for one takes nothing of the other", async () => {
    const limiter = createRateLimiter({ now: () => 0 });
    expect(await passed(9, [limiter], [job("a", 5), identity("x", 2)])).toBe(2);
    expect(await passed(9, [limiter], [job("a", 5), identity("y", 9)])).toBe(3);
    expect(await passed(9, [limiter], [identity("y", 9)])).toBe(6);
    expect(limiter.take([job("a", 5), identity("y", 9)])).toMatchObject({ rated: { kind: "job" } });
  });

  test("jobs, identities and rates of one name have nothing to do with each other", async () => {
    const limiter = createRateLimiter({ now: () => 0 });
    for (const rated of [job("a", 3), identity("a", 3), job("a", 4), job("b", 3)])
      expect(await passed(9, [limiter], [rated])).toBe(rated.perSecond);
  });
});

/** Counts the questions; a bucket of one second's worth, which time does not fill. */
function emptyingSource(): TokenSource & { asked: number } {
  const left = new Map<string, number>();
  return {
    asked: 0,
    async take({ id, most }, wanted) {
      this.asked++;
      const taken = Math.min(wanted, left.get(id) ?? most);
      left.set(id, (left.get(id) ?? most) - taken);
      return { taken, waitMs: taken === 0 ? 700 : 0 };
    },
  };
}

describe("with other replicas", () => {
  test("who takes little of a generous rate asks nobody", () => {
    let now = 0;
    const source = emptyingSource();
    const limiter = createRateLimiter({ source, now: () => now });
    for (; now < 60_000; now += 10) expect(limiter.take([job("a", 10_000)])).toBeUndefined();
    expect(source.asked).toBe(0);
  });

  test("who takes more fetches a tenth of a second's worth at a time", async () => {
    const source = emptyingSource();
    const limiter = createRateLimiter({ source, now: () => 0 });
    expect(await passed(550, [limiter], [job("a", 1_000)])).toBe(550);
    expect(source.asked).toBe(5);
  });

  test("below ten a second no token is given without asking, and each is fetched by itself", async () => {
    const source = emptyingSource();
    const limiters = [1, 2, 3].map(() => createRateLimiter({ source, now: () => 0 }));
    expect(await passed(60, limiters, [job("a", 5)])).toBe(5);
  });

  test("a bucket that is empty is not asked again before its time", async () => {
    let now = 0;
    const source = emptyingSource();
    const limiter = createRateLimiter({ source, now: () => now });
    await passed(20, [limiter], [job("a", 5)]);
    const { asked } = source;
    expect(limiter.take([job("a", 5)])).toMatchObject({ waitMs: 700 });
    now = 699;
    expect(limiter.take([job("a", 5)])).toMatchObject({ waitMs: 1 });
    expect(source.asked).toBe(asked);
    now = 700;
    expect(await limiter.take([job("a", 5)])).toMatchObject({ waitMs: 700 });
    expect(source.asked).toBe(asked + 1);
  });

  test("replicas on one Redis let through what is allowed and their own shares, but no more", async () => {
    await using server = await startRedis();
    const stores = await Promise.all([1, 2].map(() => createRedisStore({ url: server.url })));
    const limiters = stores.map(({ tokens }) => createRateLimiter({ source: tokens }));
    const start = performance.now();
    const slow = await passed(100, limiters, [job("slow", 5)]);
    const quick = await passed(2_000, limiters, [job("quick", 500)]);
    const seconds = (performance.now() - start) / 1000;
    expect(slow).toBeWithin(5, 5 + 5 * seconds + 1);
    expect(quick).toBeWithin(500, 500 + 2 * 50 + 500 * 1.02 * seconds + 1);
    await Promise.all(stores.map((store) => store.close()));
  });

  test("while Redis is away each allows the full rate, without waiting for it more than once a second", async () => {
    await using server = await startRedis();
    const store = await createRedisStore({ url: server.url, timeoutMs: 60_000 });
    let elapsed = 0;
    const limiter = createRateLimiter({ source: store.tokens, now: () => elapsed });
    await server.pause();
    const start = performance.now();
    expect(await passed(30, [limiter], [job("a", 9)])).toBe(9);
    expect(await passed(30, [limiter], [job("b", 9)])).toBe(9);
    expect(performance.now() - start).toBeLessThan(2_000);
    elapsed = 500;
    expect(await passed(30, [limiter], [job("a", 9)])).toBe(4);
    await server.resume();
    elapsed = 2_000;
    expect(await passed(30, [limiter], [job("c", 9)])).toBe(9);
    await store.close();
  });
});

test("what is asked for stays in memory, the rest goes when there is too much", () => {
  const recent = new Recent<number>(100);
  for (let i = 0; i < 1_000; i++) {
    recent.set(`${i}`, i);
    expect(recent.get("0")).toBe(0);
  }
  const known = Array.from({ length: 1_000 }, (_, i) => recent.get(`${i}`)).filter(
    (value) => value !== undefined,
  );
  expect(known.length).toBeWithin(100, 201);
  expect(known.at(-1)).toBe(999);
});
