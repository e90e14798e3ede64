import { setTimeout as delay } from "node:timers/promises";
import { expect, onTestFailed } from "vitest";
import type { ProcessLog } from "../support/process-log.ts";
import type { RedisCluster } from "../support/redis-cluster.ts";
import { judge, type Verdict } from "./checker/judge.ts";
import type { Load } from "./checker/load.ts";
import { describeVerdict } from "./checker/report.ts";

/**
 * How long the load of each row runs, beside what its fault takes: short unless PUSHFLEET_CLUSTER_SECONDS asks for more,
 * because all tests together must stay bearable.
 */
export const loadSeconds = Number(process.env["PUSHFLEET_CLUSTER_SECONDS"] ?? 6);

/** Who asks for a long run wants to see its figures. */
const tellsVerdicts = process.env["PUSHFLEET_CLUSTER_SECONDS"] !== undefined;

/** For a test that runs the load as long as said above. */
export const rowTimeoutMs = 90_000 + 4_000 * loadSeconds;

/** Lets the load run for a part of its time. */
export async function runFor(share: number): Promise<void> {
  await delay(share * loadSeconds * 1_000);
}

/** Resolves when as many more pushes have been acknowledged; fails when that takes longer than any fault may. */
export async function untilAcknowledged(load: Load, more: number): Promise<void> {
  const goal = load.acknowledged() + more;
  await expect
    .poll(() => load.acknowledged(), { timeout: 60_000, interval: 20 })
    .toBeGreaterThanOrEqual(goal);
}

/** Ends the load and judges all of it. Fails on a violation, and tells what happened when the test fails later. */
export async function judgedSound(load: Load): Promise<Verdict> {
  const verdict = judge(await load.stop());
  const description = describeVerdict(verdict);
  if (tellsVerdicts) process.stderr.write(`${expect.getState().currentTestName}\n${description}\n`);
  else onTestFailed(() => void process.stderr.write(`${description}\n`));
  expect(verdict.violations.length, description).toBe(0);
  return verdict;
}

/** How a gateway finds the cluster; a push is acknowledged when two nodes have it. */
export function clusterFlags({ sentinels, masterName }: RedisCluster): string[] {
  const each = sentinels.map(({ address }) => `--redis.sentinels=${address}`);
  return [...each, `--redis.master-name=${masterName}`, "--redis.acks=1"];
}

/** How many of the last lines of each log are shown of a failed test. */
const toldLines = 150;

/** Shows the ends of the logs when the test fails. They are read before what writes them is disposed. */
export function tellLogsOnFailure(...sources: readonly (() => readonly ProcessLog[])[]): AsyncDisposable {
  return {
    async [Symbol.asyncDispose]() {
      const told = sources
        .flatMap((source) => source())
        .map(({ name, text }) =>
          [`== ${name}`, ...text.trimEnd().split("\n").slice(-toldLines), ""].join("\n"),
        );
      onTestFailed(() => void process.stderr.write(told.join("\n")));
    },
  };
}
