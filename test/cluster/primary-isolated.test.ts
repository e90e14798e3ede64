import { expect, test } from "vitest";
import { startRedisCluster } from "../support/redis-cluster.ts";
import { replacedSoundly } from "./replaced-primary.ts";
import { rowTimeoutMs } from "./run.ts";

test("primary cut off from its replicas and Sentinels while gateways still reach it: no push acknowledged that the new primary lacks; no scrape through that primary passes off an old view as fresh", {
  timeout: rowTimeoutMs,
}, async () => {
  await using cluster = await startRedisCluster();
  await replacedSoundly(cluster, async (old) => {
    old.isolate();
    await cluster.replacementOf(old);
    expect(await old.command("ping")).toBe("PONG");
  });
});
