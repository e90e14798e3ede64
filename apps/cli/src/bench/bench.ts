import { randomBytes } from "node:crypto";
import type { Client } from "@pushfleet/client";
import type { Context } from "../context.ts";
import { inParallel } from "../parallel.ts";
import { startProgress } from "../progress.ts";
import type { BenchOptions } from "./command.ts";
import { type Latencies, latenciesOf } from "./latencies.ts";

interface BenchResult {
  readonly seconds: number;
  readonly groups: number;
  readonly series: number;
  readonly connections: number;
  readonly pushes: number;
  readonly pushes_per_second: number;
  readonly failed: number;
  readonly push_ms: Latencies;
  readonly scrape_ms: number;
  readonly scrape_bytes: number;
}

/** Should we be killed before the groups are deleted. */
const ttlMs = 3_600_000;

/** Pushes, scrapes, tells and cleans up; resolves to the exit code: 1 when a push failed. @throws ClientError */
export async function bench(client: Client, options: BenchOptions, context: Context): Promise<number> {
  const interrupted = new AbortController();
  using _ = context.onSignals(["SIGINT", "SIGTERM"], () => interrupted.abort());
  const job = `pushfleet-bench-${randomBytes(4).toString("hex")}`;
  const labelsOf = (group: number) => ({ job, instance: `bench-${group}` });
  const touched = new Set<number>();
  try {
    const pushed = await pushFor(client, { options, context, labelsOf, touched, signal: interrupted.signal });
    const scrapeStartedAt = performance.now();
    const { body } = await client.scrape();
    const result = {
      ...pushed,
      scrape_ms: rounded(performance.now() - scrapeStartedAt),
      scrape_bytes: body.length,
    };
    context.stdout.write(options.json ? `${JSON.stringify(result)}\n` : resultText(result));
    return result.failed === 0 ? 0 : 1;
  } finally {
    await inParallel(touched, options.connections, (group) => client.deleteGroup(labelsOf(group))).catch(
      (error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        context.warn(`groups of job "${job}" are left: ${reason}`);
      },
    );
  }
}

interface Load {
  readonly options: BenchOptions;
  readonly context: Context;
  readonly labelsOf: (group: number) => Readonly<Record<string, string>>;
  /** Gets the groups that may have come to be. */
  readonly touched: Set<number>;
  readonly signal: AbortSignal;
}

async function pushFor(
  client: Client,
  { options, context, labelsOf, touched, signal }: Load,
): Promise<Omit<BenchResult, "scrape_ms" | "scrape_bytes">> {
  const { groups, series, connections, duration } = options;
  const times: number[] = [];
  let failed = 0;
  using progress = startProgress(context.stderr, { unit: "ms", total: duration });
  const startedAt = performance.now();
  const elapsedMs = () => performance.now() - startedAt;
  // Each push is one more of the group whose turn it is.
  function* turns() {
    for (let push = 0; elapsedMs() < duration && !signal.aborted; push++) yield push;
  }
  await inParallel(turns(), connections, async (push) => {
    const group = push % groups;
    touched.add(group);
    const pushedAt = performance.now();
    await client.push(labelsOf(group), bodyOf(series, push), { mode: "replace", ttlMs }).then(
      () => times.push(performance.now() - pushedAt),
      (error: unknown) => {
        // The first one tells what is wrong; a gateway that takes none is no gateway to measure.
        if (times.length === 0) throw error;
        failed++;
      },
    );
    progress.show(Math.min(Math.floor(elapsedMs()), duration));
  });
  const seconds = elapsedMs() / 1000;
  return {
    seconds: rounded(seconds),
    groups: touched.size,
    series,
    connections,
    pushes: times.length,
    pushes_per_second: rounded(times.length / seconds),
    failed,
    push_ms: latenciesOf(times),
  };
}

/** Gauges whose values change from push to push. */
function bodyOf(series: number, push: number): string {
  const lines = Array.from({ length: series }, (_, i) => `bench_value{series="${i}"} ${push + i}\n`);
  return `# HELP bench_value Of pushfleet bench.\n# TYPE bench_value gauge\n${lines.join("")}`;
}

function resultText(result: BenchResult): string {
  const { push_ms: push, pushes, failed, scrape_bytes: bytes } = result;
  return `${pushes} pushes to ${result.groups} groups of ${result.series} series in ${result.seconds} s, ${result.connections} at once${failed === 0 ? "" : `; ${failed} failed`}
pushes a second  ${result.pushes_per_second}
one push         p50 ${push.p50} ms, p99 ${push.p99} ms, longest ${push.max} ms
scrape           ${result.scrape_ms} ms, ${(bytes / 2 ** 20).toFixed(1)} MiB
`;
}

function rounded(number: number): number {
  return Math.round(number * 10) / 10;
}
