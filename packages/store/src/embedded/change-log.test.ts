import { expect, test } from "vitest";
import { ChangeLog } from "./change-log.ts";

test("gives the entries after a change, in order, without those taken back", () => {
  const log = new ChangeLog<string>();
  log.append(1, "a");
  log.append(2, "b");
  log.append(5, "c");
  log.remove(2);
  expect([...log.after(0)]).toEqual(["a", "c"]);
  expect([...log.after(1)]).toEqual(["c"]);
  expect([...log.after(5)]).toEqual([]);
});

test("taking back what is not there, or twice, does nothing", () => {
  const log = new ChangeLog<string>();
  log.append(3, "a");
  log.remove(2);
  log.remove(4);
  expect([...log.after(0)]).toEqual(["a"]);
  log.remove(3);
  log.remove(3);
  expect([...log.after(0)]).toEqual([]);
});

test("stays right while it closes up, again and again", () => {
  const log = new ChangeLog<number>();
  const newest = new Map<number, number>();
  for (let change = 1; change <= 50_000; change++) {
    const entry = (change * 7919) % 100;
    const before = newest.get(entry);
    if (before !== undefined) log.remove(before);
    newest.set(entry, change);
    log.append(change, entry);
  }
  const expected = [...newest].sort(([, x], [, y]) => x - y).map(([entry]) => entry);
  expect([...log.after(0)]).toEqual(expected);
  expect([...log.after(49_990)]).toEqual(expected.slice(-10));
});
