import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { StoreUnavailable } from "../store.ts";
import { type Cluster, createLocalCluster, type GatewayReport, heartbeatMs } from "./cluster.ts";
import { startHeartbeat } from "./heartbeat.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const report: GatewayReport = {
  kind: "gateway",
  id: "a",
  name: "host:1",
  version: "1",
  uptimeMs: 1,
  isStopping: false,
  rates: { intervalMs: 10_000, ageMs: 0, pushes: [], refused: [], failed: [], scrapes: [] },
};

/** Writes down what it is told; `answer` says what becomes of a beat. */
function clusterThat(answer: () => Promise<void>) {
  const told: string[] = [];
  const cluster: Cluster = {
    ...createLocalCluster(),
    beat: ({ isStopping }) => {
      told.push(isStopping ? "stopping" : "beat");
      return answer();
    },
    leave: (id) => {
      told.push(`leave ${id}`);
      return Promise.reject(new StoreUnavailable("gone"));
    },
  };
  return { cluster, told };
}

test("it beats at once and then at intervals, through outages, and says goodbye", async () => {
  const { cluster, told } = clusterThat(() => Promise.reject(new StoreUnavailable("gone")));
  const heartbeat = startHeartbeat(cluster, () => report);
  await vi.advanceTimersByTimeAsync(2 * heartbeatMs);
  expect(told).toEqual(["beat", "beat", "beat"]);
  await heartbeat.stop();
  await vi.advanceTimersByTimeAsync(2 * heartbeatMs);
  expect(told.slice(3)).toEqual(["leave a"]);
});

test("what changes is told with the next beat, of which one waits while another is under way", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { cluster, told } = clusterThat(() => promise);
  let isStopping = false;
  const heartbeat = startHeartbeat(cluster, () => ({ ...report, isStopping }));
  await vi.advanceTimersByTimeAsync(10 * heartbeatMs);
  isStopping = true;
  heartbeat.beatNow();
  expect(told).toEqual(["beat"]);
  resolve();
  await heartbeat.stop();
  expect(told).toEqual(["beat", "stopping", "leave a"]);
});
