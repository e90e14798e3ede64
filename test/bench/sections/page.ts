import { execFile } from "node:child_process";
import { request } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Browser } from "playwright-core";
import { startChromium } from "../../support/browser.ts";
import { createApiClient } from "../api-client.ts";
import { measureFirstAnswer } from "../api-rounds.ts";
import { type Bench, type Section, startAll } from "../bench.ts";
import { type Contender, startEmbedded, startUpstreamUnchecked } from "../contenders.ts";
import { type Visit, visitGroups } from "../page-visit.ts";
import { joinReports, type SectionReport, withinLimit } from "../report.ts";
import { inTurn, median } from "../rounds.ts";

const run = promisify(execFile);

/** As fast as a hand turns a wheel: about 250 rows a second. */
const HAND = { pixels: 240, everyMs: 25 };
/** As fast as the list takes it: what a reader who wants to get to the end does. */
const THROW_PIXELS = 2_000;
const THROW_TIMEOUT_MS = 120_000;
/** Times the throw through all groups is interrupted, to see how soon rows are there. */
const STOPS = 10;
const END_TIMEOUT_MS = 60_000;
/** What the key End is to reach: a list is read page by page, and nobody looks through all of the largest. */
const FAR_DOWN = 5_000;

/**
 * The web UI in a real browser without a window. It draws in software, on the processors that it shares with the gateway and
 * with this process, and makes 60 frames a second at best, one in 16.7 ms: what comes within 50 ms in 19 cases of 20 still
 * looks like one movement. On a reader's own machine, which has a graphics processor, it is less.
 */
export const pageSection: Section = async (bench) => {
  await using browser = await startChromium().catch((error: Error) => void bench.say(error.message));
  if (browser === undefined) {
    bench.say("skipped: the page is measured in a real browser only");
    return { comparisons: [], details: [] };
  }
  await run(process.execPath, [fileURLToPath(new URL("../../../scripts/build-web.ts", import.meta.url))]);
  return joinReports([await usualSize(browser, bench), await largeSize(browser, bench)]);
};

async function usualSize(browser: Browser, bench: Bench): Promise<SectionReport> {
  const groups = bench.pace.shownGroups;
  const at = `${groups.toLocaleString("en")} groups`;
  const upstream = await upstreamPage(bench);
  await using running = await startFilled(groups, bench);
  const { gateway, details } = running;
  const [visits = []] = await inTurn([gateway], bench.pace.apiRounds, async ({ port }) => {
    await using visit = await visitGroups(browser, port);
    const { firstRowMs, firstPaintMs, bytes } = visit;
    bench.say(`page, ${at}: first group after ${firstRowMs.toFixed(0)} ms, ${(bytes / 1e3).toFixed(0)} kB`);
    return { firstRowMs, firstPaintMs, bytes };
  });
  const firstRowMs = median(visits.map((visit) => visit.firstRowMs));
  const firstPaintMs = median(visits.map((visit) => visit.firstPaintMs));
  const megabytes = median(visits.map(({ bytes }) => bytes)) / 1e6;
  const scrolling = await scroll(browser, { gateway, bench });
  const figures = { "first group ms": firstRowMs, "first paint ms": firstPaintMs, MB: megabytes };
  return joinReports([
    {
      comparisons: [
        withinLimit({ name: `page, first group shown, ${at}`, unit: "ms", value: firstRowMs, limit: 1_000 }),
        withinLimit({
          name: `page, first contentful paint, ${at}`,
          unit: "ms",
          value: firstPaintMs,
          limit: 1_000,
        }),
        withinLimit({ name: `page, transferred, ${at}`, unit: "MB", value: megabytes, limit: 1 }),
        {
          name: `page, transferred, ours / upstream, ${at}`,
          unit: "MB",
          ours: megabytes,
          theirs: upstream.megabytes,
          ratio: megabytes / upstream.megabytes,
        },
      ],
      details: [...details, { what: "page, first visit", contender: gateway.name, groups, figures }],
    },
    scrolling,
  ]);
}

/** Both by hand and as fast as can be, from the first group to the last. */
async function scroll(
  browser: Browser,
  { gateway: { name, port, groups }, bench }: { readonly gateway: Contender; readonly bench: Bench },
): Promise<SectionReport> {
  await using visit = await visitGroups(browser, port);
  const { mouse } = visit.page;
  await mouse.move(700, 500);
  const byHand = await framesDuring(visit, async () => {
    const end = performance.now() + bench.pace.seconds * 1_000;
    while (performance.now() < end) {
      await mouse.wheel(0, HAND.pixels);
      await delay(HAND.everyMs);
    }
  });
  const thrown: number[] = [];
  const stops: number[] = [];
  const begun = performance.now();
  for (let stop = 1; stop <= STOPS; stop++) {
    const frames = await framesDuring(visit, async () => {
      while ((await visit.probe<number>("lastRow()")) < (groups * stop) / STOPS) {
        bench.signal.throwIfAborted();
        if (performance.now() - begun > THROW_TIMEOUT_MS)
          throw new Error("the list cannot be scrolled to its end");
        await mouse.wheel(0, THROW_PIXELS);
      }
    });
    thrown.push(...frames);
    stops.push(await visit.probe<number>("settled({ limitMs: 10_000 })"));
  }
  const seconds = (performance.now() - begun) / 1_000;
  const slowestStop = Math.max(...stops);
  const hand = frameFigures(byHand);
  const what = "page, scrolled";
  const at = `${groups.toLocaleString("en")} groups`;
  bench.say(
    `${what}: p95 of frames ${hand["p95 ms"].toFixed(1)} ms, slowest stop ${slowestStop.toFixed(0)} ms`,
  );
  return {
    comparisons: [
      withinLimit({
        name: `page, frames while scrolled, p95, ${at}`,
        unit: "ms",
        value: hand["p95 ms"],
        limit: 50,
      }),
      withinLimit({
        name: `page, rows after a stop, slowest, ${at}`,
        unit: "ms",
        value: slowestStop,
        limit: 300,
      }),
    ],
    details: [
      { what: `${what} by hand, frames`, contender: name, groups, figures: hand },
      { what: `${what} to the end, frames`, contender: name, groups, figures: frameFigures(thrown) },
      {
        what: `${what} to the end`,
        contender: name,
        groups,
        figures: {
          "s to the last group": seconds,
          "stop ms, median": median(stops),
          "stop ms, slowest": slowestStop,
        },
      },
    ],
  };
}

