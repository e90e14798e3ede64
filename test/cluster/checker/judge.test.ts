import { expect, test } from "vitest";
import { groupPath, pushBody, readScrape, seriesPerGroup } from "./exposition.ts";
import type { History, Push, Reading, Scrape } from "./history.ts";
import { judge } from "./judge.ts";

// The checker is worth what it can find: each test breaks a sound history in one way.

test("a sound history has no violations", () => {
  expect(judge(historyWithDeletion())).toMatchObject({
    violations: [],
    acknowledgedPushes: 4,
    acknowledgedDeletions: 1,
  });
  const verdict = judge(soundHistory());
  expect(verdict.violations).toBeEmpty();
  expect(verdict.failedPushes).toBeEmpty();
  expect(verdict.failedScrapes).toBeEmpty();
  expect(verdict).toMatchObject({ acknowledgedPushes: 3, reads: 6, groupReads: 9 });
  expect(verdict.longestPushMs).toBe(10);
  expect(verdict.longestScrapeMs).toBe(5);
});

test("a scrape that misses a push acknowledged before it is stale", () => {
  const late = scrape(25, [1, 2], { target: "gateway-2" });
  const { violations } = judge(soundHistory({ scrapes: [scrape(60, [3, 2]), late] }));
  expect(violations).toBeEmpty();
  const stale = scrape(51, [1, 2], { target: "gateway-2" });
  expect(judge(soundHistory({ scrapes: [stale] })).violations).toEqual([
    { kind: "stale", group: 0, shown: 1, acknowledged: push(0, 3, 40), scrape: stale },
  ]);
});

test("a group that is missing after its push was acknowledged is stale", () => {
  const blank = scrape(30, [1, 0]);
  expect(judge(soundHistory({ scrapes: [blank] })).violations).toMatchObject([
    { kind: "stale", group: 1, shown: 0 },
  ]);
});

test("what is pushed while the scrape runs may be shown or not", () => {
  const old = scrape(45, [1, 2]);
  const young = scrape(45, [3, 2]);
  expect(judge(soundHistory({ scrapes: [old, young] })).violations).toBeEmpty();
  // An acknowledgement at the very moment of the scrape's start is not certain to be before it.
  expect(judge(soundHistory({ scrapes: [scrape(50, [1, 2])] })).violations).toBeEmpty();
});

test("a scrape may not show less than one that ended before it, acknowledged or not", () => {
  const back = scrape(48, [1, 2], { target: "gateway-2" });
  const scrapes = [scrape(41, [3, 2]), back];
  expect(judge(soundHistory({ scrapes })).violations).toEqual([
    { kind: "went back", group: 0, shown: 1, before: 3, scrape: back },
  ]);
});

test("series of two pushes in one group are torn", () => {
  const torn = scrape(45, [3, 2], { lowest: [1, 2] });
  expect(judge(soundHistory({ scrapes: [torn] })).violations).toEqual([
    { kind: "torn", group: 0, lowest: 1, highest: 3, series: seriesPerGroup, scrape: torn },
  ]);
});

test("a part of a group's series is torn, though all have one value", () => {
  const half = scrape(45, [3, 2], { series: [seriesPerGroup / 2, seriesPerGroup] });
  expect(judge(soundHistory({ scrapes: [half] })).violations).toMatchObject([{ kind: "torn", group: 0 }]);
  const doubled = scrape(45, [3, 2], { series: [seriesPerGroup + 1, seriesPerGroup] });
  expect(judge(soundHistory({ scrapes: [doubled] })).violations).toMatchObject([{ kind: "torn", group: 0 }]);
});

test("values that nobody pushed are found: unknown, of another group, or from the future", () => {
  const kinds = (scrapes: readonly Scrape[]) =>
    judge(soundHistory({ scrapes, finalScrapes: [] })).violations.map(({ kind }) => kind);
  expect(kinds([scrape(55, [99, 2])])).toEqual(["never pushed"]);
  expect(kinds([scrape(25, [2, 2])])).toEqual(["never pushed"]);
  expect(kinds([scrape(30, [3, 2])])).toEqual(["never pushed"]);
  expect(kinds([scrape(45, [Number.NaN, 2])])).toContain("never pushed");
});

test("an acknowledged push that a final scrape lacks is lost", () => {
  const finalScrapes = [scrape(100, [3, 2]), scrape(100, [1, 2], { target: "gateway-2" })];
  const lost = judge(soundHistory({ scrapes: [], finalScrapes })).violations;
  expect(lost).toContainEqual({
    kind: "lost",
    group: 0,
    shown: 1,
    acknowledged: push(0, 3, 40),
    scrape: finalScrapes[1],
  });
});

test("a push without an acknowledgement may be there at the end or not", () => {
  const pushes = [push(0, 1, 0), push(1, 2, 10), push(0, 3, 40, { kind: "failed", reason: "ECONNRESET" })];
  const present = [scrape(100, [3, 2])];
  const absent = [scrape(100, [1, 2])];
  for (const finalScrapes of [present, absent]) {
    const verdict = judge(soundHistory({ pushes, scrapes: [], finalScrapes }));
    expect(verdict.violations).toBeEmpty();
    expect(verdict.failedPushes).toEqual([pushes[2]]);
  }
});

