import { expect, test } from "vitest";
import { parseInfo, replicasOf, serverVersion } from "./info.ts";

const info = (...lines: readonly string[]) => parseInfo(lines.join("\r\n"));

test("replicas lag by what they have not acknowledged of the primary's stream", () => {
  const fields = info(
    "# Replication",
    "role:master",
    "connected_slaves:2",
    "min_slaves_good_slaves:2",
    "slave0:ip=10.0.0.2,port=6379,state=online,offset=4200,lag=1",
    "slave1:ip=fd00::3,port=6380,state=wait_bgsave,offset=0,lag=12",
    "master_repl_offset:4242",
  );
  expect(replicasOf(fields)).toEqual([
    { address: "10.0.0.2:6379", state: "online", lagBytes: 42, lagSeconds: 1 },
    { address: "[fd00::3]:6380", state: "wait_bgsave", lagBytes: 4242, lagSeconds: 12 },
  ]);
});

test("fields that a later server adds do not matter", () => {
  const fields = info(
    "slave0:ip=r,port=1,state=online,offset=5,lag=0,type=main-channel,x",
    "slave0_extra:1",
    "master_repl_offset:5",
  );
  expect(replicasOf(fields)).toEqual([{ address: "r:1", state: "online", lagBytes: 0, lagSeconds: 0 }]);
});

test("Valkey is called by its own name, whatever Redis it says it is", () => {
  expect(serverVersion(info("redis_version:7.2.4"))).toBe("7.2.4");
  expect(serverVersion(info("redis_version:7.2.4", "valkey_version:8.0.1"))).toBe("Valkey 8.0.1");
});
