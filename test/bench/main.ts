/**
 * Measures this gateway against the reference Pushgateway, side by side in one run, and prints how they compare.
 * Usage: npm run bench -- [--quick] [--json] [push] [floor] [acks] [scrape] [rss] [api] [events] [page] [regions]
 * (all sections when none is named)
 */
import { mkdir, writeFile } from "node:fs/promises";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { argv } from "node:process";
import { parseArgs } from "node:util";
import type { Pace, Section } from "./bench.ts";
import { prepareLoad } from "./load.ts";
import { isMet, type SectionReport } from "./report.ts";
import { acksSection } from "./sections/acks.ts";
import { apiSection } from "./sections/api.ts";
import { authSection } from "./sections/auth.ts";
import { eventsSection } from "./sections/events.ts";
import { floorSection } from "./sections/floor.ts";
import { pageSection } from "./sections/page.ts";
import { pushSection } from "./sections/push.ts";
import { regionsSection } from "./sections/regions.ts";
import { rssSection } from "./sections/rss.ts";
import { scrapeSection } from "./sections/scrape.ts";
import { comparisonTable, detailTables } from "./table.ts";

const SECTIONS: ReadonlyMap<string, Section> = new Map([
  ["push", pushSection],
  ["floor", floorSection],
  ["acks", acksSection],
  ["scrape", scrapeSection],
  ["rss", rssSection],
  ["api", apiSection],
  ["auth", authSection],
  ["events", eventsSection],
  ["page", pageSection],
  ["regions", regionsSection],
]);

const FULL: Pace = {
  pushRounds: 3,
  scrapeRounds: 9,
  seconds: 4,
  slowSeconds: (groups) => (groups >= 10_000 ? 20 : 6),
  warmUpSeconds: 2,
  sizes: [100, 1_000, 10_000],
  heldGroups: 10_000,
  largeSize: 100_000,
  shownGroups: 20_000,
  apiRounds: 5,
  apiRequests: 60,
  besideRounds: 7,
  besideSeconds: 8,
};

/** For CI: the same comparisons within three minutes, with fewer groups and noisier. */
const QUICK: Pace = {
  pushRounds: 3,
  scrapeRounds: 3,
  seconds: 1,
  slowSeconds: (groups) => (groups >= 5_000 ? 2 : 1),
  warmUpSeconds: 3,
  sizes: [1_000],
  heldGroups: 5_000,
  largeSize: 10_000,
  shownGroups: 5_000,
  apiRounds: 3,
  apiRequests: 10,
  besideRounds: 1,
  besideSeconds: 2,
};

const { values, positionals } = parseArgs({
  args: argv.slice(2),
  allowPositionals: true,
  options: { quick: { type: "boolean" }, json: { type: "boolean" } },
});
const names = positionals.length > 0 ? positionals : [...SECTIONS.keys()];
const unknown = names.filter((name) => !SECTIONS.has(name));
if (unknown.length > 0)
  throw new Error(`no such section: ${unknown.join(", ")}; there are ${[...SECTIONS.keys()]}`);

const stopping = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => stopping.abort(new Error(`stopped by ${signal}`)));
}

const started = new Date();
const reports = new Map<string, SectionReport>();
try {
  await measure();
} catch (error) {
  console.error(stopping.signal.aborted ? stopping.signal.reason.message : error);
  process.exitCode = 1;
}
if (reports.size > 0) await print();

async function measure(): Promise<void> {
  const { signal } = stopping;
  await using load = await prepareLoad(signal);
  const [busy = 0] = loadavg();
  if (busy > 1) console.error(`The machine is busy (load ${busy.toFixed(1)}): expect noise.`);
  const say = (line: string) => console.error(`  ${line}`);
  for (const name of names) {
    const section = SECTIONS.get(name);
    if (section === undefined) continue;
    console.error(name);
    reports.set(name, await section({ load, signal, say, pace: values.quick ? QUICK : FULL }));
  }
}

async function print(): Promise<void> {
  const comparisons = [...reports.values()].flatMap((report) => report.comparisons);
  const details = [...reports.values()].flatMap((report) => report.details);
  console.log(`\n${comparisonTable(comparisons)}\n\n${detailTables(details)}\n`);
  const missed = comparisons.filter((row) => !isMet(row)).length;
  console.log(missed === 0 ? "All targets are met." : `${missed} rows are below the target.`);
  const seconds = (Date.now() - started.getTime()) / 1000;
  console.log(
    `${cpus().length} processors (${cpus()[0]?.model}), Node ${process.version}, ${seconds.toFixed(0)} s`,
  );
  if (!values.json) return;
  const folder = join(import.meta.dirname, "../../bench-results");
  const file = join(folder, `${started.toISOString().replaceAll(":", "-")}.json`);
  await mkdir(folder, { recursive: true });
  const run = { started, node: process.version, processors: cpus().length, quick: values.quick ?? false };
  await writeFile(file, `${JSON.stringify({ ...run, comparisons, details }, null, 2)}\n`);
  console.log(`written to ${file}`);
}
