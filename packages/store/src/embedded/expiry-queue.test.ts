import { expect, test } from "vitest";
import { seededRandom } from "../contract/model.ts";
import { ExpiryQueue } from "./expiry-queue.ts";

test("gives nothing before its time", () => {
  const queue = new ExpiryQueue<string>();
  expect(queue.firstExpired(Number.POSITIVE_INFINITY)).toBeUndefined();
  queue.set("a", 10);
  expect(queue.firstExpired(9)).toBeUndefined();
  expect(queue.firstExpired(10)).toBe("a");
  queue.delete("a");
  queue.delete("a");
  expect(queue.firstExpired(10)).toBeUndefined();
});

test("keeps the order of a sorted list under random changes", () => {
  const random = seededRandom(7);
  const queue = new ExpiryQueue<number>();
  const times = new Map<number, number>();
  for (let step = 0; step < 5_000; step++) {
    const item = Math.floor(random() * 200);
    if (random() < 0.4) {
      queue.delete(item);
      times.delete(item);
    } else {
      const expiresAt = Math.floor(random() * 1_000_000);
      queue.set(item, expiresAt);
      times.set(item, expiresAt);
    }
    const soonest = Math.min(...times.values());
    const first = queue.firstExpired(1_000_000);
    expect(first === undefined ? Number.POSITIVE_INFINITY : times.get(first)).toBe(soonest);
  }
});
