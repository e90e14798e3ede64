import { type Section, settleAll, startAll } from "../bench.ts";
import {
  startEmbedded,
  startRedisStore,
  startUpstreamChecked,
  startUpstreamUnchecked,
} from "../contenders.ts";
import { residentMiB } from "../proc.ts";
import type { Comparison, Detail } from "../report.ts";
import { createScraper } from "../scrape.ts";

const TARGET_GROUPS = 10_000;
const SCRAPES = 4;

/** Resident memory with many groups held, after the same seconds of load and some scrapes of both encodings. */
export const rssSection: Section = async (bench) => {
  const groups = bench.pace.heldGroups;
  await using running = await startAll(
    [
      [startUpstreamChecked, { groups }],
      [startUpstreamUnchecked, { groups }],
      [startEmbedded, { groups }],
      [startRedisStore, { groups }],
    ],
    bench,
  );
  const details: Detail[] = [];
  for (const contender of running.contenders) {
    await settleAll(running.contenders, bench);
    await bench.load.push({ port: contender.port, groups, seconds: bench.pace.slowSeconds(groups) });
    await settleAll(running.contenders, bench);
    using scraper = createScraper(contender.port);
    for (let scrape = 0; scrape < SCRAPES; scrape++) {
      await scraper.measure("identity");
      await scraper.measure("gzip");
    }
    const gateway = await residentMiB(contender.pid);
    const redis = contender.redisPid === undefined ? 0 : await residentMiB(contender.redisPid);
    bench.say(`${contender.name}: ${gateway.toFixed(0)} MiB, redis-server ${redis.toFixed(0)} MiB`);
    const figures = { "gateway MiB": gateway, "redis-server MiB": redis, "sum MiB": gateway + redis };
    details.push({ what: "resident memory", contender: contender.name, groups, figures });
  }
  const memory = (contender: string, figure: string) =>
    details.find((detail) => detail.contender === contender)?.figures[figure] ?? Number.NaN;
  const upstream = memory("upstream checked", "sum MiB");
  const compare = (name: string, ours: number): Comparison => ({
    name: `resident memory, ${name} / upstream checked, ${groups.toLocaleString("en")} groups`,
    unit: "MiB",
    ours,
    theirs: upstream,
    ratio: ours / upstream,
  });
  /** The target is for the gateway: what Redis holds beside it is for all replicas together. */
  const target = groups === TARGET_GROUPS ? { target: { atMost: 1 } } : {};
  return {
    comparisons: [
      { ...compare("embedded", memory("embedded", "sum MiB")), ...target },
      { ...compare("redis store gateway", memory("redis store", "gateway MiB")), ...target },
      compare("redis store gateway + redis-server", memory("redis store", "sum MiB")),
    ],
    details,
  };
};
