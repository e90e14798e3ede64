import { expect, test } from "vitest";
import { parseRedisUrl, problemOf } from "./connect.ts";

test("a Redis URL is taken apart", () => {
  expect(parseRedisUrl("redis://cache")).toEqual({
    address: "cache:6379",
    endpoint: { host: "cache", port: 6379, db: 0 },
  });
  expect(parseRedisUrl("rediss://us%3Aer:p%40ss@cache.example.com:6380/3")).toEqual({
    address: "cache.example.com:6380",
    endpoint: {
      host: "cache.example.com",
      port: 6380,
      db: 3,
      username: "us:er",
      password: "p@ss",
      tls: { servername: "cache.example.com" },
    },
  });
  expect(parseRedisUrl("redis://:only-a-password@[::1]:6379/").endpoint).toEqual({
    host: "::1",
    port: 6379,
    db: 0,
    password: "only-a-password",
  });
});

test.each(["", "cache:6379", "http://cache", "redis://", "redis://:secret@cache/zero"])(
  "%j is no Redis URL, and the message keeps secrets",
  (text) => {
    expect(() => parseRedisUrl(text)).toThrow(TypeError);
    expect(() => parseRedisUrl(text)).not.toThrow(/secret/);
  },
);

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
