import { setImmediate as nextTurn } from "node:timers/promises";
import { StoreUnavailable } from "@pushfleet/store";
import { expect, test } from "vitest";
import { inTime } from "./in-time.ts";

const never = () => new Promise<never>(() => {});

/** As reading a long page does. */
function beBusy(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

test("an answer that comes is passed on, and so is a failure", async () => {
  expect(await inTime(Promise.resolve(7), 1_000)).toBe(7);
  await expect(inTime(Promise.reject(new Error("no")), 1_000)).rejects.toThrow("no");
});

test("silence ends the waiting", async () => {
  await expect(inTime(never(), 20)).rejects.toThrow(StoreUnavailable);
});

test("a store that goes on answering is waited for, however long it takes", async () => {
  let heardAt = 0;
  const pages = async () => {
    for (let page = 0; page < 20; page++) {
      beBusy(10);
      heardAt = performance.now();
      await nextTurn();
    }
    return "all";
  };
  expect(await inTime(pages(), 40, () => heardAt)).toBe("all");
});

test("what this process takes to read an answer that has come is not the store's silence", async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const answered = inTime(promise, 20);
  setTimeout(() => {
    setImmediate(() => resolve("read"));
    beBusy(60);
  }, 1);
  expect(await answered).toBe("read");
});
