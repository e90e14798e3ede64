import { expect, test } from "vitest";
import { RequestCounts } from "./request-counts.ts";

function atTime(ms: number) {
  const clock = { ms };
  return { clock, counts: new RequestCounts(() => clock.ms) };
}

test("nothing is told of an interval that has not ended", () => {
  const { clock, counts } = atTime(1_000_000_004_000);
  counts.countPush(200);
  clock.ms = 1_000_000_009_999;
  expect(counts.report()).toEqual({
    intervalMs: 10_000,
    ageMs: 9_999,
    pushes: [],
    refused: [],
    failed: [],
    scrapes: [],
  });
});

test("requests are counted in the interval they were answered in, by what became of them", () => {
  const { clock, counts } = atTime(1_000_000_004_000);
  for (const status of [200, 202, 400, 429, 500, 503, 503]) counts.countPush(status);
  clock.ms += 10_000;
  counts.countPush(200);
  counts.countScrape();
  clock.ms += 20_000;
  expect(counts.report()).toEqual({
    intervalMs: 10_000,
    ageMs: 4_000,
    pushes: [2, 1, 0],
    refused: [2, 0, 0],
    failed: [3, 0, 0],
    scrapes: [0, 1, 0],
  });
});

test("half an hour is kept", () => {
  const { clock, counts } = atTime(1_000_000_000_000);
  for (let i = 0; i < 400; i++) {
    for (let n = 0; n <= i % 7; n++) counts.countScrape();
    clock.ms += 10_000;
  }
  expect(counts.report().scrapes).toEqual(Array.from({ length: 180 }, (_, i) => ((220 + i) % 7) + 1));
});

test("what is older than half an hour is gone after a pause", () => {
  const { clock, counts } = atTime(1_000_000_000_000);
  for (let i = 0; i < 181; i++) {
    counts.countScrape();
    clock.ms += 10_000;
  }
  clock.ms += 1_790_000;
  expect(counts.report().scrapes).toEqual([1, ...Array.from({ length: 179 }, () => 0)]);
  clock.ms += 90_000_000;
  expect(counts.report().scrapes).toEqual(Array.from({ length: 180 }, () => 0));
});

test("a clock that is put back loses no count", () => {
  const { clock, counts } = atTime(1_000_000_000_000);
  clock.ms += 10_000;
  counts.countPush(200);
  clock.ms -= 3_600_000;
  counts.countPush(200);
  expect(counts.report()).toMatchObject({ pushes: [0], ageMs: 0 });
  clock.ms += 3_610_000;
  expect(counts.report()).toMatchObject({ pushes: [0, 2] });
});