test("a final scrape without an answer is a violation, and any scrape without one is listed", () => {
  const refused = { kind: "refused", status: 503, retryAfter: "1" } as const;
  const silent: Scrape = { target: "gateway-1", startedAt: 90, endedAt: 95, outcome: refused };
  expect(judge(soundHistory({ finalScrapes: [silent] }))).toMatchObject({
    violations: [{ kind: "no final answer", scrape: silent }],
    failedScrapes: [silent],
  });
  expect(judge(soundHistory({ scrapes: [silent] }))).toMatchObject({
    violations: [],
    failedScrapes: [silent],
  });
});

test("a scrape that admits to be stale may be old, but neither torn nor made up", () => {
  const honest = scrape(70, [1, 2], { admitsStale: true });
  const verdict = judge(soundHistory({ scrapes: [honest] }));
  expect(verdict.violations).toBeEmpty();
  expect(verdict.admittedStale).toEqual([honest]);
  expect(verdict.groupReads).toBe(2);
  const torn = scrape(70, [3, 2], { lowest: [1, 2], admitsStale: true });
  expect(judge(soundHistory({ scrapes: [torn] })).violations).toMatchObject([{ kind: "torn" }]);
});

test("a final scrape does not get away with admitting to be stale", () => {
  const finalScrapes = [scrape(100, [1, 2], { admitsStale: true })];
  expect(judge(soundHistory({ finalScrapes })).violations).toMatchObject([{ kind: "lost" }]);
});

test("the longest waits are those of failed requests too", () => {
  const pushes = [{ ...push(0, 1, 0, { kind: "failed", reason: "timed out" }), endedAt: 400 }];
  expect(judge({ ...soundHistory(), pushes, scrapes: [], finalScrapes: [] }).longestPushMs).toBe(400);
});

test("a deleted group that a later scrape shows has risen again", () => {
  const risen = scrape(71, [3, 2], { target: "gateway-2" });
  const { violations } = judge(historyWithDeletion({ scrapes: [scrape(72, [0, 2]), risen] }));
  expect(violations).toEqual([
    { kind: "stale", group: 0, shown: 3, acknowledged: deletion(0, 4, 60), scrape: risen },
  ]);
});

test("a group that is missing after it was pushed again is stale, though it had been deleted", () => {
  const blank = scrape(95, [0, 2]);
  const pushes = [...historyWithDeletion().pushes, push(0, 5, 80)];
  const finalScrapes = [scrape(100, [5, 2])];
  expect(judge(historyWithDeletion({ pushes, scrapes: [blank], finalScrapes })).violations).toEqual([
    { kind: "stale", group: 0, shown: 0, acknowledged: push(0, 5, 80), scrape: blank },
  ]);
  // Before that push was acknowledged, it was where the deletion had left it.
  const between = [scrape(75, [0, 2]), scrape(85, [0, 2]), scrape(85, [5, 2])];
  expect(judge(historyWithDeletion({ pushes, scrapes: between, finalScrapes })).violations).toBeEmpty();
});

test("a group that nobody had begun to delete may not be missing", () => {
  const early = scrape(52, [0, 2]);
  expect(judge(historyWithDeletion({ scrapes: [early] })).violations).toMatchObject([
    { kind: "stale", group: 0, shown: 0, acknowledged: { value: 3 } },
  ]);
  const during = [scrape(61, [0, 2]), scrape(61, [3, 2])];
  expect(judge(historyWithDeletion({ scrapes: during })).violations).toBeEmpty();
});

test("a deletion without an acknowledgement has happened or not, but what was seen to be gone stays away", () => {
  const refused = deletion(0, 4, 60, { kind: "refused", status: 503, retryAfter: "1" });
  const pushes = [...soundHistory().pushes, refused];
  const there = scrape(72, [3, 2]);
  const gone = scrape(80, [0, 2], { target: "gateway-2" });
  const risen = scrape(90, [3, 2]);
  const judged = (...scrapes: Scrape[]) =>
    judge(historyWithDeletion({ pushes, scrapes, finalScrapes: [] })).violations;
  expect(judged(there, gone)).toBeEmpty();
  expect(judged(there, risen)).toBeEmpty();
  expect(judged(there, gone, risen)).toEqual([
    { kind: "went back", group: 0, shown: 3, before: 4, scrape: risen },
  ]);
});

test("a final scrape may not show a deleted group, nor miss one that was pushed again", () => {
  const risen = [scrape(100, [3, 2], { admitsStale: true })];
  expect(judge(historyWithDeletion({ finalScrapes: risen })).violations).toMatchObject([
    { kind: "lost", group: 0, shown: 3, acknowledged: deletion(0, 4, 60) },
  ]);
  const pushes = [...historyWithDeletion().pushes, push(0, 5, 80)];
  const missing = [scrape(100, [0, 2], { admitsStale: true })];
  expect(judge(historyWithDeletion({ pushes, finalScrapes: missing })).violations).toMatchObject([
    { kind: "lost", group: 0, shown: 0, acknowledged: push(0, 5, 80) },
  ]);
});

