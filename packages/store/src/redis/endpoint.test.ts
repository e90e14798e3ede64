import { expect, test } from "vitest";
import { endpointText, redisClientOptions, sentinelClientOptions } from "./endpoint.ts";

test("a Redis URL is taken apart", () => {
  expect(endpointText({ url: "redis://cache" })).toBe("cache:6379");
  expect(redisClientOptions({ url: "redis://cache" })).toEqual({
    host: "cache",
    port: 6379,
    db: 0,
    disableClientInfo: true,
  });
  const url = "rediss://us%3Aer:p%40ss@cache.example.com:6380/3";
  expect(endpointText({ url })).toBe("cache.example.com:6380");
  expect(redisClientOptions({ url })).toEqual({
    host: "cache.example.com",
    port: 6380,
    db: 3,
    disableClientInfo: true,
    username: "us:er",
    password: "p@ss",
    tls: { servername: "cache.example.com" },
  });
  expect(redisClientOptions({ url: "redis://:only-a-password@[::1]:6379/" })).toEqual({
    host: "::1",
    port: 6379,
    db: 0,
    disableClientInfo: true,
    password: "only-a-password",
  });
});

test.each([
  "",
  "cache:6379",
  "http://cache",
  "redis://",
  "redis://:secret@cache/zero",
  "redis://user:1/secret@cache",
  "redis://:%secret@cache",
  "redis://cache?password=secret",
  "redis://user#secret@cache",
])("%j is no Redis URL, and the message keeps secrets", (url) => {
  expect(() => redisClientOptions({ url })).toThrow(TypeError);
  expect(() => redisClientOptions({ url })).not.toThrow(/secret/);
});

test("TLS is told the server's name, and never an address in its place", () => {
  expect(redisClientOptions({ url: "rediss://cache" }).tls).toEqual({ servername: "cache" });
  expect(redisClientOptions({ url: "rediss://127.0.0.1" }).tls).toEqual({});
  expect(redisClientOptions({ url: "rediss://[::1]" }).tls).toEqual({});
});

test("own authorities and a client certificate are added to what the URL says", () => {
  const tls = { ca: "CA", cert: "", key: "" };
  expect(redisClientOptions({ url: "rediss://cache", tls })).toMatchObject({
    tls: { servername: "cache", ca: "CA" },
  });
});

test("with Sentinels the primary is asked for by its name, and secrets stay out of messages", () => {
  const endpoint = {
    sentinels: [
      { host: "s1", port: 26379 },
      { host: "s2", port: 26380 },
    ],
    masterName: "pushfleet",
    password: "secret",
    sentinelPassword: "another secret",
    database: 2,
    tls: { ca: "CA", cert: "", key: "" },
  };
  expect(endpointText(endpoint)).toBe("pushfleet (by Sentinels s1:26379, s2:26380)");
  expect(redisClientOptions(endpoint)).toMatchObject({
    sentinels: endpoint.sentinels,
    name: "pushfleet",
    role: "master",
    db: 2,
    password: "secret",
    enableTLSForSentinelMode: true,
    sentinelPassword: "another secret",
    tls: { ca: "CA" },
    sentinelTLS: { ca: "CA" },
  });
  const common = { password: "another secret", tls: { ca: "CA" }, disableClientInfo: true };
  expect(sentinelClientOptions(endpoint)).toEqual([
    { host: "s1", port: 26379, ...common },
    { host: "s2", port: 26380, ...common },
  ]);
});