/** Five times as many groups: all of it still has to work, if slower. */
async function largeSize(browser: Browser, bench: Bench): Promise<SectionReport> {
  const groups = bench.pace.largeSize;
  const at = `${groups.toLocaleString("en")} groups`;
  await using running = await startFilled(groups, bench);
  const { port } = running.gateway;
  await using searched = await visitGroups(browser, port);
  const { firstRowMs } = searched;
  const searchMs = await search(searched, groups);
  await using ended = await visitGroups(browser, port);
  const endSeconds = await pressEnd(ended, Math.min(groups, FAR_DOWN));
  bench.say(
    `page, ${at}: first group after ${firstRowMs.toFixed(0)} ms, search ${searchMs.toFixed(0)} ms, end ${endSeconds.toFixed(1)} s`,
  );
  return {
    comparisons: [
      withinLimit({ name: `page, first group shown, ${at}`, unit: "ms", value: firstRowMs, limit: 2_000 }),
      withinLimit({ name: `page, search by free text, ${at}`, unit: "ms", value: searchMs, limit: 2_000 }),
      withinLimit({
        name: `page, key End to group ${FAR_DOWN.toLocaleString("en")}, ${at}`,
        unit: "s",
        value: endSeconds,
        limit: 10,
      }),
    ],
    details: running.details,
  };
}

/** Milliseconds from the last key until the groups found are shown; the page waits for further keys in between. */
async function search({ page, probe }: Visit, groups: number): Promise<number> {
  await page.getByLabel("Search labels").pressSequentially("host-42");
  const start = performance.now();
  const [found, all] = [groups / 100, groups].map((count) => count.toLocaleString("en"));
  await probe(`counted("${found} of ${all} groups")`);
  return performance.now() - start;
}

/** Seconds until so many groups are above the last one shown, however often the key has to be pressed; infinite if it takes too long. */
async function pressEnd({ page, probe }: Visit, groups: number): Promise<number> {
  const start = performance.now();
  await page.locator(".virtual-table").focus();
  while ((await probe<number>("lastRow()")) < groups) {
    if (performance.now() - start > END_TIMEOUT_MS) return Number.POSITIVE_INFINITY;
    await page.keyboard.press("End");
    await probe("settled({ limitMs: 10_000 })");
  }
  return (performance.now() - start) / 1_000;
}

async function framesDuring({ probe }: Visit, act: () => Promise<void>): Promise<number[]> {
  const frames = probe<number[]>("frames()");
  await act();
  await probe("stopFrames()");
  return frames;
}

function frameFigures(intervals: readonly number[]) {
  const sorted = intervals.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN;
  return { "p50 ms": at(0.5), "p95 ms": at(0.95), "longest ms": at(1), frames: sorted.length };
}

async function startFilled(groups: number, bench: Bench) {
  await using stack = new AsyncDisposableStack();
  const running = stack.use(await startAll([[startEmbedded, { groups }]], bench));
  const [gateway] = running.contenders;
  if (gateway === undefined) throw new Error("nothing was started");
  using client = createApiClient(gateway.port);
  const details = [await measureFirstAnswer({ contender: gateway, client })];
  const filled = stack.move();
  return { gateway, details, [Symbol.asyncDispose]: () => filled.disposeAsync() };
}

/** Its page tells of every group at once, which browsers need minutes to show: what is sent has to do. */
async function upstreamPage(bench: Bench): Promise<{ readonly megabytes: number }> {
  const groups = bench.pace.shownGroups;
  await using running = await startAll([[startUpstreamUnchecked, { groups }]], bench);
  const port = running.contenders[0]?.port;
  let bytes = 0;
  await new Promise<void>((resolve, reject) => {
    const headers = { "Accept-Encoding": "gzip, deflate, br" };
    const outgoing = request({ host: "127.0.0.1", port, path: "/", headers, agent: false }, (response) => {
      response.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
      });
      response.on("error", reject);
      response.on("end", resolve);
    });
    outgoing.on("error", reject);
    outgoing.end();
  });
  bench.say(`upstream's page with ${groups} groups: ${(bytes / 1e6).toFixed(1)} MB`);
  return { megabytes: bytes / 1e6 };
}
