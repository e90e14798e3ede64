import { setTimeout as delay } from "node:timers/promises";
import { PushConnection } from "./push-connection.ts";
import type { Region } from "./region.ts";

/** Pushes at an even rate to each of some regions, each of which has groups of its own. */
export interface SteadyLoad extends AsyncDisposable {
  /** Ends it; resolves when all is answered. Nothing else does before. */
  stop(): Promise<Pushes>;
  /** Of all regions, so far. */
  acknowledged(): number;
}

export interface Pushes {
  /** In order of their answers. All times are milliseconds of `performance.now()`. */
  readonly acknowledged: readonly AcknowledgedPush[];
  /** What went wrong, one line for each push that was not answered 200. */
  readonly failures: readonly string[];
}

interface AcknowledgedPush {
  readonly region: string;
  readonly group: number;
  /** From 1, rising within a region and never used twice, also where a push failed. */
  readonly sequence: number;
  readonly startedAt: number;
  readonly endedAt: number;
}

export interface SteadyLoadOptions {
  readonly perSecond: number;
  /** Of each region. */
  readonly groups?: number;
}

/** Of each region: pushes wait here, as at a real fleet's gateways, rather than in ever more connections. */
const connections = 16;
const tickMs = 5;

/** Name of the series that tells the sequence number of the last push of a group. */
const sequenceMetric = "steady_sequence";

export function steadyGroup(region: string, group: number): string {
  return `/metrics/job/steady-${region}/instance/${group}`;
}

/** As small jobs report themselves: a few families, one of which tells the push. */
export function steadyBody(sequence: number): string {
  return `# TYPE ${sequenceMetric} gauge
${sequenceMetric} ${sequence}
# TYPE steady_sent_seconds gauge
steady_sent_seconds ${Date.now() / 1000}
# TYPE steady_records_total counter
steady_records_total{outcome="inserted"} ${sequence}
steady_records_total{outcome="rejected"} 7
`;
}

/** Groups of the load in a scrape, by `region/group`, with the sequence numbers they show. */
export function readSequences(scrape: string): Map<string, number> {
  const lines = scrape.matchAll(/^steady_sequence\{instance="(\d+)",job="steady-([a-z]+)"\} (\S+)$/gm);
  return new Map(Array.from(lines, ([, group, region, value]) => [`${region}/${group}`, Number(value)]));
}

/** What every scrape has to show in the end: of each group its last sequence number. */
export function lastSequences(pushes: Pushes): Map<string, number> {
  const last = new Map<string, number>();
  for (const { region, group, sequence } of pushes.acknowledged) {
    const key = `${region}/${group}`;
    last.set(key, Math.max(sequence, last.get(key) ?? 0));
  }
  return last;
}

export function startSteadyLoad(
  regions: readonly Pick<Region, "id" | "url">[],
  { perSecond, groups = 200 }: SteadyLoadOptions,
): SteadyLoad {
  const acknowledged: AcknowledgedPush[] = [];
  const failures: string[] = [];
  const stopping = new AbortController();

  const pushTo = async ({ id, url }: Pick<Region, "id" | "url">): Promise<void> => {
    using open = new DisposableStack();
    const idle = Array.from({ length: connections }, () => open.use(new PushConnection(url)));
    const free = Array.from({ length: groups }, (_, group) => group);
    const under = new Set<Promise<void>>();
    const begin = performance.now();
    let sequence = 0;
    const push = async (connection: PushConnection, group: number): Promise<void> => {
      const own = ++sequence;
      const startedAt = performance.now();
      const outcome = await connection
        .send("PUT", steadyGroup(id, group), steadyBody(own))
        .catch((error: unknown) => String(error));
      const endedAt = performance.now();
      if (outcome === 200) acknowledged.push({ region: id, group, sequence: own, startedAt, endedAt });
      else failures.push(`push ${own} to ${id}: ${outcome} after ${Math.round(endedAt - startedAt)} ms`);
      idle.push(connection);
      free.push(group);
    };
    while (!stopping.signal.aborted) {
      const due = ((performance.now() - begin) / 1000) * perSecond - sequence;
      for (let count = 0; count < due; count++) {
        const [connection, group] = [idle.shift(), free.shift()];
        if (connection === undefined || group === undefined) {
          if (connection !== undefined) idle.push(connection);
          if (group !== undefined) free.push(group);
          break;
        }
        const pushing = push(connection, group).finally(() => under.delete(pushing));
        under.add(pushing);
      }
      await delay(tickMs, undefined, { signal: stopping.signal }).catch(() => {});
    }
    await Promise.all(under);
  };

  const working = Promise.all(regions.map(pushTo));
  const end = async () => {
    stopping.abort();
    await working;
  };
  return {
    async stop() {
      await end();
      return { acknowledged, failures };
    },
    acknowledged: () => acknowledged.length,
    [Symbol.asyncDispose]: end,
  };
}
