import { expect, test } from "vitest";
import { startRedis } from "../support/redis.ts";
import { type Client, createClient } from "./checker/client.ts";
import { startLoad } from "./checker/load.ts";
import { startFleet, startReplica } from "./fleet.ts";
import { judgedSound, rowTimeoutMs, runFor, tellLogsOnFailure, untilAcknowledged } from "./run.ts";

const fillers = 10_000;

test("a new replica joins 10,000 groups under load: consistent first answer ≤ 1 s, not ready before", {
  timeout: rowTimeoutMs,
}, async () => {
  await using redis = await startRedis();
  const options = { redisUrl: redis.url };
  await using fleet = await startFleet(options);
  await fill(fleet.balancer.url);
  // A scrape is twenty times as large as in the other rows.
  await using load = startLoad({
    pushUrl: fleet.balancer.url,
    targets: fleet.targets,
    scrapePauseMs: 1_000,
  });
  await using _logs = tellLogsOnFailure(fleet.logs);
  await untilAcknowledged(load, 500);

  // The quickest of three: other work on the machine must not decide.
  const firstAnswersMs: number[] = [];
  for (const name of ["gateway-4", "gateway-5", "gateway-6"]) {
    await using joined = await startReplica(name, options);
    using client = createClient({ keepAlive: false });
    // It called itself ready before anybody scraped it: its view must have been there.
    const telemetry = await client.send({ method: "GET", url: `${joined.url}/-/metrics` });
    expect(Number(/^pushfleet_groups (\d+)$/m.exec(telemetry.body)?.[1])).toBeGreaterThanOrEqual(fillers);
    const asked = performance.now();
    const scrape = await client.send({ method: "GET", url: `${joined.url}/metrics` });
    firstAnswersMs.push(performance.now() - asked);
    expect(scrape.status).toBe(200);
    expect(scrape.body.match(/^filler\{/gm)?.length).toBe(fillers);
    // Its later answers are judged with those of the others, and it leaves while nobody looks.
    await load.readWhile({ name, url: joined.url }, async () => {
      await untilAcknowledged(load, 300);
      await runFor(1 / 3);
    });
    expect(load.readsOf(name)).toBeGreaterThan(0);
  }
  expect(Math.min(...firstAnswersMs)).toBeLessThan(1_000);

  const verdict = await judgedSound(load);
  expect(verdict.failedPushes).toBeEmpty();
  expect(verdict.failedScrapes).toBeEmpty();
});

/** Pushes groups that nobody will push again. */
async function fill(url: string): Promise<void> {
  const numbers = Array.from({ length: fillers }, (_, number) => number).values();
  const push = async (client: Client) => {
    // Iterators are shared: each number is taken once.
    for (const number of numbers) {
      const path = `/metrics/job/filler/instance/host-${number}`;
      const body = `# TYPE filler gauge\nfiller ${number}\n`;
      expect((await client.send({ method: "PUT", url: url + path, body })).status).toBe(200);
    }
  };
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      using client = createClient({ keepAlive: true });
      await push(client);
    }),
  );
}
