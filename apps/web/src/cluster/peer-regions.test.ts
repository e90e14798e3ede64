import { expect, test } from "vitest";
import type { Member, Peer } from "../api/types.ts";
import { peerRegions } from "./peer-regions.ts";

const federator = (name: string, peers: readonly Peer[], health: Member["health"] = "up"): Member => ({
  id: name,
  kind: "federator",
  name,
  version: "1",
  started_at: "2026-01-01T00:00:00Z",
  seen_at: "2026-01-01T00:00:00Z",
  health,
  peers,
});
const passive = (id: string): Peer => ({ id, active: false, up: null, lag_seconds: null });

test("of several federators the active one of each region counts, wherever it stands", () => {
  const f1 = federator("f1", [passive("ap"), { id: "eu", active: true, up: true, lag_seconds: 0.2 }]);
  const f2 = federator("f2", [{ id: "ap", active: true, up: false, lag_seconds: 9 }, passive("eu")]);
  const expected = [
    { id: "ap", link: "down", lagSeconds: 9, federator: "f2" },
    { id: "eu", link: "up", lagSeconds: 0.2, federator: "f1" },
  ];
  expect(peerRegions({ members: [f1, f2] })).toEqual(expected);
  expect(peerRegions({ members: [f2, f1] })).toEqual(expected);
});

test("what a federator that has not been heard of said of its links is not known any more", () => {
  const late = federator("f1", [{ id: "eu", active: true, up: true, lag_seconds: 0 }], "late");
  const lost = [{ id: "eu", link: "unknown", lagSeconds: null, federator: null }];
  expect(peerRegions({ members: [late] })).toEqual(lost);
  const next = federator("f2", [{ id: "eu", active: true, up: null, lag_seconds: null }]);
  expect(peerRegions({ members: [next, late] })).toEqual([{ ...lost[0], federator: "f2" }]);
});
