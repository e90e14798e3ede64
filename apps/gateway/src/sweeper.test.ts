import { groupOf } from "@pushfleet/groups";
import { createLogger, createTelemetry } from "@pushfleet/runtime";
import { createEmbeddedStore, StoreUnavailable } from "@pushfleet/store";
import { expect, test, vi } from "vitest";
import { startSweeper } from "./sweeper.ts";

const timeout = 10_000;

function logLines() {
  const lines: string[] = [];
  const log = createLogger({ level: "info", format: "logfmt", sink: { write: (line) => lines.push(line) } });
  return { log, lines };
}

function newTelemetry() {
  return createTelemetry({ version: "1", revision: "r", branch: "b" });
}

/** A store with its clock set by hand, and five groups that expire after 10 ms on it. */
async function storeToSweep() {
  const clock = { micros: 1_700_000_000_000_000 };
  const store = await createEmbeddedStore({ now: () => clock.micros });
  for (const job of ["a", "b", "c", "d", "e"]) {
    await store.push(groupOf([["job", job]]), [], { mode: "replace", ttlMs: 10 });
  }
  await store.push(groupOf([["job", "kept"]]), [], { mode: "replace" });
  return { store, clock };
}

test("what has expired is removed and counted, however many batches it takes, and nothing else", async () => {
  const { store, clock } = await storeToSweep();
  const { cursor } = await store.changes(null, 100);
  const { log, lines } = logLines();
  const telemetry = newTelemetry();
  const sweeper = startSweeper({ store, log, telemetry, everyMs: 1, batch: 2 });
  const counted = async () => /^pushfleet_groups_expired_total (.*)$/m.exec(await telemetry.expose())?.[1];
  const removals = async () => (await store.changes(cursor, 100)).removals.length;
  expect(await removals()).toBe(0);
  expect(await counted()).toBe("0");
  clock.micros += 10_000;
  await vi.waitFor(async () => expect(await removals()).toBe(5), { timeout });
  await vi.waitFor(async () => expect(await counted()).toBe("5"), { timeout });
  await sweeper.stop();
  expect((await store.changes(null, 100)).upserts).toHaveLength(1);
  expect(lines).toEqual([]);
  await store.close();
});

test("a failing store is logged once, until it works again", async () => {
  const { store, clock } = await storeToSweep();
  const { log, lines } = logLines();
  let attempts = 0;
  let isBroken = true;
  const expire = async (limit: number) => {
    attempts++;
    if (isBroken) throw new StoreUnavailable("the disk is full");
    return store.expire(limit);
  };
  const sweeper = startSweeper({ store: { expire }, log, telemetry: newTelemetry(), everyMs: 1 });
  await vi.waitFor(() => expect(attempts).toBeGreaterThan(5), { timeout });
  expect(lines).toHaveLength(1);
  expect(lines[0]).toInclude("the disk is full");
  isBroken = false;
  clock.micros += 10_000;
  await vi.waitFor(() => expect(lines).toHaveLength(2), { timeout });
  expect(lines[1]).toInclude("removed again");
  await sweeper.stop();
  await store.close();
});

test("a stop waits for the sweep that runs, and no other begins", async () => {
  const { log } = logLines();
  const running = Promise.withResolvers<number>();
  const begun = Promise.withResolvers<void>();
  let calls = 0;
  const expire = () => {
    calls++;
    begun.resolve();
    return running.promise;
  };
  const sweeper = startSweeper({ store: { expire }, log, telemetry: newTelemetry(), everyMs: 1, batch: 2 });
  await begun.promise;
  let hasStopped = false;
  const stopped = sweeper.stop().then(() => {
    hasStopped = true;
  });
  await new Promise(setImmediate);
  expect(hasStopped).toBeFalse();
  running.resolve(2);
  await stopped;
  expect(calls).toBe(1);
});