test("the number of a deletion is nobody's value", () => {
  const { violations } = judge(historyWithDeletion({ scrapes: [scrape(72, [4, 2])] }));
  expect(violations).toMatchObject([{ kind: "never pushed", group: 0, shown: 4 }]);
});

test("judging a long history takes time in proportion to it", () => {
  const millis = (length: number) => {
    const history = longHistory(length);
    const start = performance.now();
    expect(judge(history).violations).toBeEmpty();
    return performance.now() - start;
  };
  // Eight times the length: 8 times the time when linear, 64 times when not. The best of three on a noisy machine.
  const best = (length: number) => Math.min(millis(length), millis(length), millis(length));
  expect(best(4_000)).toBeLessThan(25 * best(500));
});

test("reads in a scrape what was pushed, whatever else stands there", () => {
  const series = (group: number, value: number) =>
    pushBody(value).replaceAll("part=", `group="${group}",instance="",job="checker",part=`);
  const text = `${series(2, 7)}other{group="1"} 5\n${series(0, 3)}push_time_seconds{group="1"} 1.7e+09\n`;
  const reading = readScrape(text, 3);
  expect([...reading.seriesCounts]).toEqual([seriesPerGroup, 0, seriesPerGroup]);
  expect([...reading.lowest]).toEqual([3, 0, 7]);
  expect([...reading.highest]).toEqual([3, 0, 7]);
  expect(reading.admitsStale).toBeFalse();
  expect(readScrape("pushfleet_store_up 0\n", 3).admitsStale).toBeTrue();
  expect(readScrape("pushfleet_store_up 1\n", 3).admitsStale).toBeFalse();
  expect(groupPath(2)).toBe("/metrics/job/checker/group/2");
});

/** Group 0 gets 1 and then 3, group 1 gets 2; two targets see it all. Parts of it can be replaced. */
function soundHistory(parts: Partial<History> = {}): History {
  return {
    groups: 2,
    seriesPerGroup,
    pushes: [push(0, 1, 0), push(1, 2, 10), push(0, 3, 40)],
    scrapes: [
      scrape(1, [0, 0]),
      scrape(12, [1, 0], { target: "gateway-2" }),
      scrape(21, [1, 2]),
      scrape(44, [3, 2], { target: "gateway-2" }),
      scrape(52, [3, 2]),
    ],
    finalScrapes: [scrape(100, [3, 2])],
    ...parts,
  };
}

/** The same, and then group 0 is deleted. */
function historyWithDeletion(parts: Partial<History> = {}): History {
  const { pushes, scrapes } = soundHistory();
  return soundHistory({
    pushes: [...pushes, deletion(0, 4, 60)],
    scrapes: [...scrapes, scrape(72, [0, 2])],
    finalScrapes: [scrape(100, [0, 2])],
    ...parts,
  });
}

/** Takes 10 ms. */
function push(
  group: number,
  value: number,
  startedAt: number,
  outcome: Push["outcome"] = { kind: "acknowledged" },
): Push {
  return { group, value, isDeletion: false, startedAt, endedAt: startedAt + 10, outcome };
}

/** Takes 10 ms. */
function deletion(...of: Parameters<typeof push>): Push {
  return { ...push(...of), isDeletion: true };
}

interface Odd {
  readonly target?: string;
  readonly lowest?: readonly number[];
  readonly series?: readonly number[];
  readonly admitsStale?: boolean;
}

/** Takes 5 ms and shows one value for each group, 0 for none. */
function scrape(startedAt: number, values: readonly number[], odd: Odd = {}): Scrape {
  const reading: Reading = {
    admitsStale: odd.admitsStale ?? false,
    seriesCounts: Uint8Array.from(odd.series ?? values.map((value) => (value === 0 ? 0 : seriesPerGroup))),
    lowest: Float64Array.from(odd.lowest ?? values),
    highest: Float64Array.from(values),
  };
  const target = odd.target ?? "gateway-1";
  return { target, startedAt, endedAt: startedAt + 5, outcome: { kind: "read", reading } };
}

/** As many pushes and scrapes, in turns, of 100 groups; each third push is a deletion. */
function longHistory(length: number): History {
  const groups = 100;
  const values = new Array<number>(groups).fill(0);
  const pushes: Push[] = [];
  const scrapes: Scrape[] = [];
  for (let n = 0; n < length; n++) {
    const isDeletion = n % 3 === 0;
    values[n % groups] = isDeletion ? 0 : n + 1;
    pushes.push({ ...push(n % groups, n + 1, n * 20), isDeletion });
    scrapes.push(scrape(n * 20 + 12, values));
  }
  return { groups, seriesPerGroup, pushes, scrapes, finalScrapes: [scrape(length * 20, values)] };
}
