import { expect, test } from "vitest";
import type { Cluster, Member } from "../api/types.ts";
import { clusterParts, clusterProblems } from "./cluster-health.ts";

const member = (kind: Member["kind"], name: string, health: Member["health"] = "up"): Member => ({
  id: name,
  kind,
  name,
  version: "1",
  started_at: "2026-01-01T00:00:00Z",
  seen_at: "2026-01-01T00:00:00Z",
  health,
});

const well: Cluster = {
  now: "2026-01-01T00:00:00Z",
  self: "g1",
  store: {
    kind: "redis",
    up: true,
    groups: 1,
    view_age_seconds: 0,
    redis: {
      version: "7",
      primary: "r1:6379",
      used_memory_bytes: 1,
      replicas: [{ address: "r2:6379", state: "online", lag_bytes: 14, lag_seconds: 1 }],
    },
  },
  members: [member("gateway", "g1"), member("gateway", "g2"), member("reaper", "e1")],
};

test("a cluster that is well has no problems", () => {
  expect(clusterProblems(well)).toEqual([]);
  expect(clusterParts(well)).toBe("2 gateways, 1 reaper, a Redis primary with 1 replica");
});

test("a single gateway with an embedded store needs neither reaper nor replicas", () => {
  const single: Cluster = {
    ...well,
    store: { kind: "file", up: true, groups: 1, view_age_seconds: 0 },
    members: [member("gateway", "g1")],
  };
  expect(clusterProblems(single)).toEqual([]);
  expect(clusterParts(single)).toBe("1 gateway");
});

test("a store that is away is the first thing to know", () => {
  const away: Cluster = { ...well, store: { ...well.store, up: false, view_age_seconds: 65, redis: null } };
  expect(clusterProblems(away)).toEqual([
    "The store does not answer: pushes wait or are refused.",
    "Scrapes show the state of 1m 5s ago.",
  ]);
});

test("members that are late are named, those that stop are not a problem", () => {
  const members = [
    member("gateway", "g1", "late"),
    member("gateway", "g2", "stopping"),
    member("reaper", "e1"),
  ];
  expect(clusterProblems({ ...well, members })).toEqual(["The gateway g1 has missed heartbeats."]);
});

test("Redis without a reaper fills up", () => {
  expect(clusterProblems({ ...well, members: [member("gateway", "g1")] })).toHaveLength(1);
});

test.each([
  [{ state: "wait_bgsave" }, "is wait_bgsave."],
  [{ lag_seconds: 11 }, "was not heard of for 11 s."],
  [{ lag_bytes: 2_500_000 }, "is 2.5 MB behind."],
])("a replica with %j is a problem", (change, text) => {
  const replica = { address: "r2:6379", state: "online", lag_bytes: 0, lag_seconds: 0, ...change };
  const redis = { version: "7", primary: "r1:6379", used_memory_bytes: 1, replicas: [replica] };
  expect(clusterProblems({ ...well, store: { ...well.store, redis } })).toEqual([
    `The Redis replica r2:6379 ${text}`,
  ]);
});

test.each([
  [{ active: false, up: null, lag_seconds: null }, "No federator sends changes to the region eu."],
  [{ active: true, up: false, lag_seconds: 61 }, "The region eu does not take what it is sent."],
  [{ active: true, up: true, lag_seconds: 61 }, "The region eu is 1m 1s behind."],
])("a region with %j is a problem", (peer, text) => {
  const federator = { ...member("federator", "f1"), peers: [{ id: "eu", ...peer }] };
  const cluster: Cluster = { ...well, region: "us", members: [...well.members, federator] };
  expect(clusterProblems(cluster)).toEqual([text]);
  expect(clusterParts(cluster)).toBe("2 gateways, 1 federator, 1 reaper, a Redis primary with 1 replica");
});

test("regions that keep up are no problem", () => {
  const peers = [{ id: "eu", active: true, up: true, lag_seconds: 0.4 }];
  const members = [...well.members, { ...member("federator", "f1"), peers }];
  expect(clusterProblems({ ...well, region: "us", members })).toEqual([]);
});
