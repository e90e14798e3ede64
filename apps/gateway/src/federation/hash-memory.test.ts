import { Digest } from "@pushfleet/federation";
import { StoreUnavailable } from "@pushfleet/store";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Hashes, HashMemory } from "./hash-memory.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const hashes = (): Hashes => ({ digest: new Digest(), hashes: new Map(), history: "h" });

test("who asks while they are being read shares them, and so does who asks soon after", async () => {
  const { promise, resolve } = Promise.withResolvers<Hashes>();
  const read = vi.fn(() => promise);
  const memory = new HashMemory(read);
  const asked = [memory.hashesFor("first"), memory.hashesFor("first")];
  resolve(hashes());
  const [first, second] = await Promise.all(asked);
  expect(second).toBe(first);
  await vi.advanceTimersByTimeAsync(4_999);
  expect(await memory.hashesFor("first")).toBe(first);
  expect(read).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(1);
  await memory.hashesFor("first");
  expect(read).toHaveBeenCalledTimes(2);
});

test("a comparison that goes on finds what it began with, until it has not asked for a while", async () => {
  const read = vi.fn(() => Promise.resolve(hashes()));
  const memory = new HashMemory(read);
  const first = await memory.hashesFor("first");
  for (let question = 0; question < 3; question++) {
    await vi.advanceTimersByTimeAsync(14_999);
    expect(await memory.hashesFor("next")).toBe(first);
  }
  await vi.advanceTimersByTimeAsync(15_000);
  expect(await memory.hashesFor("next")).not.toBe(first);
  expect(read).toHaveBeenCalledTimes(2);
});

test("a reading that fails is not remembered", async () => {
  const read = vi.fn(() => Promise.resolve(hashes())).mockRejectedValueOnce(new StoreUnavailable("gone"));
  const memory = new HashMemory(read);
  await expect(memory.hashesFor("first")).rejects.toThrow(StoreUnavailable);
  await memory.hashesFor("first");
  expect(read).toHaveBeenCalledTimes(2);
});
