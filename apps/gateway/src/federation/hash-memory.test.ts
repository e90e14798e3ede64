import { Digest } from "@pushfleet/federation";
import { StoreUnavailable } from "@pushfleet/store";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Hashes, HashMemory } from "./hash-memory.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const hashes = (): Hashes => ({ digest: new Digest(), hashes: new Map() });

test("who asks while they are being read shares them, and so does who asks soon after", async () => {
  const { promise, resolve } = Promise.withResolvers<Hashes>();
  const read = vi.fn(() => promise);
  const memory = new HashMemory(read, 5_000);
  const asked = [memory.current(), memory.current()];
  resolve(hashes());
  const [first, second] = await Promise.all(asked);
  expect(second).toBe(first);
  await vi.advanceTimersByTimeAsync(4_999);
  expect(await memory.current()).toBe(first);
  expect(read).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(1);
  await memory.current();
  expect(read).toHaveBeenCalledTimes(2);
});

test("a reading that fails is not remembered", async () => {
  const read = vi.fn(() => Promise.resolve(hashes())).mockRejectedValueOnce(new StoreUnavailable("gone"));
  const memory = new HashMemory(read, 5_000);
  await expect(memory.current()).rejects.toThrow(StoreUnavailable);
  await memory.current();
  expect(read).toHaveBeenCalledTimes(2);
});
