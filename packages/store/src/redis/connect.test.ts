import { expect, test } from "vitest";
import { problemOf } from "./connect.ts";

test.each([
  ["redis_version:7.0.15", undefined],
  ["redis_version:8.2.0\r\nmaxmemory_policy:noeviction", undefined],
  ["redis_version:7.2.4\r\nvalkey_version:7.2.5\r\nmaxmemory_policy:volatile-lru", undefined],
  ["redis_version:6.2.14", "it is Redis 6.2.14, and Redis 7.0 or Valkey 7.2 or later is needed"],
  ["", "it is Redis of unknown version, and Redis 7.0 or Valkey 7.2 or later is needed"],
  [
    "redis_version:7.0.0\r\nmaxmemory_policy:allkeys-lfu",
    "its maxmemory-policy allkeys-lfu would drop pushed metrics, set it to noeviction",
  ],
])("a server with %j has the problem %j", (info, problem) => {
  expect(problemOf(info)).toBe(problem);
});
