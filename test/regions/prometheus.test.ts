import { expect, test } from "vitest";
import { type Prometheus, startPrometheus } from "../prometheus/prometheus.ts";
import { tellLogsOnFailure } from "./support/row.ts";
import { shows, untilSame } from "./support/scrapes.ts";
import { lastSequences, readSequences, startSteadyLoad } from "./support/steady-load.ts";
import { startWorld, threeRegions } from "./support/world.ts";

test("a Prometheus in each region, which scrapes its own, sees the same series as the others", {
  timeout: 120_000,
}, async () => {
  await using world = await startWorld({ ids: threeRegions });
  await using _logs = tellLogsOnFailure(world.logs);
  await using load = startSteadyLoad(world.regions, { perSecond: 50, groups: 40 });
  await expect.poll(() => load.acknowledged(), { timeout: 20_000 }).toBeGreaterThan(300);
  const pushes = await load.stop();
  const histogram =
    '# TYPE took histogram\ntook_bucket{le="1"} 2\ntook_bucket{le="+Inf"} 3\ntook_sum 4.5\ntook_count 3\n';
  for (const { id, url } of world.regions)
    await fetch(`${url}/metrics/job/odd-${id}/path@base64/L3RtcC_DqQ`, { method: "PUT", body: histogram });
  await untilSame(world.regions, { withinMs: 30_000, lacks: shows(lastSequences(pushes), readSequences) });

  await using started = new AsyncDisposableStack();
  const all = await Promise.all(
    world.regions.map(async ({ url }) => started.use(await startPrometheus({ config: scraping(url) }))),
  );
  // All of each: its own groups and those of both others, three families each, and the two times that a gateway adds.
  const expected = 3 * (40 * 6 + 6);
  for (const prometheus of all) {
    await expect
      .poll(async () => (await pushedSeries(prometheus)).length, { timeout: 20_000 })
      .toBe(expected);
  }
  const [first, ...others] = await Promise.all(all.map(pushedSeries));
  for (const other of others) expect(other).toEqual(first);
});

function scraping(url: string): object {
  return {
    global: { scrape_interval: "500ms", scrape_timeout: "500ms" },
    scrape_configs: [
      { job_name: "pushfleet", honor_labels: true, static_configs: [{ targets: [new URL(url).host] }] },
    ],
  };
}

/** Series with their values, but for what Prometheus and the gateways tell of themselves. */
async function pushedSeries(prometheus: Prometheus): Promise<readonly string[]> {
  const samples = await prometheus.query('{job=~".+", job!="pushfleet", __name__!~"pushfleet_.*"}');
  return samples.map(({ metric, value: [, number] }) => `${JSON.stringify(sorted(metric))} ${number}`).sort();
}

function sorted(labels: Readonly<Record<string, string>>): object {
  return Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}
