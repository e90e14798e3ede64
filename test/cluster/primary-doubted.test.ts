import { test } from "vitest";
import { startRedisCluster } from "../support/redis-cluster.ts";
import { replacedSoundly } from "./replaced-primary.ts";
import { rowTimeoutMs } from "./run.ts";

// Until the second replica is told of the new primary, it confirms what the old one takes, and all of that is lost.

test("primary cut off from the Sentinels alone, so that they replace it while a replica goes on to confirm what it takes: no push acknowledged that the new primary lacks", {
  timeout: rowTimeoutMs,
}, async () => {
  await using cluster = await startRedisCluster();
  await replacedSoundly(cluster, (old) => old.hideFromSentinels());
});

test("a failover that is asked for, with the primary at work: the same", {
  timeout: rowTimeoutMs,
}, async () => {
  await using cluster = await startRedisCluster();
  await replacedSoundly(cluster, () => cluster.failOver());
});
