import { expect, test } from "vitest";
import { doubtOf } from "./doubts.ts";

const sound = { flags: ["master"], quorum: 2 };
const cannotReach = { flags: ["master", "s_down"], quorum: 2 };

test.each([
  ["no Sentinel answers", [], undefined],
  ["all reach it", [sound, sound, sound], undefined],
  ["one alone cannot reach it", [sound, cannotReach, sound], undefined],
  [
    "as many as may replace it cannot reach it",
    [cannotReach, sound, cannotReach],
    "2 of the Sentinels cannot reach it",
  ],
  [
    "one alone may replace it and cannot reach it",
    [{ ...cannotReach, quorum: 1 }, sound],
    "1 of the Sentinels cannot reach it",
  ],
  [
    "one knows of enough others",
    [sound, { ...cannotReach, flags: ["master", "s_down", "o_down"] }],
    "the Sentinels call it down",
  ],
  [
    "one replaces it, and reaches it again",
    [sound, { ...sound, flags: ["master", "failover_in_progress"] }],
    "a Sentinel is replacing it",
  ],
] as const)("when %s: %j means %j", (_name, opinions, doubt) => {
  expect(doubtOf(opinions)).toBe(doubt);
});
