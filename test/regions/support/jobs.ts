import { setTimeout as delay } from "node:timers/promises";
import { createClient } from "@pushfleet/client";
import type { Region } from "./region.ts";

/** Jobs that know the gateways of several regions and push to their own as long as it answers. */
export interface Jobs extends AsyncDisposable {
  /** Ends them; resolves when all is answered. */
  stop(): Promise<void>;
  /** So far, in order of the answers. */
  readonly acknowledged: readonly JobPush[];
  readonly failures: readonly string[];
  /** What every scrape has to show once all is quiet: of each job that goes on its last value, of each single run its only one. */
  expected(): ReadonlyMap<string, number>;
}

interface JobPush {
  /** As `readJobs` tells it. */
  readonly group: string;
  readonly value: number;
  /** Milliseconds of `performance.now()`. */
  readonly endedAt: number;
}

const pauseMs = 40;

/**
 * For each region in turn jobs at home there: they push to the same group again and again, and at every second time to one
 * that nobody ever pushes to again, so that each push can be looked for by itself.
 */
export function startJobs(regions: readonly Pick<Region, "id" | "url">[], jobsPerRegion = 2): Jobs {
  const acknowledged: JobPush[] = [];
  const failures: string[] = [];
  const stopping = new AbortController();
  let value = 0;

  const job = async (home: number, number: number): Promise<void> => {
    const urls = [...regions.slice(home), ...regions.slice(0, home)].map(({ url }) => url);
    using client = createClient({ urls, timeoutMs: 20_000 });
    const name = `${regions[home]?.id}-${number}`;
    for (let turn = 0; !stopping.signal.aborted; turn++) {
      const own = ++value;
      const group = turn % 2 === 0 ? `${name}/again` : `${name}/${turn}`;
      const [job = "", instance = ""] = group.split("/");
      const body = `# TYPE job_run gauge\njob_run ${own}\n`;
      await client
        .push({ job: `job-${job}`, instance }, body, { mode: turn % 4 < 2 ? "replace" : "merge" })
        .then(
          () => acknowledged.push({ group, value: own, endedAt: performance.now() }),
          (error: unknown) => failures.push(`push ${own} of ${group}: ${error}`),
        );
      await delay(pauseMs);
    }
  };
  const working = Promise.all(
    regions.flatMap((_, home) => Array.from({ length: jobsPerRegion }, (__, number) => job(home, number))),
  );
  const stop = async () => {
    stopping.abort();
    await working;
  };
  return {
    acknowledged,
    failures,
    expected: () => new Map(acknowledged.map(({ group, value: last }) => [group, last])),
    async stop() {
      await stop();
    },
    [Symbol.asyncDispose]: stop,
  };
}

/** Groups of the jobs in a scrape, with the values they show. */
export function readJobs(scrape: string): Map<string, number> {
  const lines = scrape.matchAll(/^job_run\{instance="(\w+)",job="job-([a-z]+-\d+)"\} (\S+)$/gm);
  return new Map(Array.from(lines, ([, instance, job, value]) => [`${job}/${instance}`, Number(value)]));
}
