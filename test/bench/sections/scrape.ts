import { type Bench, type Section, settleAll, startAll } from "../bench.ts";
import { type Contender, startEmbedded, startRedisStore, startUpstreamUnchecked } from "../contenders.ts";
import { pushGroups, randomGroups } from "../fill.ts";
import type { Comparison, Detail } from "../report.ts";
import { inTurn, median, medianRatio } from "../rounds.ts";
import { createScraper, type Encoding, type Scrape, type Scraper } from "../scrape.ts";
import { SERIES_PER_GROUP } from "../workload.ts";

const TARGET_GROUPS = 10_000;
const ENCODINGS: readonly Encoding[] = ["identity", "gzip"];
const CHANGES = [
  { share: 0.01, text: "1 % of groups changed", target: { atLeast: 15 } },
  { share: 1, text: "every group changed", target: { atLeast: 1 } },
];

/**
 * How long a scraper waits for the whole body, after a share of the groups was pushed again. Upstream runs unchecked:
 * its scrape costs the same either way, and changing all groups with the check on would take it an hour.
 */
export const scrapeSection: Section = async (bench) => {
  const groups = bench.pace.heldGroups;
  await using running = await startAll(
    [
      [startUpstreamUnchecked, { groups }],
      [startEmbedded, { groups }],
      [startRedisStore, { groups }],
    ],
    bench,
  );
  const { contenders } = running;
  using scrapers = new DisposableStack();
  const subjects = contenders.map((contender) => ({
    contender,
    scraper: scrapers.use(createScraper(contender.port)),
  }));
  for (const subject of subjects) await checkComplete(subject);

  const comparisons: Comparison[] = [];
  const details: Detail[] = [];
  for (const { share, text, target } of CHANGES) {
    for (const encoding of ENCODINGS) {
      const rounds = await inTurn(subjects, bench.pace.scrapeRounds, async ({ contender, scraper }) => {
        await pushGroups({ port: contender.port, groups: randomGroups(groups, share), signal: bench.signal });
        await settleAll(contenders, bench);
        return scraper.measure(encoding);
      });
      const what = `scrape ${encoding === "gzip" ? "gzip" : "plain"}, ${text}`;
      details.push(
        ...contenders.map((contender, position) => detail(what, contender, rounds[position] ?? [])),
      );
      const row = groups === TARGET_GROUPS ? { name: what, target } : { name: what };
      comparisons.push(...againstUpstream(contenders, rounds, row));
      sayAll(bench, details.slice(-contenders.length));
    }
  }
  return { comparisons, details };
};

/** A fast scrape that leaves something out would be no feat. */
async function checkComplete({
  contender,
  scraper,
}: {
  contender: Contender;
  scraper: Scraper;
}): Promise<void> {
  for (const encoding of ENCODINGS) {
    const series = await scraper.countSeries(encoding);
    if (series === contender.groups * SERIES_PER_GROUP) continue;
    throw new Error(
      `${contender.name} shows ${series} series (${encoding}), ${contender.groups * SERIES_PER_GROUP} were pushed`,
    );
  }
}

/** Ratios are those of speed: upstream's time over ours. */
function againstUpstream(
  contenders: readonly Contender[],
  rounds: readonly (readonly Scrape[])[],
  row: Pick<Comparison, "name" | "target">,
): Comparison[] {
  const [upstream = [], ...ours] = rounds.map((scrapes) => scrapes.map(({ milliseconds }) => milliseconds));
  return ours.map((times, position) => ({
    ...row,
    name: `${row.name}, ${contenders[position + 1]?.name} / upstream`,
    unit: "ms",
    ours: median(times),
    theirs: median(upstream),
    ratio: medianRatio(upstream, times),
  }));
}

function detail(what: string, contender: Contender, scrapes: readonly Scrape[]): Detail {
  const times = scrapes.map(({ milliseconds }) => milliseconds);
  return {
    what,
    contender: contender.name,
    groups: contender.groups,
    figures: {
      "median ms": median(times),
      "min ms": Math.min(...times),
      "max ms": Math.max(...times),
      MB: median(scrapes.map(({ bytes }) => bytes)) / 1e6,
    },
  };
}

function sayAll({ say }: Bench, details: readonly Detail[]): void {
  for (const { what, contender, figures } of details)
    say(`${what}, ${contender}: ${figures["median ms"]?.toFixed(1)} ms`);
}
