import { Readable } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import { Turns } from "./turns.ts";

const kibibyte = 1024;

test("streams that took what a turn has wait for the next, and go on in their order", async () => {
  const turns = new Turns(128 * kibibyte);
  const streams = [1, 2, 3].map(() => new Readable({ read() {} }).resume());
  for (const stream of streams) turns.take(stream, 100 * kibibyte);
  expect(streams.map((stream) => stream.isPaused())).toEqual([false, true, true]);
  await nextTurn();
  expect(streams.map((stream) => stream.isPaused())).toEqual([false, false, false]);
});

test("of many that wait, as many go on in a turn as it has room for, and all in the end", async () => {
  const turns = new Turns(128 * kibibyte);
  const streams = Array.from({ length: 5 }, () => new Readable({ read() {} }).resume());
  for (const stream of streams) turns.take(stream, 128 * kibibyte);
  expect(streams.every((stream) => stream.isPaused())).toBeTrue();
  const going: number[] = [];
  for (let turn = 0; turn < 3; turn++) {
    await nextTurn();
    going.push(streams.filter((stream) => !stream.isPaused()).length);
  }
  expect(going).toEqual([2, 4, 5]);
});
