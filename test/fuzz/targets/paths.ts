import {
  createPathReader,
  formatGroupPath,
  type GroupPath,
  groupOf,
  loadMatcherParser,
  matchesAll,
  PathError,
  parseGroupPath,
} from "@pushfleet/groups";
import type { Request } from "express";
import { groupPathOf } from "../../../apps/gateway/src/routes/group-path.ts";
import { pathCases } from "../../conformance/cases/paths.ts";
import type { Chance } from "../../conformance/random.ts";
import { type Check, longestHead, requireSame, type Session, type Target } from "../target.ts";
import { tellingNames, tellingTexts } from "../words.ts";

const words = [
  "/metrics",
  "/job/",
  "/job@base64/",
  "@base64/",
  "/",
  "//",
  "/./",
  "/../",
  "?ttl=1m",
  "?",
  "#",
  "%2e%2e",
  "%c3%a4",
  "%C3",
  "%ed%a0%80",
  "/a@base64/",
  "YQ",
  "YQ==",
  "/=",
  "w6Q",
  "_-_",
  "+/",
  "U__a_2e_b",
  "U__a_d800_",
  "U__a_110000_",
  "U____",
] as const;

/** Request targets, to readers that remember the paths they have met. */
export const paths: Target = {
  name: "paths",
  refusals: [PathError],
  words: [...words, ...tellingNames, ...tellingTexts],
  longest: longestHead,
  sessionLength: 5_000,
  seeds: () => pathCases.flatMap(({ steps }) => steps.map(({ path }) => Buffer.from(path))),
  generate: randomPath,
  open: openSession,
};

async function openSession(): Promise<Session> {
  const schemes = ["utf8", "legacy"] as const;
  const [readUtf8, readLegacy] = schemes.map((names) => createPathReader({ names }));
  const parseMatchers = await loadMatcherParser();
  const compare = (path: string): void => {
    for (const [names, read] of [["utf8", readUtf8] as const, ["legacy", readLegacy] as const]) {
      const wanted = outcomeOf(() => {
        const labels = parseGroupPath(path, { names });
        return { labels, group: groupOf(labels) };
      });
      requireSame(
        outcomeOf(() => read?.(path)),
        wanted,
        `reading a path with a memory and without (${names})`,
      );
    }
  };
  return {
    take(input): Check {
      const path = pathOf(input);
      const read = readUtf8?.(path);
      return () => {
        compare(path);
        if (read === undefined) return;
        const { group } = read;
        const again = parseGroupPath(formatGroupPath(group.labels, { names: "utf8" }), { names: "utf8" });
        requireSame(groupOf(again).key, group.key, "a group and the one that its path names");
        const matchers = parseMatchers(group.key);
        const isMatched = matchers.length === group.labels.length && matchesAll(matchers, group.labels);
        requireSame(isMatched ? group.key : "", group.key, "a group's key and what it says as a selector");
      };
    },
    refused: (_error, input) => compare(pathOf(input)),
  };
}

/** As the gateway's route for groups has it. */
const routed = /^\/+metrics\/+job(?:@base64)?\//;

/** What that route cuts out of the request target; Node tells its bytes as characters. */
function pathOf(input: Buffer): string {
  const text = input.toString("latin1");
  const url = routed.test(text) ? text : `/metrics/job/${text}`;
  return groupPathOf({ url } as Request); // all that it looks at
}

function outcomeOf(read: () => GroupPath | undefined): string {
  try {
    const path = read();
    return JSON.stringify([path?.labels, path?.group]);
  } catch (error) {
    return String(error);
  }
}

function randomPath(chance: Chance): Buffer {
  const part = () => {
    const text = chance.pick([...tellingNames, ...tellingTexts, "a", "b", ""]);
    return chance.flip(0.8) ? encodeURIComponent(text.toWellFormed()) : text;
  };
  const labels = Array.from({ length: chance.int(0, 3) }, () => {
    const value = part();
    return chance.flip(0.3)
      ? `/${part()}@base64/${Buffer.from(value).toString(chance.pick(["base64", "base64url"]))}`
      : `/${part()}/${value}`;
  });
  return Buffer.from(`/metrics/job/${part()}${labels.join("")}`);
}
