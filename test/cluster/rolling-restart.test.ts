import { expect, test } from "vitest";
import { startRedis } from "../support/redis.ts";
import { createClient } from "./checker/client.ts";
import { startLoad } from "./checker/load.ts";
import { loadBalancer, startFleet } from "./fleet.ts";
import { judgedSound, rowTimeoutMs, runFor, untilAcknowledged } from "./run.ts";

test("rolling restart of all gateways: 0 failed pushes and scrapes through HAProxy", {
  timeout: rowTimeoutMs,
}, async () => {
  await using redis = await startRedis();
  await using fleet = await startFleet({ redisUrl: redis.url });
  await using load = startLoad({ pushUrl: fleet.balancer.url, targets: fleet.targets });
  await untilAcknowledged(load, 500);
  await using large = startLargePushes(fleet.balancer.url);
  for (const replica of fleet.replicas) {
    expect(await replica.stop("SIGTERM"), replica.log()).toBe(0);
    await replica.start();
    await untilAcknowledged(load, 200);
    await runFor(1 / 3);
  }
  const largeAnswers = await large.stop();
  expect(largeAnswers.length).toBeGreaterThan(10);
  expect(largeAnswers.filter((answer) => answer !== "200")).toBeEmpty();
  const verdict = await judgedSound(load);
  expect(verdict.failedPushes).toBeEmpty();
  // The readers that ask a replica itself miss it while it restarts.
  expect(verdict.failedScrapes.filter(({ target }) => target === loadBalancer)).toBeEmpty();
  expect(load.readsOf(loadBalancer)).toBeGreaterThan(10);
});

/** One pusher whose pushes HAProxy cannot repeat, because they are larger than its buffer. Stopping tells all answers. */
function startLargePushes(url: string): AsyncDisposable & { stop(): Promise<readonly string[]> } {
  const lines = Array.from({ length: 5_000 }, (_, line) => `large{line="${line}"} 1\n`).join("");
  const answers: string[] = [];
  let stopped = false;
  const pushing = (async () => {
    using client = createClient({ keepAlive: true });
    while (!stopped) {
      const answer = await client
        .send({ method: "PUT", url: `${url}/metrics/job/large`, body: lines })
        .then(({ status }) => String(status), String);
      answers.push(answer);
    }
  })();
  const stop = async () => {
    stopped = true;
    await pushing;
    return answers;
  };
  return { stop, [Symbol.asyncDispose]: async () => void (await stop()) };
}
