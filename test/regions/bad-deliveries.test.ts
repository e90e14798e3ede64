import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { type Batch, type Deliveries, startDeliveries } from "./support/deliveries.ts";
import { federatorToken, type Region } from "./support/region.ts";
import { measure, tell, tellLogsOnFailure } from "./support/row.ts";
import { scrapeText, shows, untilSame } from "./support/scrapes.ts";
import { readOrdered, startSharedWrites } from "./support/shared-groups.ts";
import { lastSequences, readSequences, startSteadyLoad } from "./support/steady-load.ts";
import { startWorld } from "./support/world.ts";

/** Of each kind of trouble. */
const seconds = measure("PUSHFLEET_REGION_TROUBLE_SECONDS", 3);
const convergedMs = 40_000;
const ids = ["a", "b"] as const;

test("deliveries that come twice, in another order or much later change nothing", {
  timeout: 120_000,
}, async () => {
  await using started = new AsyncDisposableStack();
  const proxies = new Map<string, Deliveries>();
  await using world = await startWorld({
    ids,
    between: async (from, to) => {
      const proxy = started.use(await startDeliveries(to.url));
      proxies.set(from.id, proxy);
      return proxy.url;
    },
  });
  await using _logs = tellLogsOnFailure(world.logs);
  const all = [...proxies.values()];
  await using traffic = startTraffic(world.regions);

  for (const proxy of all) proxy.set((batch) => [batch, batch]);
  await delay(1_000 * seconds);
  for (const proxy of all)
    await expect.poll(() => proxy.batches.length, { timeout: 30_000 }).toBeGreaterThan(5);
  // The older ones after the newer: what the peer answers to the newest is what the federator goes by.
  for (const proxy of all) proxy.set((batch) => [...shuffled(proxy.batches).slice(0, 5), batch]);
  await delay(1_000 * seconds);
  for (const proxy of all) proxy.set(undefined);
  const lacks = await traffic.stop();
  await untilSame(world.regions, { withinMs: convergedMs, lacks });

  const before = await scrapeText(world.regions[0].url);
  for (const proxy of all) {
    const statuses = await proxy.replay(shuffled(proxy.batches));
    for (const status of statuses) expect(status).toBeWithin(200, 300);
  }
  await untilSame(world.regions, { withinMs: convergedMs, lacks });
  expect(await scrapeText(world.regions[0].url)).toBe(before);
  tell(`${all.map(({ batches }) => batches.length).join(" and ")} batches, each delivered several times`);
});

test("deliveries that arrive cut short or with other bytes change nothing, are told in the log, and are sent again", {
  timeout: 120_000,
}, async () => {
  await using started = new AsyncDisposableStack();
  const proxies: Deliveries[] = [];
  await using world = await startWorld({
    ids,
    between: async (_from, to) => {
      const proxy = started.use(await startDeliveries(to.url));
      proxies.push(proxy);
      return proxy.url;
    },
  });
  await using _logs = tellLogsOnFailure(world.logs);
  await using traffic = startTraffic(world.regions);
  const troubles: readonly ((batch: Batch) => readonly Batch[])[] = [
    () => [],
    (batch) => [{ ...batch, body: batch.body.subarray(0, Math.floor(Math.random() * batch.body.length)) }],
    (batch) => [{ ...batch, body: corrupted(batch.body) }],
    (batch) => [{ ...batch, headers: { ...batch.headers, "content-encoding": "identity" } }],
  ];
  for (const trouble of troubles) {
    for (const proxy of proxies) proxy.set((batch) => (Math.random() < 0.7 ? trouble(batch) : [batch]));
    await delay(1_000 * seconds);
  }
  for (const proxy of proxies) proxy.set(undefined);
  // And below HTTP, where heads and lengths are hit as well.
  for (const link of world.links) link.set({ corruption: 0.2 });
  await delay(1_000 * seconds);
  for (const link of world.links) link.set({ endAfter: 700 });
  await delay(1_000 * seconds);
  for (const link of world.links) link.heal();
  const lacks = await traffic.stop();
  const took = await untilSame(world.regions, { withinMs: convergedMs, lacks });

  tell(`converged ${took.toFixed(0)} ms after the trouble`);
  for (const { federators, gateways } of world.regions) {
    expect(federators[0]?.log()).toMatch(
      /level=error .*msg="(the link to the peer is lost|the peer does not take what is sent|the peer answers what cannot be understood)/,
    );
    expect(gateways.map((gateway) => gateway.log()).join("")).toMatch(
      /level=warn .*the batch (is damaged|ends too early)/,
    );
  }
});

test("wrong credentials: nothing is taken, the log says so, and with the right ones all of it arrives", {
  timeout: 120_000,
}, async () => {
  await using world = await startWorld({ ids });
  await using _logs = tellLogsOnFailure(world.logs);
  const [first, second] = world.regions;
  await first.showToken("another");
  await pushOnce(first, "hidden", 1);
  await expect
    .poll(() => first.federators[0]?.log(), { timeout: 30_000, interval: 200 })
    .toContain('msg="the peer refuses our credentials"');
  await pushOnce(second, "told", 2);
  await expect.poll(() => scrapeText(first.url), { timeout: 20_000 }).toContain('job="told"');
  const during = await scrapeText(second.url);
  await first.showToken(federatorToken);
  await untilSame(world.regions, {
    withinMs: convergedMs,
    lacks: (pushed) => (pushed.includes('job="hidden"') ? undefined : "the group that was kept back"),
  });
  expect(during).not.toContain('job="hidden"');
});

/** Pushes to own groups of each region and writes to the same ones. `stop` resolves to what all of them have to show then. */
function startTraffic(regions: readonly Region[]) {
  const load = startSteadyLoad(regions, { perSecond: 40 });
  const shared = startSharedWrites(regions, { pauseMs: 20 });
  return {
    async stop() {
      const [pushes, { expected, failures }] = [await load.stop(), await shared.stop()];
      expect([...pushes.failures, ...failures]).toBeEmpty();
      const hasOrdered = shows(expected, readOrdered);
      const hasSequences = shows(lastSequences(pushes), readSequences);
      return (pushed: string) => hasOrdered(pushed) ?? hasSequences(pushed);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([load[Symbol.asyncDispose](), shared[Symbol.asyncDispose]()]);
    },
  };
}

async function pushOnce({ url }: Region, job: string, value: number): Promise<void> {
  const response = await fetch(`${url}/metrics/job/${job}`, { method: "PUT", body: `pushed ${value}\n` });
  expect(response.status).toBe(200);
}

function corrupted(body: Buffer): Buffer {
  const spoilt = Buffer.from(body);
  const at = Math.floor(Math.random() * spoilt.length);
  spoilt[at] = (spoilt[at] ?? 0) ^ (1 + Math.floor(Math.random() * 255));
  return spoilt;
}

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, order: Math.random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ item }) => item);
}
