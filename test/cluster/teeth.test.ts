import { expect, test } from "vitest";
import { startRedisCluster } from "../support/redis-cluster.ts";
import { judge } from "./checker/judge.ts";
import { startLoad } from "./checker/load.ts";
import { startFleet } from "./fleet.ts";
import { clusterFlags, rowTimeoutMs, tellLogsOnFailure, untilAcknowledged } from "./run.ts";

// The rows show what the checker does not find. This shows that it would: the fault of one of them, without what guards
// against it.

test("with --redis.acks=0 an isolated primary loses acknowledged pushes, and the checker tells", {
  timeout: rowTimeoutMs,
}, async () => {
  await using cluster = await startRedisCluster();
  await using fleet = await startFleet({ flags: [...clusterFlags(cluster), "--redis.acks=0"] });
  await using load = startLoad({ pushUrl: fleet.balancer.url, targets: fleet.targets });
  await using _logs = tellLogsOnFailure(cluster.logs, fleet.logs);
  await untilAcknowledged(load, 500);
  const old = await cluster.primary();
  old.isolate();
  await cluster.replacementOf(old);
  await untilAcknowledged(load, 200);
  const history = await load.stop();
  const kinds = new Set(judge(history).violations.map(({ kind }) => kind));
  expect([...kinds]).toIncludeAllMembers(["stale", "lost"]);
});
