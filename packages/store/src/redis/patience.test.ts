import { expect, test } from "vitest";
import { StoreUnavailable } from "../store.ts";
import { createPatience, type PatienceOptions } from "./patience.ts";

/** A store that is away until it is told to be back. */
function outage(options: Partial<PatienceOptions> = {}) {
  const state = { isAway: true, attempts: 0, probes: 0 };
  const patience = createPatience({
    timeoutMs: 60_000,
    maxBytes: 1_000_000,
    async probe() {
      state.probes++;
      if (state.isAway) throw new StoreUnavailable("away");
    },
    ...options,
  });
  const mutate = async () => {
    state.attempts++;
    if (state.isAway) throw new StoreUnavailable("away");
    return "done";
  };
  return { state, patience, mutate };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}

test("a mutation waits for the store to come back and is tried again then, not before", async () => {
  const { state, patience, mutate } = outage();
  const held = [1, 2, 3].map(() => patience.hold(100, mutate));
  await until(() => state.probes > 1);
  expect(state.attempts).toBe(3);
  state.isAway = false;
  expect(await Promise.all(held)).toEqual(["done", "done", "done"]);
  expect(state.attempts).toBe(6);
});

test("when its time is over, a mutation fails as it did", async () => {
  const { patience, mutate } = outage({ timeoutMs: 20 });
  await expect(patience.hold(100, mutate)).rejects.toThrow("away");
});

test("without time to wait it fails at once", async () => {
  const { state, patience, mutate } = outage({ timeoutMs: 0 });
  await expect(patience.hold(100, mutate)).rejects.toThrow(StoreUnavailable);
  expect(state.probes).toBe(0);
});

test("what waits is bounded: beyond that, mutations fail at once", async () => {
  const { state, patience, mutate } = outage({ maxBytes: 10_000 });
  const held = patience.hold(5_000, mutate);
  await until(() => state.probes > 0);
  await expect(patience.hold(5_000, mutate)).rejects.toThrow(StoreUnavailable);
  state.isAway = false;
  expect(await held).toBe("done");
});

test("errors that waiting does not mend are passed on", async () => {
  const { state, patience } = outage();
  const wrong = () => Promise.reject(new Error("wrong"));
  await expect(patience.hold(1, wrong)).rejects.toThrow("wrong");
  expect(state.probes).toBe(0);
});

test("stopping ends the waiting", async () => {
  const { state, patience, mutate } = outage();
  const held = patience.hold(1, mutate);
  await until(() => state.probes > 0);
  patience.stop();
  await expect(held).rejects.toThrow(StoreUnavailable);
});
